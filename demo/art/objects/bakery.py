"""Things from the coffee bar and the oven."""

from __future__ import annotations

from math import cos, radians, sin
from random import Random

from demo.art.canvas import Canvas, ellipse_points
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    DARK_WOOD,
    INK,
    LEAF,
    STEEL,
    TOMATO,
    WHITE,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)

CRUST = rgb("#d98f43")
CRUMB = rgb("#f7dfae")
BEAN = rgb("#5a3524")
COFFEE = rgb("#6b3f27")
FOAM = rgb("#f6e3c4")


def latte_art(c: Canvas, x: float, y: float, rx: float) -> None:
    """A poured leaf: a heart and two crescents, foreshortened like the surface of the cup."""
    with c.at(x, y, rx / 66):
        c.smooth(
            [
                (-44, -3),
                (-30, -11),
                (-6, -10),
                (0, -6),
                (6, -10),
                (30, -11),
                (44, -3),
                (26, 8),
                (0, 13),
                (-26, 8),
            ],
            FOAM,
            shade=0,
        )
        c.line([(-27, -2), (-12, 4), (0, 0), (12, 4), (27, -2)], 4, COFFEE, curve=True)
        c.line([(-14, -5), (-6, -1), (0, -4), (6, -1), (14, -5)], 3.5, COFFEE, curve=True)
        c.line([(0, -6), (0, 10)], 2.5, mix(FOAM, COFFEE, 0.55))


def croissant(c: Canvas, color: Color = CRUST) -> None:
    """A fat crescent of five segments lying on its back."""
    c.shadow(0, 2, 128, 22)
    arcs = (
        (-112, -20, 34, 22, 38),
        (112, -20, 34, 22, -38),
        (-72, -42, 50, 38, 24),
        (72, -42, 50, 38, -24),
        (0, -54, 62, 52, 0),
    )
    for x, y, rx, ry, angle in arcs:
        c.ellipse(x, y, rx, ry, color, angle=angle)
    for x, y, lean in ((-94, -36, 14), (-40, -58, 10), (40, -58, -10), (94, -36, -14)):
        c.line(
            [(x - lean, y - 26), (x + lean * 0.6, y + 4), (x + lean, y + 26)],
            6,
            shaded(color, 0.26),
            curve=True,
        )
    for x, y in ((-10, -86), (-66, -66), (52, -70)):
        c.line([(x - 12, y + 4), (x + 12, y)], 6, lit(color, 0.55))


def loaf(c: Canvas, color: Color = CRUST, rx: float = 120) -> None:
    """A scored round loaf."""
    c.shadow(0, 0, rx, 22)
    c.smooth(
        [
            (-rx, -24),
            (-rx * 0.8, -84),
            (0, -118),
            (rx * 0.8, -84),
            (rx, -24),
            (rx * 0.7, 0),
            (-rx * 0.7, 0),
        ],
        color,
    )
    for x in (-0.45, -0.05, 0.35):
        c.smooth(
            [(rx * x - 26, -66), (rx * x + 6, -96), (rx * x + 32, -92), (rx * x, -58)],
            CRUMB,
            shade=0.4,
        )


def slice_of_bread(c: Canvas, spread: Color | None = None) -> None:
    """A slice standing upright."""
    outline = [
        (-58, 0),
        (-60, -66),
        (-74, -96),
        (-46, -124),
        (0, -116),
        (46, -124),
        (74, -96),
        (60, -66),
        (58, 0),
    ]
    c.shadow(2, 0, 64, 14)
    c.smooth(outline, CRUST)
    with c.at(0, -6, 0.86):
        c.smooth(outline, CRUMB, shade=0.3)
    if spread is not None:
        c.smooth(
            [(-40, -20), (-44, -72), (-10, -94), (40, -84), (40, -30), (0, -16)], spread, shade=0.5
        )


def cake_slice(c: Canvas, sponge: Color, cream: Color, topping: Color) -> None:
    """A wedge with three layers and a berry."""
    c.shadow(6, 4, 112, 22)
    c.poly([(-100, -30), (104, -52), (104, 0), (-100, 0)], sponge)
    c.poly([(-100, -44), (104, -66), (104, -46), (-100, -24)], cream, 0)
    c.poly([(-100, -84), (104, -106), (104, -62), (-100, -40)], sponge, 0.6)
    c.poly([(-100, -84), (-20, -128), (104, -106)], lit(cream, 0.3), 0)
    c.poly([(-100, -84), (104, -106), (104, -94), (-100, -72)], cream, 0)
    c.ellipse(20, -124, 24, 24, topping)
    c.poly([(8, -146), (20, -134), (34, -148), (22, -154)], LEAF, 0)


def whole_cake(c: Canvas, side: Color, cream: Color, berries: Color, rng: Random) -> None:
    """A round cake on a stand, dripping and topped."""
    c.shadow(0, 42, 120, 22)
    c.poly([(-26, 40), (26, 40), (12, -4), (-12, -4)], WHITE)
    c.ellipse(0, 42, 60, 12, WHITE)
    c.ellipse(0, 0, 172, 30, WHITE, shade=0.5)
    c.rect(-132, -110, 132, -2, side, radius=20)
    c.ellipse(0, -8, 132, 22, side, shade=0)
    c.rect(-132, -66, 132, -52, mix(side, cream, 0.7), shade=0)
    for index in range(9):
        x = -124 + index * 31
        c.rect(x - 14, -120, x + 14, -92 + rng.uniform(0, 30), cream, radius=14, shade=0)
    c.ellipse(0, -112, 134, 26, lit(cream, 0.25), shade=0.3)
    for index in range(7):
        x = -90 + index * 30
        c.ellipse(x, -122 - (index % 2) * 8, 18, 18, berries)
    c.line([(0, -136), (0, -196)], 8, lit(berries, 0.4))
    c.smooth([(0, -226), (10, -206), (0, -196), (-10, -206)], rgb("#ffc94d"), shade=0)


def bean(c: Canvas, x: float, y: float, angle: float, size: float = 20) -> None:
    """One coffee bean."""
    with c.at(x, y, size / 20, angle):
        c.ellipse(0, 0, 20, 13, BEAN)
        c.line([(-16, 1), (-4, -3), (5, 3), (16, -1)], 3, mix(BEAN, CREAM, 0.4), curve=True)


def bean_bag(c: Canvas, color: Color, label: Color, mark: Color) -> None:
    """A stand-up bag with a folded top and a round mark."""
    c.shadow(6, 2, 96, 22)
    c.poly([(-88, 0), (-80, -210), (80, -210), (88, 0)], color)
    c.poly([(-80, -210), (80, -210), (74, -246), (-74, -246)], shaded(color, 0.16), 0.3)
    c.line([(-80, -210), (80, -210)], 4, shaded(color, 0.35))
    c.rect(-56, -168, 56, -46, label, radius=8, shade=0)
    c.ellipse(0, -120, 30, 30, mark, shade=0)
    bean(c, 0, -120, 35, 22)
    c.line([(-34, -72), (34, -72)], 5, mix(label, INK, 0.5))
    c.line([(-20, -58), (20, -58)], 4, mix(label, INK, 0.3))


def dripper(c: Canvas, color: Color) -> None:
    """A cone over a glass server."""
    c.shadow(4, 2, 88, 20)
    jug = [(-76, -12), (-60, -96), (-44, -110), (44, -110), (60, -96), (76, -12), (62, 0), (-62, 0)]
    c.arc(86, -58, 26, 34, -100, 100, 9, WHITE)
    c.poly(jug, WHITE, 0, 130)
    c.poly([(-70, -46), (70, -46), (75, -12), (62, -2), (-62, -2), (-75, -12)], COFFEE, 0.7)
    c.ellipse(0, -46, 70, 9, lit(COFFEE, 0.2), shade=0)
    c.poly([(-58, -92), (-50, -92), (-64, -20), (-70, -20)], WHITE, 0, 150)
    c.rect(-64, -124, 64, -108, color, radius=6)
    c.poly([(-86, -214), (86, -214), (26, -122), (-26, -122)], color)
    c.poly([(-94, -222), (94, -222), (80, -206), (-80, -206)], CREAM, 0.5)
    c.ellipse(0, -222, 94, 16, CREAM, shade=0.3)
    c.ellipse(0, -220, 70, 10, COFFEE, shade=0)


def kettle(c: Canvas, color: Color) -> None:
    """A gooseneck kettle, spout to the left."""
    c.shadow(0, 2, 92, 20)
    c.line(
        [(-58, -30), (-112, -46), (-112, -118), (-142, -140)], 15, shaded(color, 0.12), curve=True
    )
    c.arc(84, -76, 46, 52, -90, 90, 14, CHARCOAL)
    c.poly([(-74, 0), (-56, -120), (56, -120), (74, 0)], color)
    c.ellipse(0, -120, 56, 12, lit(color, 0.3), shade=0)
    c.ellipse(0, -134, 12, 12, CHARCOAL)


def grinder(c: Canvas, color: Color) -> None:
    """A hand mill with a drawer."""
    c.shadow(0, 2, 62, 16)
    c.rect(-56, -100, 56, 0, DARK_WOOD, radius=8)
    c.rect(-36, -52, 36, -16, mix(DARK_WOOD, CREAM, 0.25), radius=4)
    c.ellipse(0, -34, 6, 6, STEEL)
    c.smooth([(-50, -102), (-34, -150), (34, -150), (50, -102)], color)
    c.line([(0, -150), (0, -176), (62, -184)], 9, STEEL)
    c.ellipse(64, -192, 13, 13, DARK_WOOD)


def jam_jar(c: Canvas, jam: Color, lid: Color) -> None:
    """A jar with a cloth lid."""
    c.shadow(2, 2, 48, 12)
    c.rect(-44, -84, 44, 0, mix(jam, WHITE, 0.15), radius=12)
    c.rect(-44, -62, 44, -24, CREAM, shade=0)
    c.ellipse(0, -43, 11, 11, jam, shade=0)
    c.smooth(
        [
            (-46, -84),
            (-54, -72),
            (-20, -80),
            (0, -72),
            (20, -80),
            (54, -72),
            (46, -84),
            (36, -106),
            (-36, -106),
        ],
        lid,
    )


def soft_egg(c: Canvas, stand: Color) -> None:
    """An egg with its hat off."""
    c.shadow(1, 2, 34, 9)
    c.poly([(-22, 0), (22, 0), (14, -20), (-14, -20)], stand)
    c.ellipse(0, -52, 32, 40, rgb("#f3d9bd"))
    c.poly([p for p in ellipse_points(0, -30, 36, 30) if p[1] > -32], stand)
    c.ellipse(0, -80, 24, 9, WHITE, shade=0)
    c.ellipse(0, -80, 14, 5, rgb("#ffb52e"), shade=0)


def berry(c: Canvas, x: float, y: float, size: float = 20, color: Color = TOMATO) -> None:
    """A strawberry, point down."""
    with c.at(x, y, size / 20):
        c.smooth([(0, 24), (-20, -4), (-14, -20), (14, -20), (20, -4)], color)
        for dx, dy in ((-8, -6), (6, -8), (0, 6), (10, 4), (-10, 8)):
            c.ellipse(dx, dy, 1.8, 2.6, rgb("#ffe09a"), shade=0)
        c.poly([(-14, -20), (-6, -30), (0, -22), (6, -30), (14, -20), (4, -14), (-4, -14)], LEAF, 0)


def cookie(c: Canvas, icing: Color, *, star: bool) -> None:
    """An iced biscuit lying on the board: a star or a round."""
    c.shadow(0, 6, 48, 15, 0.7)
    if star:
        points = []
        for step in range(10):
            radius = 1.0 if step % 2 == 0 else 0.58
            t = radians(-90 + step * 36)
            points.append((66 * radius * cos(t), 36 * radius * sin(t)))
        c.smooth([(x, y + 5) for x, y in points], shaded(CRUST, 0.1), shade=0)
        c.smooth(points, CRUST, shade=0.6)
        c.smooth([(x * 0.78, y * 0.78 - 2) for x, y in points], icing, shade=0.4)
    else:
        c.ellipse(0, 5, 56, 30, shaded(CRUST, 0.1), shade=0)
        c.ellipse(0, 0, 56, 30, CRUST, shade=0.6)
        c.ellipse(0, -2, 45, 23, icing, shade=0.4)
    for x, y, tone in ((-14, -6, WHITE), (8, -9, TOMATO), (14, 3, WHITE), (-6, 6, LEAF)):
        c.line([(x, y), (x + 7, y - 3)], 4, tone)
