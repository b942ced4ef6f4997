"""Cats, dogs and what they own."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas
from demo.art.palette import (
    CREAM,
    DARK_WOOD,
    INK,
    LEAF,
    STEEL,
    SUN,
    TOMATO,
    WHITE,
    WOOD,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)

COATS = (rgb("#d99a55"), rgb("#f3e3c6"), rgb("#8a5a3c"), rgb("#c9c3bd"))
CAT_COATS = (rgb("#f0a050"), rgb("#9aa3ad"), rgb("#3f4550"), rgb("#f5ead8"))
PINK = rgb("#f0a5a0")
SISAL = rgb("#d8b27c")


def dog_head(c: Canvas, coat: Color, ear: Color, *, tongue: bool = True) -> None:
    """A friendly dog's face centred on the origin."""
    for side in (-1, 1):
        c.smooth(
            [
                (side * 50, -62),
                (side * 92, -40),
                (side * 104, 34),
                (side * 78, 66),
                (side * 54, 10),
            ],
            ear,
        )
    c.smooth(
        [(-70, -20), (-52, -76), (0, -88), (52, -76), (70, -20), (58, 40), (0, 66), (-58, 40)], coat
    )
    c.smooth(
        [(-38, 12), (0, -10), (38, 12), (40, 42), (0, 62), (-40, 42)], lit(coat, 0.55), shade=0.4
    )
    if tongue:
        c.smooth([(-13, 40), (13, 40), (11, 72), (0, 80), (-11, 72)], rgb("#ec7a78"))
    c.arc(-13, 32, 14, 13, 0, 150, 4.5, INK)
    c.arc(13, 32, 14, 13, 30, 180, 4.5, INK)
    c.ellipse(0, 10, 18, 13, INK, shade=0.6)
    for side in (-1, 1):
        c.ellipse(side * 30, -20, 9, 11, INK, shade=0)
        c.ellipse(side * 30 - 3, -24, 3, 3.4, WHITE, shade=0)


def dog_sitting(c: Canvas, coat: Color, ear: Color, collar: Color) -> None:
    """A dog sitting up, facing us."""
    c.shadow(0, 4, 120, 18)
    c.smooth([(80, -30), (140, -60), (160, -120), (142, -126), (116, -76), (70, -60)], coat)
    c.smooth([(-84, -6), (-104, -60), (-62, -104), (-30, -40), (-40, 2)], shaded(coat, 0.06))
    c.smooth([(84, -6), (104, -60), (62, -104), (30, -40), (40, 2)], shaded(coat, 0.06))
    c.smooth([(-62, -20), (-64, -150), (0, -196), (64, -150), (62, -20), (0, 0)], coat)
    c.smooth([(-30, -60), (-32, -140), (0, -164), (32, -140), (30, -60)], lit(coat, 0.5), shade=0)
    for side in (-1, 1):
        c.rect(side * 26 - 20, -110, side * 26 + 20, 0, coat, radius=18)
        c.ellipse(side * 28, -6, 30, 14, lit(coat, 0.4))
    c.rect(-50, -186, 50, -162, collar, radius=11)
    c.ellipse(0, -156, 13, 13, SUN)
    with c.at(0, -244, 1.08):
        dog_head(c, coat, ear)


def poodle(c: Canvas, coat: Color, bow: Color) -> None:
    """A freshly trimmed poodle, all curls."""
    c.shadow(0, 4, 120, 18)
    for side in (-1, 1):
        c.rect(side * 46 - 13, -90, side * 46 + 13, -20, lit(coat, 0.15), radius=10)
        _puff(c, side * 46, -18, 28, coat)
    _puff(c, 0, -130, 84, coat)
    c.line([(70, -160), (120, -220)], 13, lit(coat, 0.15))
    _puff(c, 126, -232, 30, coat)
    _puff(c, -60, -264, 34, shaded(coat, 0.1))
    _puff(c, 60, -264, 34, shaded(coat, 0.1))
    c.smooth(
        [(-46, -262), (-30, -310), (30, -310), (46, -262), (26, -216), (-26, -216)], lit(coat, 0.2)
    )
    _puff(c, 0, -334, 52, coat)
    c.ellipse(0, -246, 13, 10, INK, shade=0.6)
    c.arc(0, -236, 13, 9, 20, 160, 4, INK)
    for side in (-1, 1):
        c.ellipse(side * 20, -272, 7, 9, INK, shade=0)
        c.ellipse(side * 20 - 2, -275, 2.4, 3, WHITE, shade=0)
        c.poly([(24, -352), (24 + side * 28, -370), (24 + side * 28, -336)], bow, 0.6)
    c.ellipse(24, -352, 9, 9, shaded(bow, 0.15))


def _puff(c: Canvas, x: float, y: float, size: float, color: Color) -> None:
    for dx, dy in ((-0.5, 0.2), (0.5, 0.2), (-0.3, -0.4), (0.35, -0.4), (0, 0.45), (0, -0.1)):
        c.ellipse(x + dx * size, y + dy * size, size * 0.62, size * 0.6, color, shade=0.8)
    c.ellipse(x - size * 0.1, y - size * 0.06, size * 0.62, size * 0.6, color, shade=0)
    for dx, dy in ((-0.3, -0.2), (0.2, 0.1), (-0.1, 0.4), (0.4, -0.4)):
        c.arc(
            x + dx * size,
            y + dy * size,
            size * 0.16,
            size * 0.13,
            150,
            380,
            max(2.5, size * 0.06),
            shaded(color, 0.16),
        )


def cat_head(c: Canvas, coat: Color, *, asleep: bool = False, eyes: Color = LEAF) -> None:
    """A cat's face centred on the origin."""
    for side in (-1, 1):
        c.poly([(side * 22, -58), (side * 74, -112), (side * 74, -26)], coat)
        c.poly([(side * 38, -58), (side * 66, -88), (side * 66, -40)], PINK, 0)
    c.smooth(
        [(-80, 2), (-62, -56), (0, -70), (62, -56), (80, 2), (50, 48), (0, 58), (-50, 48)], coat
    )
    for x in (-18, 0, 18):
        c.line([(x, -66), (x * 0.8, -42)], 7, shaded(coat, 0.28))
    c.smooth([(-28, 20), (0, 6), (28, 20), (24, 44), (0, 50), (-24, 44)], lit(coat, 0.6), shade=0)
    c.poly([(-9, 12), (9, 12), (0, 23)], PINK, 0)
    c.arc(-9, 26, 9, 8, 0, 150, 4, INK)
    c.arc(9, 26, 9, 8, 30, 180, 4, INK)
    for side in (-1, 1):
        if asleep:
            c.arc(side * 34, -10, 14, 9, 15, 165, 5, INK)
        else:
            c.ellipse(side * 34, -10, 15, 17, eyes, shade=0)
            c.ellipse(side * 34, -10, 6, 14, INK, shade=0)
            c.ellipse(side * 34 - 4, -16, 3.4, 4, WHITE, shade=0)
        for dy in (14, 26):
            c.line([(side * 44, dy), (side * 98, dy - 6 + (dy - 14))], 3, mix(INK, coat, 0.4))


def cat_sitting(c: Canvas, coat: Color, collar: Color, *, eyes: Color = LEAF) -> None:
    """A cat sitting tall, tail round its feet."""
    c.shadow(0, 4, 110, 16)
    c.line([(60, -16), (128, -20), (134, -84), (104, -104)], 27, shaded(coat, 0.06), curve=True)
    c.smooth([(-78, -8), (-74, -92), (-40, -180), (40, -180), (74, -92), (78, -8), (0, 4)], coat)
    c.smooth([(-26, -60), (-26, -150), (26, -150), (26, -60), (0, -46)], lit(coat, 0.55), shade=0)
    for side in (-1, 1):
        c.rect(side * 20 - 17, -84, side * 20 + 17, 0, coat, radius=15)
        c.ellipse(side * 22, -6, 25, 12, lit(coat, 0.45))
    c.rect(-40, -180, 40, -160, collar, radius=9)
    c.ellipse(0, -154, 10, 10, SUN)
    with c.at(0, -226):
        cat_head(c, coat, eyes=eyes)


def cat_asleep(c: Canvas, coat: Color) -> None:
    """A cat curled up."""
    c.smooth([(-150, -30), (-120, -96), (0, -126), (120, -96), (150, -30), (90, 0), (-90, 0)], coat)
    for x in (-10, 30, 70):
        c.line([(x, -118), (x + 8, -76)], 9, shaded(coat, 0.25))
    c.line([(140, -30), (80, 0), (-20, 2), (-90, -6)], 31, shaded(coat, 0.08), curve=True)
    with c.at(-82, -52, 0.92, -8):
        cat_head(c, coat, asleep=True)


def cushion(c: Canvas, color: Color, width: float = 380) -> None:
    """A soft round bed, its top at the origin."""
    half = width / 2
    c.shadow(0, 40, half * 1.02, 26)
    c.smooth(
        [
            (-half, -10),
            (-half * 0.8, -44),
            (0, -54),
            (half * 0.8, -44),
            (half, -10),
            (half * 0.84, 40),
            (0, 54),
            (-half * 0.84, 40),
        ],
        color,
    )
    c.ellipse(0, -12, half * 0.78, 30, shaded(color, 0.16), shade=0)


def tub(c: Canvas, color: Color, rng: Random) -> None:
    """A wooden or enamel tub brimming with suds; draw the animal first."""
    c.smooth([(-190, -120), (-174, -20), (-120, 0), (120, 0), (174, -20), (190, -120)], color)
    c.rect(-204, -138, 204, -108, lit(color, 0.25), radius=14)
    for _ in range(20):
        size = rng.uniform(18, 38)
        c.ellipse(rng.uniform(-180, 180), -136 + rng.uniform(-16, 12), size, size, WHITE, shade=0.6)


def duck(c: Canvas, color: Color = SUN) -> None:
    """A rubber duck."""
    c.smooth([(-44, -20), (-56, -50), (-24, -34), (24, -40), (48, -20), (34, 0), (-30, 0)], color)
    c.ellipse(26, -52, 26, 25, color)
    c.smooth([(46, -54), (72, -50), (48, -40)], TOMATO, shade=0.5)
    c.ellipse(32, -58, 4, 5, INK, shade=0)


def food_bowl(c: Canvas, color: Color, food: Color, rng: Random) -> None:
    """A bowl heaped with kibble."""
    c.shadow(2, 3, 112, 18)
    for _ in range(26):
        x = rng.uniform(-82, 82)
        lift = 44 * (1 - (x / 92) ** 2)
        c.ellipse(x, -66 - rng.uniform(0, lift), 14, 11, mix(food, DARK_WOOD, rng.uniform(0, 0.3)))
    c.poly([(-100, -66), (100, -66), (120, 0), (-120, 0)], color)
    c.rect(-106, -76, 106, -56, lit(color, 0.25), radius=10)
    bone(c, 0, -28, 0.5, WHITE)


def bone(
    c: Canvas, x: float, y: float, size: float = 1.0, color: Color = CREAM, angle: float = 0
) -> None:
    """A bone centred on (x, y)."""
    with c.at(x, y, size, angle):
        for side in (-1, 1):
            c.ellipse(side * 56, -15, 20, 20, color, shade=0.6)
            c.ellipse(side * 56, 15, 20, 20, color, shade=0.6)
        c.rect(-60, -14, 60, 14, color, radius=8, shade=0.5)


def paw(c: Canvas, x: float, y: float, size: float, color: Color) -> None:
    """A paw print."""
    with c.at(x, y, size):
        c.smooth([(-26, 12), (-12, -10), (12, -10), (26, 12), (14, 28), (-14, 28)], color, shade=0)
        for dx, dy in ((-30, -14), (-11, -30), (11, -30), (30, -14)):
            c.ellipse(dx, dy, 9, 12, color, shade=0)


def kibble_bag(c: Canvas, color: Color, label: Color) -> None:
    """A sack of pet food."""
    c.shadow(4, 3, 108, 20)
    c.smooth([(-100, -4), (-108, -130), (-92, -250), (92, -250), (108, -130), (100, -4)], color)
    c.rect(-96, -276, 96, -244, shaded(color, 0.2), radius=6)
    c.ellipse(0, -138, 64, 64, label, shade=0)
    paw(c, 0, -134, 1.3, color)
    c.line([(-44, -48), (44, -48)], 8, lit(color, 0.5))
    c.line([(-26, -30), (26, -30)], 6, lit(color, 0.4))


def kennel(c: Canvas, wall_color: Color, roof: Color) -> None:
    """A dog house with a dark doorway."""
    c.shadow(0, 6, 180, 24)
    c.rect(-150, -190, 150, 0, wall_color, radius=6)
    for y in (-150, -110, -70, -30):
        c.line([(-146, y), (146, y)], 3, shaded(wall_color, 0.16))
    c.poly([(-190, -180), (0, -316), (190, -180), (170, -158), (0, -280), (-170, -158)], roof)
    c.poly([(-150, -172), (0, -280), (150, -172)], lit(wall_color, 0.1), 0)
    c.smooth(
        [(-70, 0), (-70, -104), (0, -156), (70, -104), (70, 0)], shaded(DARK_WOOD, 0.5), shade=0
    )
    bone(c, 0, -204, 0.62, CREAM)


def stethoscope(c: Canvas, color: Color) -> None:
    """A stethoscope lying in a loop."""
    c.line([(-70, -110), (-60, -30), (0, 0), (60, -30), (70, -110)], 11, color, curve=True)
    c.line([(0, 0), (10, 60), (90, 70), (130, 20)], 11, color, curve=True)
    for side in (-1, 1):
        c.line([(side * 70, -110), (side * 52, -136)], 9, STEEL)
    c.ellipse(136, 8, 30, 30, STEEL)
    c.ellipse(136, 8, 18, 18, lit(STEEL, 0.5), shade=0)


def first_aid(c: Canvas, color: Color) -> None:
    """A vet's case with a cross."""
    c.shadow(2, 3, 110, 18)
    c.arc(0, -138, 40, 30, 180, 360, 13, shaded(color, 0.3))
    c.rect(-110, -136, 110, 0, color, radius=20)
    c.rect(-110, -76, 110, -62, shaded(color, 0.16), shade=0)
    c.ellipse(0, -68, 44, 44, WHITE, shade=0)
    c.rect(-9, -96, 9, -40, TOMATO, radius=4, shade=0)
    c.rect(-28, -77, 28, -59, TOMATO, radius=4, shade=0)


def cat_tree(c: Canvas, plush: Color, rope: Color = SISAL) -> None:
    """Posts, three platforms and a hanging ball."""
    c.shadow(0, 6, 190, 22)
    c.rect(-180, -22, 180, 4, WOOD, radius=8)
    for x, top in ((-100, -330), (90, -200)):
        c.rect(x - 19, top, x + 19, -20, rope)
        for y in range(top + 12, -22, 15):
            c.line([(x - 19, y), (x + 19, y + 5)], 3, shaded(rope, 0.22))
    c.rect(-190, -352, -10, -322, plush, radius=14)
    c.rect(0, -222, 180, -192, plush, radius=14)
    c.rect(-176, -170, -20, -142, plush, radius=14)
    c.line([(-40, -322), (-40, -262)], 3, INK)
    c.ellipse(-40, -250, 15, 15, TOMATO)


def brush_tool(c: Canvas, color: Color) -> None:
    """A grooming brush lying along the x axis, bristles up."""
    c.line([(40, 0), (150, 14)], 23, color)
    c.rect(-90, -16, 60, 18, color, radius=14)
    for index in range(10):
        c.line([(-80 + index * 14, -16), (-80 + index * 14, -40)], 4, STEEL)


def yarn(c: Canvas, color: Color, size: float = 44) -> None:
    """A ball of wool with a loose end."""
    c.shadow(1, 2, size * 0.8, 9)
    c.line(
        [(size * 0.4, -8), (size * 1.6, 2), (size * 2.2, -14), (size * 2.9, 2)],
        5,
        color,
        curve=True,
    )
    c.ellipse(0, -size, size, size, color)
    for angle in (20, 60, 110, 150):
        with c.at(0, -size, 1, angle):
            c.arc(0, 0, size * 0.78, size * 0.34, 190, 350, 4, shaded(color, 0.2))
