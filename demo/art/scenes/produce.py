"""Fresh produce, eight motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import still_life
from demo.art.canvas import Canvas
from demo.art.objects import food, produce, tableware
from demo.art.palette import CREAM, LEAF, TOMATO, WHITE, Scheme, lit, rgb, shaded

_KRAFT = rgb("#d6a86a")


def strawberries(c: Canvas, s: Scheme, rng: Random) -> None:
    """A punnet of strawberries, a few in front."""
    still_life(c, s, rng)
    c.shadow(0, 210, 220, 30)
    for row in range(3):
        for column in range(6 - row):
            x, y = -160 + row * 30 + column * 64, 108 - row * 44
            produce.strawberry(c, x + rng.uniform(-6, 6), y, 44, rng.uniform(-24, 24))
    with c.at(0, 214, 1.55):
        produce.punnet(c, _KRAFT, 256)
    for x, y in ((-282, 216), (268, 224), (-222, 232)):
        c.shadow(x, y + 34, 34, 8)
        produce.strawberry(c, x, y, 38, rng.uniform(-28, 28))


def blueberries(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two punnets of blueberries."""
    still_life(c, s, rng)
    for left, ground_y, size in ((150, 176, 1.0), (-80, 214, 1.35)):
        c.shadow(left, ground_y, 150 * size, 22)
        for row in range(4):
            for column in range(8 - row):
                x = left + (-118 + row * 17 + column * 34) * size
                produce.blueberry(
                    c, x + rng.uniform(-4, 4), ground_y + (-78 - row * 24) * size, 24 * size
                )
        with c.at(left, ground_y, size):
            produce.punnet(c, _KRAFT, 280)
    for x, y in ((170, 236), (216, 246), (282, 226), (-310, 240)):
        c.shadow(x, y + 22, 24, 6)
        produce.blueberry(c, x, y, 26)


def greens(c: Canvas, s: Scheme, rng: Random) -> None:
    """A crate of vegetables, leaves over the edge."""
    still_life(c, s, rng)
    with c.at(0, 232, 1.22):
        produce.crate_back(c)
    produce.corn(c, -60, 10, 1.15, -8)
    produce.leafy(c, -186, 124, 1.18, LEAF, -10)
    produce.carrot(c, 28, 40, 1.2, 170)
    produce.carrot(c, 76, 52, 1.15, 190)
    produce.leafy(c, 206, 124, 1.22, shaded(LEAF, 0.08), 10)
    produce.aubergine(c, 126, 40, 1.1, 160)
    produce.cabbage(c, -100, 86, 0.95, lit(LEAF, 0.15))
    produce.tomato(c, 20, 106, 52)
    produce.tomato(c, 110, 112, 46, rgb("#f2a03c"))
    with c.at(0, 232, 1.22):
        produce.crate_front(c, label=rng.choice((s.accents[0], s.accents[3])))


def tomatoes(c: Canvas, s: Scheme, rng: Random) -> None:
    """A bowl of tomatoes in three colours, a truss beside it."""
    still_life(c, s, rng)
    tones = (TOMATO, rgb("#f2a03c"), rgb("#c9352f"), rgb("#e9c446"))
    with c.at(-40, 206, 1.62):
        tableware.bowl(
            c, s.accents[3], 138, 84, band=s.accents[1], inside=shaded(s.accents[3], 0.3)
        )
    for x, y, size in ((-130, 40, 60), (-40, 20, 64), (50, 40, 60), (-92, 66, 62), (8, 68, 62)):
        produce.tomato(c, x, y, size, rng.choice(tones))
    rim = [
        (-40 + 220 * x, 70 + 48 * y)
        for x, y in ((-1.0, 0), (-0.8, 0.6), (0, 1), (0.8, 0.6), (1.0, 0))
    ]
    c.line(rim, 9, lit(s.accents[3], 0.4), curve=True)
    with c.at(190, 236, 0.78, -6):
        produce.vine(c, (TOMATO, rgb("#e9c446"), TOMATO))


def oranges(c: Canvas, s: Scheme, rng: Random) -> None:
    """A crate heaped with oranges, one cut open."""
    still_life(c, s, rng)
    with c.at(-10, 226, 1.2):
        produce.crate_back(c)
    for row in range(3):
        for column in range(6 - row):
            x = -208 + row * 38 + column * 78
            produce.orange(
                c,
                x,
                92 - row * 58,
                50,
                lit(produce.ORANGE, 0.12) if (row + column) % 3 == 0 else produce.ORANGE,
                leaf=rng.random() < 0.55,
            )
    with c.at(-10, 226, 1.2):
        produce.crate_front(c, label=s.accents[0])
    c.shadow(230, 258, 90, 14)
    produce.orange_half(c, 214, 214, 56)
    produce.orange(c, 296, 230, 44)


def melon(c: Canvas, s: Scheme, rng: Random) -> None:
    """A netted melon and wedges."""
    still_life(c, s, rng)
    with c.at(-90, 200, 1.42):
        produce.melon(c)
    with c.at(136, 206, 1.2, rng.uniform(-10, -2)):
        produce.melon_wedge(c)
    with c.at(206, 250, 1.05, rng.uniform(2, 10)):
        produce.melon_wedge(c)


def watermelon(c: Canvas, s: Scheme, rng: Random) -> None:
    """Half a watermelon with a spoon in it."""
    still_life(c, s, rng)
    with c.at(-20, 216, 1.5):
        produce.watermelon_half(c)
    with c.at(30, 80, 1.2):
        produce.wooden_spoon(c)
    with c.at(252, 240, 0.9, rng.uniform(4, 14)):
        produce.melon_wedge(c, rgb("#ee4f55"), rgb("#4f9a55"), seeds=True)


def eggs(c: Canvas, s: Scheme, rng: Random) -> None:
    """A tray of eggs on straw; one has rolled out."""
    still_life(c, s, rng)
    shells = rng.choice(
        (
            (produce.SHELL, rgb("#f6e2c8")),
            (rgb("#c9dedb"), rgb("#e6efe6")),
            (rgb("#d9a679"), produce.SHELL),
        )
    )
    for _ in range(26):
        x = rng.uniform(-330, 330)
        c.line(
            [(x, 230), (x + rng.uniform(-60, 60), 226 + rng.uniform(-10, 26))], 6, rgb("#e6c778")
        )
    with c.at(-10, 150, 1.24):
        produce.egg_tray(c, lit(_KRAFT, 0.15), shells)
    with c.at(-10, 216, 1.38):
        produce.egg_tray(c, _KRAFT, shells)
    c.shadow(296, 262, 44, 10)
    produce.egg(c, 296, 238, 38, shells[0], 74)


def rice(c: Canvas, s: Scheme, rng: Random) -> None:
    """A sack of new rice and a full bowl."""
    still_life(c, s, rng)
    with c.at(216, 212, 1.15):
        tableware.bowl(c, s.accents[3], 100, 76, band=CREAM)
        food.rice_mound(c, -76, 84)
        tableware.steam(c, 0, -148, 80, count=2)
    for x, y in ((-290, 150), (-262, 138), (-312, 136)):
        with c.at(x, y, 1.8):
            produce.rice_ear(c, 0, 0, rgb("#d9a93f"))
    with c.at(-80, 214, 1.42):
        produce.sack(c, rgb("#e9d3a6"), s.accents[0], WHITE)
    with c.at(40, 250):
        produce.grains(c, rng, CREAM)


def rice_trio(c: Canvas, s: Scheme, rng: Random) -> None:
    """Three sacks: white, black and red."""
    still_life(c, s, rng)
    with c.at(-196, 190, 1.08):
        produce.sack(c, s.accents[1], s.accents[3], rgb("#4c3440"))
    with c.at(200, 190, 1.08):
        produce.sack(c, lit(s.accents[0], 0.2), s.accents[3], rgb("#a8503a"))
    with c.at(0, 222, 1.3):
        produce.sack(c, rgb("#e9d3a6"), s.accents[0], WHITE)
    with c.at(20, 254):
        produce.grains(c, rng, CREAM)


def prawns(c: Canvas, s: Scheme, rng: Random) -> None:
    """Prawns and clams on ice in a box."""
    still_life(c, s, rng)
    box = s.accents[3]
    c.shadow(0, 236, 300, 30)
    c.poly([(-290, 90), (290, 90), (280, 200), (-280, 200)], shaded(box, 0.4), 0)
    for index in range(12):
        x = -250 + index * 46
        with c.at(x, 100 + rng.uniform(-14, 10), 1.5, rng.uniform(0, 90)):
            c.rect(-20, -20, 20, 20, rgb("#e6f4f8"), radius=6)
    for x, y, angle in ((-160, 84, -12), (-40, 66, 8), (84, 84, -6), (190, 92, 14)):
        with c.at(x, y, 1.3, angle + rng.uniform(-6, 6), flip=rng.random() < 0.4):
            food.prawn(c)
    for x in (-226, 20, 246):
        produce.clam(
            c, x, 124, 0.9, rng.choice((rgb("#d9b08a"), rgb("#b58f7a"))), rng.uniform(-20, 20)
        )
    c.rect(-302, 140, 302, 240, box, radius=14)
    c.rect(-302, 140, 302, 162, lit(box, 0.2), radius=10, shade=0)
    for x in (-120, 0, 120):
        c.smooth(
            [
                (x - 40, 204),
                (x - 14, 186),
                (x + 16, 186),
                (x + 34, 200),
                (x + 52, 188),
                (x + 50, 218),
                (x + 34, 208),
                (x + 14, 222),
                (x - 16, 220),
            ],
            CREAM,
            shade=0,
            alpha=200,
        )
    for x in (-200, -150, 160, 230):
        c.ellipse(x + rng.uniform(-16, 16), 256, 14, 6, rgb("#e6f4f8"), shade=0.5)
    _lemon_wedges(c)


def _lemon_wedges(c: Canvas) -> None:
    for x in (-96, 146):
        with c.at(x, 128, 0.7, 12):
            produce.orange_half(c, 0, 0, 46, rgb("#f6cf45"))


MOTIFS = {
    "strawberries": strawberries,
    "blueberries": blueberries,
    "greens": greens,
    "tomatoes": tomatoes,
    "oranges": oranges,
    "melon": melon,
    "watermelon": watermelon,
    "eggs": eggs,
    "rice": rice,
    "rice-trio": rice_trio,
    "prawns": prawns,
}
