"""Things from the cinema."""

from __future__ import annotations

from itertools import pairwise
from math import cos, radians, sin
from random import Random

from demo.art.canvas import Canvas, rect_points
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    INK,
    STEEL,
    SUN,
    WHITE,
    Color,
    lit,
    rgb,
    shaded,
)

KERNEL = rgb("#ffe7a6")


def popcorn_tub(c: Canvas, stripe: Color, rng: Random) -> None:
    """A striped tub, overflowing."""
    c.shadow(2, 2, 84, 18)
    for _ in range(26):
        x, y = rng.uniform(-92, 92), rng.uniform(-236, -178)
        if abs(x) + (-178 - y) * 1.25 < 118:
            kernel(c, x, y, rng.uniform(0.85, 1.15))
    tub = [(-96, -182), (96, -182), (70, 0), (-70, 0)]
    c.poly(tub, WHITE)
    with c.clip(tub):
        for index in range(4):
            x = -84 + index * 48
            c.poly([(x, -182), (x + 26, -182), (x * 0.74 + 20, 0), (x * 0.74, 0)], stripe, 0.3)
        c.rect(50, -182, 100, 0, INK, shade=0, alpha=26)
    for index in range(8):
        kernel(c, -84 + index * 24, -184 + rng.uniform(-10, 4), 0.95)


def kernel(c: Canvas, x: float, y: float, size: float = 1.0) -> None:
    """One piece of popcorn."""
    with c.at(x, y, size):
        for dx, dy, radius in ((-12, 2, 14), (12, 3, 14), (0, -11, 16), (0, 8, 12)):
            c.ellipse(dx, dy, radius, radius, KERNEL, shade=0.7)
        c.ellipse(2, 2, 5, 5, rgb("#e5a63c"), shade=0)


def soda(c: Canvas, color: Color, straw: Color) -> None:
    """A paper cup with lid and straw."""
    c.shadow(2, 2, 52, 12)
    c.line([(6, -170), (28, -246)], 10, straw)
    c.poly([(-58, -160), (58, -160), (44, 0), (-44, 0)], color)
    c.rect(-64, -176, 64, -156, WHITE, radius=7)
    c.poly([(-54, -118), (54, -118), (49, -56), (-49, -56)], CREAM, 0)
    c.ellipse(0, -88, 20, 20, color, shade=0)


def ticket(c: Canvas, color: Color) -> None:
    """A ticket with notches and a stub."""
    c.rect(-116, -46, 124, 62, INK, radius=10, shade=0, alpha=60)
    bite = [(58 + 13 * cos(radians(t)), 13 * sin(radians(t))) for t in range(180, -1, -20)]
    top = [(x, -54 + y) for x, y in bite]
    bottom = [(x, 54 - y) for x, y in reversed(bite)]
    c.poly([(-120, -54), *top, (120, -54), (120, 54), *bottom, (-120, 54)], color)
    for step in range(-3, 4):
        c.line([(58, step * 12 - 3), (58, step * 12 + 3)], 4, shaded(color, 0.35))
    c.rect(-100, -36, 40, 36, lit(color, 0.5), radius=6, shade=0)
    star(c, -66, 0, 24, shaded(color, 0.3))
    for y, width in ((-14, 56), (4, 44), (20, 30)):
        c.line([(-30, y), (-30 + width, y)], 6, shaded(color, 0.2))
    for index in range(6):
        c.line([(78 + index * 6, -30), (78 + index * 6, 30)], 2 + index % 3, INK)


def star(c: Canvas, x: float, y: float, size: float, color: Color) -> None:
    """A five-pointed star."""
    points = []
    for step in range(10):
        radius = size if step % 2 == 0 else size * 0.45
        t = radians(-90 + step * 36)
        points.append((x + radius * cos(t), y + radius * sin(t)))
    c.poly(points, color, 0)


def glasses(c: Canvas, frame: Color, left: Color, right: Color) -> None:
    """Cardboard 3D glasses."""
    c.poly(
        [(-176, -40), (-150, -56), (-40, -140), (-24, -132), (-140, -34)], shaded(frame, 0.25), 0.4
    )
    c.poly([(176, -40), (150, -56), (70, -128), (86, -134), (168, -66)], shaded(frame, 0.25), 0.4)
    c.smooth(
        [
            (-180, -56),
            (0, -66),
            (180, -56),
            (180, 20),
            (130, 58),
            (46, 50),
            (0, 6),
            (-46, 50),
            (-130, 58),
            (-180, 20),
        ],
        frame,
    )
    for x, tone in ((-92, left), (92, right)):
        c.poly(rect_points(x - 62, -38, x + 62, 36, 20), tone, 0.8)
        c.poly([(x - 40, -34), (x - 12, -34), (x - 38, 32), (x - 56, 20)], WHITE, 0, 90)


def reel(c: Canvas, color: Color, size: float = 120) -> None:
    """A film reel."""
    c.ellipse(0, 0, size, size, color)
    c.ellipse(0, 0, size * 0.9, size * 0.9, lit(color, 0.16), shade=0)
    for step in range(5):
        t = radians(step * 72 - 90)
        c.ellipse(
            size * 0.55 * cos(t),
            size * 0.55 * sin(t),
            size * 0.22,
            size * 0.22,
            shaded(color, 0.55),
            shade=0.5,
        )
    c.ellipse(0, 0, size * 0.14, size * 0.14, CHARCOAL)
    c.ellipse(0, 0, size * 0.05, size * 0.05, STEEL, shade=0)


def film_strip(c: Canvas, knots: list[tuple[float, float]], tones: tuple[Color, ...]) -> None:
    """A ribbon of film running through the knots with its holes."""
    c.line(knots, 66, CHARCOAL, curve=True)
    for (x0, y0), (x1, y1) in pairwise(knots):
        for part in range(3):
            t = (part + 0.5) / 3
            x, y = x0 + (x1 - x0) * t, y0 + (y1 - y0) * t
            with c.at(x, y):
                c.rect(-15, -15, 15, 15, tones[part % len(tones)], radius=3, shade=0)
                for hole in (-8, 8):
                    c.rect(hole - 4, -29, hole + 4, -22, CREAM, radius=2, shade=0)
                    c.rect(hole - 4, 22, hole + 4, 29, CREAM, radius=2, shade=0)


def screen(c: Canvas, rng: Random, accents: tuple[Color, ...]) -> None:
    """A bright screen with a landscape on it."""
    frame = rect_points(-270, -210, 270, 60, 8)
    c.rect(-300, -240, 300, 92, WHITE, radius=24, shade=0, alpha=22)
    c.rect(-282, -222, 282, 72, CHARCOAL, radius=10, shade=0.4)
    sky = rng.choice((rgb("#ffd9a0"), rgb("#bfe3f0"), rgb("#f7b7a3")))
    c.poly(frame, sky, 0)
    with c.clip(frame):
        c.ellipse(rng.uniform(-120, 120), -70, 74, 74, rgb("#fff1c9"), shade=0)
        c.smooth(
            [
                (-320, 20),
                (-190, -88),
                (-70, -10),
                (60, -116),
                (210, -20),
                (320, -70),
                (320, 120),
                (-320, 120),
            ],
            accents[3],
            shade=0,
        )
        c.smooth(
            [(-320, 60), (-140, -10), (40, 42), (180, 0), (320, 36), (320, 140), (-320, 140)],
            shaded(accents[3], 0.35),
            shade=0,
        )
        x = rng.uniform(-130, 110)
        c.poly([(x - 13, 40), (x + 13, 40), (x + 9, -62), (x - 9, -62)], CREAM, 0)
        c.rect(x - 9, -82, x + 9, -62, SUN, shade=0)
        c.poly([(x, -72), (x + 240, -128), (x + 240, -52)], SUN, 0, 80)


def seat_row(c: Canvas, y: float, color: Color, *, step: float = 108, shift: float = 0) -> None:
    """A row of seat backs across the picture."""
    count = int(c.half_width * 1.5 // step) + 1
    for index in range(-count, count + 1):
        x = index * step + shift
        c.rect(x - 46, y, x + 46, y + 170, color, radius=26)
        c.rect(x - 54, y + 78, x - 40, y + 170, shaded(color, 0.35), radius=7, shade=0.5)
        c.rect(x + 40, y + 78, x + 54, y + 170, shaded(color, 0.35), radius=7, shade=0.5)


def head(c: Canvas, x: float, y: float, hair: Color, *, bun: bool = False) -> None:
    """Someone's head from behind."""
    if bun:
        c.ellipse(x, y - 40, 17, 16, hair)
    c.ellipse(x, y, 33, 38, hair)


def sofa(c: Canvas, color: Color, cushion: Color) -> None:
    """A deep two-seat sofa."""
    c.shadow(0, 4, 270, 28)
    for x in (-190, 190):
        c.rect(x - 10, -20, x + 10, 6, INK, radius=3, shade=0)
    c.rect(-206, -190, 206, -60, color, radius=40)
    c.line([(0, -184), (0, -86)], 4, shaded(color, 0.25))
    c.rect(-180, -106, -4, -20, lit(color, 0.1), radius=22)
    c.rect(4, -106, 180, -20, lit(color, 0.1), radius=22)
    c.rect(-246, -138, -172, -12, color, radius=34)
    c.rect(172, -138, 246, -12, color, radius=34)
    for x, turn in ((-120, -12), (124, 10)):
        with c.at(x, -126, angle=turn):
            c.rect(-46, -40, 46, 40, cushion, radius=16)


def curtain(c: Canvas, color: Color, side: int) -> None:
    """A gathered curtain at one side of the stage."""
    edge = side * c.half_width * 1.5
    for fold in range(5):
        inner = side * (c.half_width - 96 + fold * 34)
        c.poly(
            [(inner, -700), (edge, -700), (edge, 700), (inner - side * (18 - fold * 4), 700)],
            color if fold % 2 else shaded(color, 0.25),
            0,
        )
