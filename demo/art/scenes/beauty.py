"""Hair and beauty, six motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import still_life
from demo.art.canvas import Canvas
from demo.art.objects import beauty, tableware
from demo.art.palette import CHARCOAL, CREAM, LEAF, SUN, WHITE, Scheme, lit, rgb, shaded


def scissors(c: Canvas, s: Scheme, rng: Random) -> None:
    """Shears and comb before a round mirror, a dryer to the side."""
    still_life(c, s, rng, shapes=(1, 2, 3))
    with c.at(-128, 196, 1.32):
        beauty.mirror(c, s.accents[3])
    with c.at(70, 92, 1.1, rng.uniform(18, 30)):
        beauty.scissors(c, s.accents[0])
    with c.at(246, 160, 0.92):
        beauty.hair_dryer(c, s.accents[1])
    with c.at(-30, 238, 1.1, -5):
        beauty.comb(c, s.accents[0])


def hair_dye(c: Canvas, s: Scheme, rng: Random) -> None:
    """Colour in a bowl, tubes, and the locks it made."""
    still_life(c, s, rng)
    tones = [
        rgb("#8a4b32"),
        rgb("#d68a4e"),
        rgb("#34486e"),
        rgb("#a03c5a"),
        rgb("#d98aa0"),
        rgb("#4c7a78"),
    ]
    rng.shuffle(tones)
    c.line([(-330, -214), (-96, -214)], 13, s.accents[3])
    for x in (-330, -96):
        c.ellipse(x, -214, 15, 15, s.accents[3])
    for index, x in enumerate((-282, -214, -146)):
        with c.at(x, -192, 0.98 - index * 0.05):
            c.rect(-34, -36, 34, 8, SUN, radius=8)
            beauty.hair_lock(c, tones[index])
    with c.at(20, 216, 1.5):
        beauty.dye_bowl(c, tones[0], WHITE)
    with c.at(236, 196, 1.15):
        beauty.tube(c, tones[1], CHARCOAL)
    with c.at(-186, 232, 0.9):
        beauty.jar(c, WHITE, tones[2])


def nail_polish(c: Canvas, s: Scheme, rng: Random) -> None:
    """A manicured hand and a row of little bottles."""
    still_life(c, s, rng)
    tones = [
        rgb("#d94f5c"),
        rgb("#f2a48f"),
        rgb("#7a5ba6"),
        rgb("#4f8f94"),
        rgb("#f3c350"),
        rgb("#b8436f"),
    ]
    rng.shuffle(tones)
    for index, x in enumerate((-40, 64, 168, 272)):
        with c.at(x, 128 + (index % 2) * 12, 1.2):
            beauty.polish(c, tones[index], rng.choice((CHARCOAL, CREAM)))
    with c.at(-150, 216, 1.12, rng.uniform(-8, -3)):
        beauty.hand(c, rgb("#f1c3a0"), tones[0])
    with c.at(-276, 118, 1.0):
        beauty.orchid(c, WHITE, s.accents[0])


def makeup(c: Canvas, s: Scheme, rng: Random) -> None:
    """An open palette, brushes in a cup, a lipstick."""
    still_life(c, s, rng)
    with c.at(-150, 180, 1.1):
        for angle, tip, width in (
            (-16, s.accents[1], 44),
            (2, rgb("#5a3b33"), 36),
            (18, s.accents[0], 52),
        ):
            with c.at(0, -70, 1, angle):
                beauty.brush(c, CHARCOAL, tip, width=width)
        c.shadow(2, 2, 66, 16)
        c.rect(-60, -120, 60, 0, s.accents[2], radius=10)
        c.rect(-60, -86, 60, -70, s.accents[1], shade=0)
    with c.at(96, 194, 1.32):
        beauty.compact(
            c, s.accents[0], (rgb("#f4c9a8"), rgb("#e48a76"), rgb("#b9566a"), rgb("#7a4b52"))
        )
    with c.at(-262, 216, 1.1):
        beauty.lipstick(c, rgb("#c9324a"))
    with c.at(-30, 248, 0.9):
        beauty.lipstick(c, rgb("#e2725b"), s.accents[3])


def spa(c: Canvas, s: Scheme, rng: Random) -> None:
    """Stones, candles, towels and an orchid."""
    still_life(c, s, rng, shapes=(0, 1, 3))
    with c.at(-196, 178, 1.2):
        beauty.towels(c, (s.accents[2], s.accents[1], s.accents[2]))
    with c.at(-196, 36, 1.05):
        beauty.towel_roll(c, s.accents[0])
    with c.at(20, 214, 1.3):
        beauty.stones(c)
    with c.at(160, 190, 1.15):
        beauty.candle(c, CREAM, 110)
    with c.at(226, 226, 1.1):
        beauty.candle(c, s.accents[1], 62)
    with c.at(270, 140, 1.2, flip=True):
        beauty.orchid(c, rng.choice((WHITE, rgb("#f2b6c6"))), s.accents[3])


def lotion(c: Canvas, s: Scheme, rng: Random) -> None:
    """Bottles and jars on a tray with leaves."""
    still_life(c, s, rng)
    for x, angle, tone in (
        (-214, -38, LEAF),
        (-196, -12, lit(LEAF, 0.2)),
        (222, 30, LEAF),
        (204, 6, shaded(LEAF, 0.1)),
    ):
        with c.at(x, 150, 1.9, angle):
            beauty.bathtub_leaf(c, 0, tone)
    c.shadow(0, 222, 300, 34)
    c.ellipse(0, 212, 296, 44, shaded(s.accents[2], 0.2), shade=0)
    c.ellipse(0, 206, 296, 44, s.accents[2], shade=0.4)
    with c.at(-84, 196, 1.36):
        beauty.pump_bottle(c, s.accents[0], CREAM, height=160)
    with c.at(50, 208, 1.3):
        beauty.pump_bottle(c, s.accents[1], CREAM, height=104, rx=44)
    with c.at(172, 212, 1.2):
        beauty.jar(c, WHITE, s.accents[3])
    with c.at(-200, 220, 0.9):
        beauty.jar(c, s.accents[1], CREAM)
    if rng.random() < 0.5:
        with c.at(-290, 252, 0.8):
            tableware.napkin(c, s.accents[2], 150, s.accents[1])


MOTIFS = {
    "scissors": scissors,
    "hair-dye": hair_dye,
    "nail-polish": nail_polish,
    "makeup": makeup,
    "spa": spa,
    "lotion": lotion,
}
