"""Cars and what keeps them going."""

from __future__ import annotations

from math import cos, radians, sin
from random import Random

from demo.art.canvas import Canvas
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    INK,
    LEAF,
    STEEL,
    SUN,
    TOMATO,
    WHITE,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)

_GLASS = rgb("#bfe0ee")


def car(c: Canvas, color: Color) -> None:
    """A small hatchback in profile, facing left, wheels on the ground."""
    c.shadow(0, 4, 260, 22)
    c.smooth([(-130, -140), (-70, -216), (90, -220), (190, -150), (200, -110), (-150, -110)], color)
    c.smooth([(-104, -142), (-60, -200), (10, -202), (10, -140)], _GLASS, shade=0.5)
    c.smooth([(26, -140), (26, -202), (82, -202), (150, -142)], _GLASS, shade=0.5)
    c.poly([(-70, -146), (-40, -194), (-18, -194), (-46, -146)], WHITE, 0, 130)
    c.smooth(
        [
            (-262, -70),
            (-244, -122),
            (-140, -146),
            (180, -148),
            (244, -128),
            (262, -76),
            (252, -34),
            (-252, -34),
        ],
        color,
    )
    c.line([(-250, -62), (256, -62)], 8, shaded(color, 0.25))
    c.line([(16, -138), (20, -52)], 4, shaded(color, 0.25))
    c.rect(40, -118, 76, -108, shaded(color, 0.3), radius=5, shade=0)
    c.ellipse(-240, -98, 18, 14, lit(SUN, 0.4), shade=0.5)
    c.rect(240, -112, 260, -88, TOMATO, radius=7, shade=0.5)
    c.rect(-268, -52, -200, -32, STEEL, radius=8, shade=0.6)
    c.rect(206, -52, 268, -32, STEEL, radius=8, shade=0.6)
    for x in (-152, 156):
        c.ellipse(x, -40, 62, 60, shaded(color, 0.55), shade=0)
        with c.at(x, -40):
            wheel(c, 50)


def wheel(c: Canvas, size: float = 50, rim: Color = STEEL) -> None:
    """A wheel centred on the origin."""
    c.ellipse(0, 0, size, size, CHARCOAL)
    c.ellipse(0, 0, size * 0.66, size * 0.66, rim, shade=0.6)
    for step in range(5):
        t = radians(step * 72 - 90)
        c.ellipse(
            size * 0.4 * cos(t),
            size * 0.4 * sin(t),
            size * 0.13,
            size * 0.13,
            shaded(rim, 0.5),
            shade=0,
        )
    c.ellipse(0, 0, size * 0.16, size * 0.16, shaded(rim, 0.25), shade=0.5)


def car_front(c: Canvas, color: Color) -> None:
    """A car seen from the front."""
    c.shadow(0, 4, 230, 24)
    for x in (-166, 166):
        c.rect(x - 34, -70, x + 34, 6, CHARCOAL, radius=14)
    c.smooth([(-138, -190), (-104, -286), (0, -300), (104, -286), (138, -190)], color)
    c.smooth([(-118, -188), (-90, -264), (0, -276), (90, -264), (118, -188)], _GLASS, shade=0.5)
    c.poly([(-70, -192), (-40, -270), (-2, -274), (-28, -192)], WHITE, 0, 120)
    for side in (-1, 1):
        c.ellipse(side * 170, -196, 28, 18, color)
    c.smooth(
        [
            (-206, -140),
            (-180, -194),
            (0, -206),
            (180, -194),
            (206, -140),
            (204, -52),
            (160, -36),
            (-160, -36),
            (-204, -52),
        ],
        color,
    )
    for side in (-1, 1):
        c.ellipse(side * 148, -134, 38, 26, WHITE, shade=0.6)
        c.ellipse(side * 148, -134, 20, 16, lit(SUN, 0.5), shade=0)
    c.rect(-88, -118, 88, -76, CHARCOAL, radius=14, shade=0.5)
    for y in (-106, -92):
        c.line([(-72, y), (72, y)], 4, STEEL)
    c.rect(-52, -68, 52, -44, WHITE, radius=5, shade=0.4)
    c.rect(-200, -60, -120, -40, STEEL, radius=9, shade=0.5)
    c.rect(120, -60, 200, -40, STEEL, radius=9, shade=0.5)


def foam(c: Canvas, x: float, y: float, spread: float, rng: Random, count: int = 12) -> None:
    """A heap of suds."""
    for _ in range(count):
        size = rng.uniform(16, 38)
        c.ellipse(
            x + rng.uniform(-spread, spread), y + rng.uniform(-26, 18), size, size, WHITE, shade=0.6
        )


def bubble(c: Canvas, x: float, y: float, size: float) -> None:
    """A floating bubble."""
    c.ellipse(x, y, size, size, WHITE, shade=0, alpha=70)
    c.arc(x, y, size, size, 0, 360, max(2.5, size * 0.09), WHITE)
    c.arc(x, y, size * 0.66, size * 0.66, 190, 250, max(3, size * 0.14), WHITE)


def bucket(c: Canvas, color: Color, rng: Random) -> None:
    """A bucket full of suds with a sponge."""
    c.shadow(2, 3, 90, 16)
    c.arc(0, -108, 84, 66, 180, 360, 7, STEEL)
    foam(c, 0, -122, 62, rng, 11)
    c.poly([(-88, -112), (88, -112), (66, 0), (-66, 0)], color)
    c.rect(-94, -122, 94, -100, lit(color, 0.2), radius=9)
    c.rect(-50, -74, 50, -42, lit(color, 0.45), radius=8, shade=0)


def sponge(c: Canvas, color: Color = SUN) -> None:
    """A big sponge."""
    c.shadow(1, 2, 66, 12)
    c.rect(-68, -54, 68, 0, color, radius=18)
    for x, y in ((-42, -34), (-14, -20), (18, -36), (42, -18), (-30, -14)):
        c.ellipse(x, y, 6, 5, shaded(color, 0.22), shade=0)


def spray_bottle(c: Canvas, color: Color, label: Color) -> None:
    """A trigger bottle facing left."""
    c.shadow(2, 2, 54, 12)
    c.rect(-50, -140, 50, 0, color, radius=20)
    c.rect(-18, -176, 18, -132, color, radius=6)
    c.poly([(-30, -214), (44, -214), (56, -190), (24, -168), (-22, -168)], CHARCOAL)
    c.rect(-66, -212, -24, -190, CHARCOAL, radius=5)
    c.line([(-24, -172), (-42, -138)], 10, TOMATO)
    c.rect(-34, -98, 34, -34, label, radius=6, shade=0)
    c.ellipse(0, -66, 17, 17, color, shade=0)


def polisher(c: Canvas, color: Color) -> None:
    """A machine polisher with its pad down."""
    c.line([(130, -110), (210, -60), (260, -90)], 7, CHARCOAL, curve=True)
    c.rect(-30, -132, 140, -84, color, radius=22)
    c.rect(-70, -128, -12, -46, color, radius=20)
    c.rect(60, -126, 130, -90, CHARCOAL, radius=14)
    c.ellipse(-40, -34, 86, 17, CHARCOAL)
    c.ellipse(-40, -18, 92, 19, WHITE)
    c.ellipse(-40, -12, 92, 13, SUN, shade=0.4)


def gleam(c: Canvas, x: float, y: float, size: float, color: Color = WHITE) -> None:
    """A four-pointed star of light."""
    thin = size * 0.16
    c.poly(
        [
            (x, y - size),
            (x + thin, y - thin),
            (x + size, y),
            (x + thin, y + thin),
            (x, y + size),
            (x - thin, y + thin),
            (x - size, y),
            (x - thin, y - thin),
        ],
        color,
        0,
    )


def tyre(c: Canvas, size: float = 120, rim: Color = STEEL) -> None:
    """A tyre standing, tread to the side, centred on the origin."""
    c.ellipse(26, 0, size, size, shaded(CHARCOAL, 0.3), shade=0)
    for step in range(24):
        t = radians(step * 15)
        c.line(
            [
                (26 + size * 0.96 * cos(t), size * 0.96 * sin(t)),
                (4 + size * 1.0 * cos(t), size * 1.0 * sin(t)),
            ],
            7,
            INK,
        )
    c.ellipse(0, 0, size, size, CHARCOAL)
    c.arc(0, 0, size * 0.86, size * 0.86, 0, 360, 4, lit(CHARCOAL, 0.2))
    c.ellipse(0, 0, size * 0.64, size * 0.64, shaded(rim, 0.4), shade=0)
    for step in range(5):
        with c.at(0, 0, 1, step * 72):
            c.smooth([(-13, 0), (-22, -size * 0.6), (22, -size * 0.6), (13, 0)], rim, shade=0.6)
    c.arc(0, 0, size * 0.61, size * 0.61, 0, 360, size * 0.07, rim)
    c.ellipse(0, 0, size * 0.17, size * 0.17, shaded(rim, 0.2))


def wrench(c: Canvas, color: Color = STEEL) -> None:
    """A spanner lying along the x axis."""
    c.line([(-100, 0), (100, 0)], 25, color)
    for x in (-124, 124):
        c.ellipse(x, 0, 40, 38, color)
        c.poly(
            [(x * 1.04, -14), (x * 1.5, -19), (x * 1.5, 19), (x * 1.04, 14)], shaded(color, 0.55), 0
        )
    c.line([(-80, -4), (80, -4)], 5, lit(color, 0.5))


def oil_can(c: Canvas, color: Color, label: Color) -> None:
    """A canister of oil."""
    c.shadow(4, 3, 98, 18)
    c.rect(36, -252, 80, -216, CHARCOAL, radius=6)
    c.smooth(
        [
            (-92, -150),
            (-70, -214),
            (-20, -224),
            (30, -224),
            (86, -220),
            (94, -150),
            (92, -4),
            (-92, -4),
        ],
        color,
    )
    c.rect(-58, -200, 10, -172, shaded(color, 0.45), radius=13, shade=0)
    c.rect(-68, -134, 68, -30, label, radius=8, shade=0)
    with c.at(0, -78):
        drop(c, rgb("#f0a12c"), 1.0)


def drop(c: Canvas, color: Color, size: float = 1.0) -> None:
    """A falling drop centred on the origin."""
    with c.at(0, 0, size):
        c.smooth([(0, -40), (20, -4), (22, 18), (0, 34), (-22, 18), (-20, -4)], color)


def funnel(c: Canvas, color: Color) -> None:
    """A funnel, spout down."""
    c.rect(-9, -40, 9, 20, color, shade=0.6)
    c.poly([(-76, -128), (76, -128), (16, -36), (-16, -36)], color)
    c.ellipse(0, -128, 76, 16, lit(color, 0.25), shade=0.3)


def seat(c: Canvas, color: Color, trim: Color) -> None:
    """A car seat in three-quarter view."""
    c.shadow(0, 6, 130, 18)
    c.rect(-34, -330, 44, -262, color, radius=24)
    c.line([(-10, -266), (-10, -246)], 9, STEEL)
    c.line([(22, -266), (22, -246)], 9, STEEL)
    c.smooth([(-84, -60), (-92, -210), (-56, -256), (66, -256), (98, -206), (92, -60)], color)
    c.smooth([(-44, -70), (-50, -210), (52, -210), (48, -70)], trim)
    for y in (-180, -144, -108):
        c.line([(-40, y), (42, y)], 4, shaded(trim, 0.2))
    c.smooth([(-120, -70), (110, -76), (124, -32), (96, 0), (-110, 0), (-132, -34)], color)
    c.smooth([(-84, -58), (76, -62), (80, -30), (-90, -26)], trim)


def vacuum(c: Canvas, color: Color) -> None:
    """A drum vacuum with its hose reaching left."""
    c.line([(-20, -150), (-90, -220), (-180, -150), (-200, -30)], 19, CHARCOAL, curve=True)
    c.rect(-240, -40, -170, -6, CHARCOAL, radius=8)
    c.shadow(20, 4, 96, 16)
    c.rect(-66, -150, 106, -18, color, radius=30)
    c.smooth([(-60, -142), (-30, -190), (70, -190), (100, -142)], CHARCOAL)
    c.rect(-66, -96, 106, -76, lit(color, 0.4), shade=0)
    for x in (-36, 76):
        c.ellipse(x, -12, 20, 20, CHARCOAL)


def charger(c: Canvas, color: Color, screen: Color) -> None:
    """A charging pile with its plug hanging at the right."""
    c.shadow(0, 4, 100, 18)
    c.rect(-86, -340, 86, 0, color, radius=30)
    c.rect(-58, -304, 58, -216, INK, radius=12, shade=0.5)
    c.rect(-44, -290, 44, -230, screen, radius=6, shade=0)
    c.poly([(6, -284), (-20, -254), (-3, -254), (-8, -236), (20, -264), (3, -264)], WHITE, 0)
    c.rect(-86, -176, 86, -152, SUN, shade=0)
    c.rect(-30, -120, 30, -40, shaded(color, 0.12), radius=10)


def cable(c: Canvas, points: list[tuple[float, float]], color: Color = CHARCOAL) -> None:
    """A heavy cable through the points."""
    c.line(points, 17, color, curve=True)
    c.line([(x - 2, y - 3) for x, y in points], 4, lit(color, 0.3), curve=True)


def leaf_mark(c: Canvas, x: float, y: float, size: float = 1.0) -> None:
    """A leaf for clean energy."""
    with c.at(x, y, size):
        c.smooth([(0, 30), (-30, 4), (-18, -34), (24, -44), (30, 0)], LEAF)
        c.line([(0, 30), (8, -24)], 5, CREAM, curve=True)


def cone(c: Canvas, color: Color = TOMATO) -> None:
    """A traffic cone."""
    c.shadow(0, 3, 62, 12)
    c.rect(-62, -16, 62, 2, color, radius=6)
    body = [(-42, -14), (42, -14), (12, -138), (-12, -138)]
    c.poly(body, color)
    with c.clip(body):
        c.rect(-60, -62, 60, -38, WHITE, shade=0)
        c.rect(-60, -104, 60, -84, WHITE, shade=0)
        c.poly([(14, 0), (60, 0), (60, -140), (8, -140)], mix(color, INK, 0.5), 0, 50)
