"""Things from the gym, the pool, the wall and the courts."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    INK,
    STEEL,
    TOMATO,
    WHITE,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)


def dumbbell(c: Canvas, color: Color) -> None:
    """A hexagonal dumbbell lying along the x axis."""
    c.shadow(0, 48, 140, 18)
    c.rect(-70, -13, 70, 13, STEEL, radius=8)
    for step in (-30, -10, 10, 30):
        c.line([(step - 4, -12), (step + 4, 12)], 4, shaded(STEEL, 0.3))
    for side in (-1, 1):
        c.poly(
            [
                (side * 62, -38),
                (side * 76, -50),
                (side * 132, -50),
                (side * 146, -36),
                (side * 146, 36),
                (side * 132, 50),
                (side * 76, 50),
                (side * 62, 38),
            ],
            color,
        )
        c.rect(side * 104 - 20, -50, side * 104 + 20, 50, shaded(color, 0.14), shade=0)


def kettlebell(c: Canvas, color: Color) -> None:
    """A kettlebell standing."""
    c.shadow(2, 2, 78, 16)
    c.arc(0, -112, 46, 52, 150, 390, 22, shaded(color, 0.12))
    c.smooth([(-40, -104), (40, -104), (76, -58), (62, -10), (0, 0), (-62, -10), (-76, -58)], color)
    c.ellipse(0, -54, 30, 30, lit(color, 0.25), shade=0)
    c.rect(-16, -60, 16, -48, WHITE, radius=4, shade=0)


def flask(c: Canvas, color: Color, cap: Color = CHARCOAL) -> None:
    """A sports bottle."""
    c.shadow(2, 2, 40, 10)
    c.rect(-36, -150, 36, 0, color, radius=16)
    c.rect(-30, -178, 30, -142, cap, radius=7)
    c.rect(-10, -194, 10, -172, cap, radius=5)
    c.rect(-36, -106, 36, -88, lit(color, 0.45), shade=0)
    c.rect(-26, -76, -16, -22, WHITE, radius=5, shade=0, alpha=120)


def yogi(c: Canvas, skin: Color, top: Color, legs: Color, hair: Color) -> None:
    """A person sitting cross-legged, palms together."""
    c.shadow(0, 4, 150, 20)
    c.smooth([(-150, -22), (-90, -62), (0, -50), (30, -16), (-20, 2), (-130, 2)], legs)
    c.smooth([(150, -22), (90, -62), (0, -50), (-40, -14), (20, 2), (130, 2)], lit(legs, 0.12))
    c.ellipse(-70, -4, 30, 13, skin)
    c.ellipse(72, -4, 30, 13, skin)
    c.smooth(
        [
            (-52, -48),
            (-56, -130),
            (-44, -186),
            (0, -198),
            (44, -186),
            (56, -130),
            (52, -48),
            (0, -38),
        ],
        top,
    )
    for side in (-1, 1):
        c.line([(side * 46, -170), (side * 74, -118), (side * 10, -124)], 25, skin, curve=True)
    c.smooth([(-12, -106), (0, -164), (12, -106), (0, -98)], lit(skin, 0.15), shade=0.6)
    c.rect(-15, -224, 15, -186, shaded(skin, 0.12), radius=8, shade=0)
    c.ellipse(0, -252, 40, 45, skin)
    c.smooth(
        [(-42, -246), (-40, -294), (0, -306), (40, -294), (42, -246), (24, -276), (-20, -276)], hair
    )
    c.ellipse(0, -312, 20, 18, hair)
    for side in (-1, 1):
        c.arc(side * 15, -250, 8, 6, 10, 170, 3.5, INK)
    c.arc(0, -234, 9, 6, 15, 165, 3.5, mix(TOMATO, INK, 0.2))


def ball(c: Canvas, color: Color, size: float = 70) -> None:
    """An exercise ball."""
    c.shadow(0, 2, size * 0.8, size * 0.2)
    c.ellipse(0, -size, size, size, color)
    for step in (-0.4, 0.0, 0.4):
        c.arc(0, -size + size * step, size * 0.92, size * 0.24, 20, 160, 4, lit(color, 0.3))


def glove(c: Canvas, color: Color) -> None:
    """A boxing glove, knuckles up."""
    c.rect(-46, -10, 50, 64, WHITE, radius=12)
    c.rect(-46, 14, 50, 34, shaded(color, 0.1), shade=0)
    c.smooth(
        [(-62, -6), (-78, -84), (-40, -146), (24, -150), (68, -110), (70, -44), (54, 0), (0, 8)],
        color,
    )
    c.smooth(
        [(-62, -20), (-96, -52), (-92, -102), (-58, -104), (-34, -64), (-40, -22)], lit(color, 0.1)
    )
    c.line([(-10, -142), (-2, -112)], 5, shaded(color, 0.25))
    c.line([(26, -142), (30, -114)], 5, shaded(color, 0.25))


def punch_bag(c: Canvas, color: Color, band: Color) -> None:
    """A heavy bag hanging from above."""
    c.line([(-40, -110), (0, -320)], 5, STEEL)
    c.line([(40, -110), (0, -320)], 5, STEEL)
    c.rect(-66, -120, 66, 210, color, radius=28)
    c.rect(-66, -40, 66, -4, band, shade=0)
    c.rect(-66, 120, 66, 140, band, shade=0)


def lanes(c: Canvas, water: Color, first: Color, second: Color) -> None:
    """Three lanes of a pool running away from us, ropes between them."""
    for left, right in ((-5000, -290), (-270, 270), (290, 5000)):
        c.poly(
            [(left * 0.5, -60), (right * 0.5, -60), (right * 1.6, 460), (left * 1.6, 460)], water, 0
        )
    for x in (-1, 1):
        for index in range(15):
            t = (index / 14) ** 1.7
            y = -58 + t * 380
            px = x * (140 + t * 220)
            c.ellipse(px, y, 7 + t * 17, 5 + t * 10, (first, WHITE, second)[index % 3], shade=0.6)


def swimmer(c: Canvas, skin: Color, cap: Color) -> None:
    """A swimmer coming towards us in crawl."""
    c.ellipse(0, 36, 180, 34, WHITE, shade=0, alpha=120)
    c.line([(42, 6), (120, -70), (176, 12)], 32, skin, curve=True)
    c.line([(-40, 14), (-104, 20)], 30, skin)
    c.ellipse(0, 16, 72, 38, shaded(skin, 0.08))
    c.ellipse(0, -28, 46, 50, skin)
    c.smooth([(-48, -26), (-44, -66), (0, -86), (44, -66), (48, -26), (0, -44)], cap)
    for side in (-1, 1):
        c.ellipse(side * 18, -22, 15, 11, INK, shade=0.6)
        c.ellipse(side * 18 - 3, -25, 5, 3, SKY_GLINT, shade=0)
    c.line([(-6, -22), (6, -22)], 4, INK)
    c.arc(0, 2, 10, 6, 10, 170, 4, mix(TOMATO, INK, 0.25))
    c.smooth(
        [(-200, 44), (-110, 22), (0, 34), (110, 22), (200, 44), (120, 66), (-120, 66)],
        WHITE,
        shade=0,
        alpha=170,
    )


SKY_GLINT = rgb("#bfe6f5")


def climbing_hold(c: Canvas, color: Color, size: float, rng: Random) -> None:
    """One blob bolted to the wall."""
    knots = [
        (size * rng.uniform(0.75, 1.15) * x, size * rng.uniform(0.7, 1.1) * y)
        for x, y in ((-1, -0.1), (-0.5, -0.8), (0.4, -0.85), (1, -0.1), (0.6, 0.7), (-0.5, 0.75))
    ]
    c.smooth([(x + 5, y + 8) for x, y in knots], INK, shade=0, alpha=60)
    c.smooth(knots, color)
    c.ellipse(0, 0, size * 0.16, size * 0.16, shaded(color, 0.45), shade=0)


def climber(c: Canvas, skin: Color, top: Color, legs: Color, hair: Color) -> None:
    """A climber seen from behind, one arm reaching up."""
    c.line([(26, -96), (70, -160), (60, -226)], 27, skin, curve=True)
    c.line([(-34, -92), (-96, -108), (-108, -166)], 27, skin, curve=True)
    c.line([(-20, 40), (-84, 84), (-66, 156)], 36, legs, curve=True)
    c.line([(22, 40), (84, 60), (92, 140)], 36, shaded(legs, 0.1), curve=True)
    c.ellipse(-60, 166, 28, 13, TOMATO)
    c.ellipse(98, 150, 28, 13, TOMATO)
    c.smooth([(-48, -108), (0, -122), (44, -110), (46, -20), (34, 48), (-34, 48), (-48, -20)], top)
    c.rect(-42, 26, 42, 48, INK, radius=8, shade=0.5)
    c.line([(0, 36), (6, 70)], 6, INK)
    c.ellipse(0, -146, 37, 40, hair)
    c.ellipse(0, -122, 16, 12, skin, shade=0)
    c.smooth([(16, -126), (34, -96), (26, -66), (10, -92)], hair)
    for x, y in ((60, -232), (-110, -172)):
        c.ellipse(x, y, 16, 16, skin)


def racket(c: Canvas, color: Color, grip: Color = CHARCOAL) -> None:
    """A badminton racket, head up."""
    c.line([(0, 150), (0, 90)], 19, grip)
    c.line([(0, 96), (0, -24)], 8, STEEL)
    for step in range(-4, 5):
        c.line([(step * 14, -176), (step * 14, -38)], 2.2, WHITE)
        c.line([(-62, -107 + step * 16), (62, -107 + step * 16)], 2.2, WHITE)
    c.arc(0, -106, 70, 84, 0, 360, 12, color)


def shuttle(c: Canvas, band: Color) -> None:
    """A shuttlecock, cork at the origin, feathers up."""
    c.poly([(-44, -86), (44, -86), (17, -12), (-17, -12)], WHITE, 0.6)
    for step in (-2, -1, 0, 1, 2):
        c.line([(step * 7, -14), (step * 20, -84)], 3, shaded(WHITE, 0.16))
    c.arc(0, -86, 44, 10, 0, 180, 4, shaded(WHITE, 0.2))
    c.rect(-20, -20, 20, -8, band, shade=0)
    c.smooth([(-20, -10), (20, -10), (16, 12), (0, 20), (-16, 12)], CREAM)
