"""Fitness, six motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import still_life, wall
from demo.art.canvas import Canvas
from demo.art.objects import beauty, sport
from demo.art.palette import CHARCOAL, CREAM, LEAF, WHITE, Scheme, lit, mix, rgb, shaded

SKINS = (rgb("#f3c6a0"), rgb("#d89a6f"), rgb("#a96c48"), rgb("#f8d5b6"))
HAIR = (rgb("#33292b"), rgb("#5a3a2b"), rgb("#1f2a38"))


def _top(s: Scheme) -> tuple[int, int, int]:
    """A shirt that is not the colour of skin."""
    return s.accents[1] if s.accents[1][2] < 150 else s.accents[0]


def dumbbell(c: Canvas, s: Scheme, rng: Random) -> None:
    """Weights, a kettlebell, a bottle and a towel."""
    still_life(c, s, rng)
    with c.at(-176, 176, 1.5):
        sport.kettlebell(c, s.accents[3])
    with c.at(196, 168, 1.25):
        sport.flask(c, s.accents[0])
    with c.at(282, 190, 1.0):
        beauty.towel_roll(c, WHITE)
    with c.at(40, 196, 1.3, rng.uniform(-9, -4)):
        sport.dumbbell(c, s.accents[0] if rng.random() < 0.5 else CHARCOAL)


def yoga(c: Canvas, s: Scheme, rng: Random) -> None:
    """Someone sitting quietly on a mat before the sun."""
    still_life(c, s, rng, shapes=(0, 1, 4))
    for x, angle, tone in (
        (-300, -20, LEAF),
        (-282, 8, lit(LEAF, 0.2)),
        (-320, 24, shaded(LEAF, 0.12)),
    ):
        with c.at(x, 170, 1.8, angle):
            beauty.bathtub_leaf(c, 0, tone)
    c.shadow(0, 214, 270, 22)
    c.ellipse(0, 206, 270, 34, mix(s.wall, s.ground, 0.35), shade=0.4)
    with c.at(0, 206, 1.32):
        sport.yogi(c, rng.choice(SKINS), _top(s), s.accents[3], rng.choice(HAIR))
    with c.at(284, 190, 1.0):
        sport.ball(c, s.accents[1], 74)


def swimming(c: Canvas, s: Scheme, rng: Random) -> None:
    """A lane, its ropes and a swimmer."""
    water = rng.choice((rgb("#5cb8d6"), rgb("#49a9c9"), rgb("#63c3cf")))
    wall(c, mix(s.wall, CREAM, 0.3))
    for pane in range(-1870, 1871, 220):
        c.rect(pane - 84, -280, pane + 84, -118, rgb("#dff2f7"), radius=8, shade=0)
        c.line([(pane, -280), (pane, -118)], 6, s.wall)
    c.rect(-2600, -92, 2600, -60, s.accents[1], shade=0)
    c.rect(-2600, -62, 2600, 500, mix(water, WHITE, 0.18), shade=0)
    sport.lanes(c, water, s.accents[0], s.accents[1])
    for _ in range(9):
        y = rng.uniform(-30, 270)
        x = rng.uniform(-90, 90) * (1 + (y + 60) / 200)
        c.line(
            [(x - 40, y), (x - 12, y - 6), (x + 14, y), (x + 40, y - 5)],
            5,
            lit(water, 0.5),
            curve=True,
        )
    with c.at(0, 112, 1.5):
        sport.swimmer(c, rng.choice(SKINS), s.accents[0])


def boxing(c: Canvas, s: Scheme, rng: Random) -> None:
    """A heavy bag and a pair of gloves."""
    still_life(c, s, rng, shapes=(0, 1, 3))
    with c.at(-150, -40, 1.05):
        sport.punch_bag(c, s.accents[3], s.accents[0])
    c.shadow(110, 240, 210, 26)
    with c.at(60, 172, 1.35, -16):
        sport.glove(c, s.accents[0])
    with c.at(210, 182, 1.35, 14, flip=True):
        sport.glove(c, s.accents[0])


def climbing(c: Canvas, s: Scheme, rng: Random) -> None:
    """A wall of holds with a climber on it."""
    wall(c, s.wall)
    c.poly(
        [(-2600, -600), (60, -600), (-60, 600), (-2600, 600)], mix(s.wall, s.accents[3], 0.16), 0
    )
    c.poly([(330, -600), (2600, -600), (2600, 600), (240, 600)], mix(s.wall, CREAM, 0.35), 0)
    tones = (s.accents[0], s.accents[1], s.accents[3], s.ground)
    for column in range(6):
        for row in range(5):
            x, y = (
                -340 + column * 136 + rng.uniform(-30, 30),
                -250 + row * 128 + rng.uniform(-26, 26),
            )
            with c.at(x, y, angle=rng.uniform(0, 360)):
                sport.climbing_hold(c, tones[(column + row) % 4], rng.uniform(20, 38), rng)
    c.line([(20, -600), (14, -60), (8, 60)], 6, s.accents[0])
    with c.at(0, 36, 1.16):
        sport.climber(c, rng.choice(SKINS), _top(s), s.accents[3], rng.choice(HAIR))


def racket(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two crossed rackets and a shuttle over the net."""
    still_life(c, s, rng, shapes=(0, 1, 3))
    for x in range(-12, 13):
        c.line([(x * 52, 20), (x * 52, 100)], 3, mix(s.wall, WHITE, 0.6))
    for y in (44, 70):
        c.line([(-700, y), (700, y)], 3, mix(s.wall, WHITE, 0.6))
    c.rect(-2600, 8, 2600, 24, WHITE, shade=0)
    c.shadow(0, 246, 180, 22)
    with c.at(-40, 70, 1.3, -32):
        sport.racket(c, s.accents[0])
    with c.at(40, 70, 1.3, 32):
        sport.racket(c, s.accents[3])
    with c.at(0, -84, 1.25, 168):
        sport.shuttle(c, s.accents[0])
    with c.at(236, 232, 1.0, 80):
        sport.shuttle(c, s.accents[1])


MOTIFS = {
    "dumbbell": dumbbell,
    "yoga": yoga,
    "swimming": swimming,
    "boxing": boxing,
    "climbing": climbing,
    "racket": racket,
}
