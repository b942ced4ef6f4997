"""Things from the kitchen: dumplings, noodles, fish, crab, duck, skewers, hot pot."""

from __future__ import annotations

from math import cos, radians, sin
from random import Random

from demo.art.canvas import Canvas
from demo.art.objects.tableware import plate
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

DOUGH = rgb("#fbeed2")
BAMBOO = rgb("#d9a95c")
BROTH = rgb("#b5602f")
CHILLI = rgb("#c8321f")
ROAST = rgb("#b8571f")
PRAWN = rgb("#f28a5f")
FISH = rgb("#7fa7b8")


def dumpling(c: Canvas, color: Color = DOUGH) -> None:
    """A crescent with pleats along its back."""
    c.shadow(0, 0, 54, 11)
    c.smooth([(-60, -8), (-44, -44), (0, -60), (44, -44), (60, -8), (30, 6), (-30, 6)], color)
    c.smooth(
        [(-60, -10), (-46, -46), (0, -62), (46, -46), (60, -10), (40, -34), (0, -46), (-40, -34)],
        lit(color, 0.4),
        shade=0.3,
    )
    for x, y, lean in ((-36, -44, -7), (-18, -54, -4), (0, -57, 0), (18, -54, 4), (36, -44, 7)):
        c.line([(x + lean, y - 2), (x, y + 16)], 4, shaded(color, 0.22))


def bun(c: Canvas, color: Color = WHITE, dot: Color | None = None) -> None:
    """A steamed bun with a twist on top."""
    c.shadow(0, 0, 46, 10)
    c.smooth([(-48, -10), (-36, -46), (0, -62), (36, -46), (48, -10), (24, 2), (-24, 2)], color)
    for lean in (-1, 0, 1):
        c.line([(0, -58), (lean * 11, -50), (lean * 19, -38)], 4, shaded(color, 0.2), curve=True)
    if dot is not None:
        c.ellipse(0, -57, 7, 6, dot, shade=0)


def steamer(c: Canvas, rx: float = 150, height: float = 62) -> None:
    """A bamboo basket; its open top lies at -height."""
    c.rect(-rx, -height, rx, 0, BAMBOO)
    c.ellipse(0, 0, rx, rx * 0.2, BAMBOO, shade=0.5)
    c.rect(-rx, -height, rx, -2, BAMBOO, shade=0)
    for y in (-height + 14, -12):
        c.arc(0, y, rx, rx * 0.2, 2, 178, 5, shaded(BAMBOO, 0.3))
    for step in (-0.7, -0.35, 0.0, 0.35, 0.7):
        drop = rx * 0.2 * (1 - step * step) ** 0.5
        c.line([(rx * step, -height + drop + 6), (rx * step, drop - 12)], 4, shaded(BAMBOO, 0.2))
    c.ellipse(0, -height, rx, rx * 0.22, lit(BAMBOO, 0.35), shade=0.3)
    c.ellipse(0, -height + 3, rx * 0.9, rx * 0.18, shaded(BAMBOO, 0.3), shade=0)


def noodle_heap(c: Canvas, y: float, rx: float, rng: Random) -> None:
    """Loops of noodles on a surface at `y`."""
    tone = rgb("#f6d68b")
    for index in range(9):
        x = -rx * 0.7 + index * rx * 0.16
        lift = rng.uniform(-10, 6)
        c.arc(
            x,
            y + lift,
            rx * 0.34,
            rx * 0.13,
            rng.uniform(150, 200),
            rng.uniform(330, 400),
            8,
            tone if index % 2 else shaded(tone, 0.14),
        )


def half_egg(c: Canvas, x: float, y: float, angle: float = 0) -> None:
    """A boiled egg cut open."""
    with c.at(x, y, angle=angle):
        c.ellipse(0, 0, 34, 25, WHITE)
        c.ellipse(3, 1, 18, 14, rgb("#f9a825"))


def greens(
    c: Canvas, x: float, y: float, angle: float, color: Color = LEAF, size: float = 1.0
) -> None:
    """Two leaves on pale stems."""
    with c.at(x, y, size, angle):
        c.line([(-40, 8), (0, 0)], 11, rgb("#dcebb9"))
        c.smooth([(-6, -10), (22, -26), (58, -10), (50, 16), (10, 16)], color)
        c.line([(0, 0), (44, -4)], 4, lit(color, 0.35))


def chilli(c: Canvas, x: float, y: float, angle: float, size: float = 1.0) -> None:
    """A red chilli."""
    with c.at(x, y, size, angle):
        c.smooth([(-36, 0), (-14, -11), (24, -6), (46, 8), (20, 8), (-14, 11)], CHILLI)
        c.line([(-36, 0), (-52, -10)], 7, LEAF)


def slices(c: Canvas, x: float, y: float, color: Color, count: int = 3) -> None:
    """Overlapping slices of meat."""
    for index in range(count):
        with c.at(x + index * 24, y - index * 4, angle=-16):
            c.ellipse(0, 0, 34, 22, color)
            c.arc(0, 0, 22, 13, 200, 340, 4, lit(color, 0.45))


def steamed_fish(c: Canvas, color: Color = FISH) -> None:
    """A whole fish lying on its side, head to the left."""
    c.smooth([(150, -18), (214, -66), (206, -14), (216, 40), (150, 4)], shaded(color, 0.1))
    c.smooth(
        [(-180, -6), (-120, -56), (0, -70), (110, -42), (168, -10), (110, 22), (0, 38), (-120, 30)],
        color,
    )
    c.smooth(
        [(-150, 14), (-60, 26), (60, 22), (130, 4), (60, 34), (-40, 40), (-120, 32)],
        lit(color, 0.6),
        shade=0,
    )
    c.smooth([(-76, -56), (-10, -88), (74, -50), (0, -50)], shaded(color, 0.14), shade=0.4)
    c.arc(-96, -8, 24, 42, -80, 80, 5, shaded(color, 0.3))
    c.ellipse(-132, -18, 11, 11, WHITE, shade=0)
    c.ellipse(-132, -18, 6, 6, INK, shade=0)
    for x in (-40, 6, 52, 96):
        c.line([(x - 12, -42), (x + 10, 2)], 6, lit(color, 0.6))


def shreds(c: Canvas, y: float, rng: Random, spread: float = 110) -> None:
    """Ginger, spring onion and chilli threads over a dish."""
    for tone in (LEAF, rgb("#f5dd8a"), CHILLI, LEAF, rgb("#f5dd8a"), lit(LEAF, 0.3), CHILLI, LEAF):
        x = rng.uniform(-spread, spread)
        c.line(
            [(x - 26, y + rng.uniform(-10, 12)), (x, y - 16), (x + 26, y + rng.uniform(-8, 14))],
            6,
            tone,
            curve=True,
        )


def crab(c: Canvas, color: Color) -> None:
    """A steamed crab facing us."""
    for side in (-1, 1):
        for index, (reach, drop) in enumerate(((150, 6), (162, 34), (146, 60))):
            joint = (side * (92 + index * 4), -62 + index * 22)
            c.line(
                [(side * 60, -44 + index * 12), joint, (side * reach, drop - 22)],
                15,
                shaded(color, 0.08),
                curve=True,
            )
        c.line([(side * 70, -84), (side * 128, -116), (side * 122, -150)], 22, color, curve=True)
        c.smooth(
            [
                (side * 96, -142),
                (side * 92, -196),
                (side * 120, -214),
                (side * 122, -184),
                (side * 138, -212),
                (side * 154, -182),
                (side * 144, -142),
            ],
            color,
        )
    c.smooth(
        [(-112, -52), (-94, -100), (0, -122), (94, -100), (112, -52), (70, -8), (-70, -8)], color
    )
    for x, y in ((-46, -84), (0, -94), (46, -84), (-24, -58), (24, -58)):
        c.ellipse(x, y, 10, 7, lit(color, 0.4), shade=0)
    for side in (-1, 1):
        c.line([(side * 22, -112), (side * 26, -136)], 7, color)
        c.ellipse(side * 26, -140, 10, 10, INK, shade=0)


def roast_duck(c: Canvas) -> None:
    """A glazed duck on its back, leg up."""
    c.smooth(
        [
            (-150, -40),
            (-120, -104),
            (-20, -132),
            (90, -108),
            (146, -56),
            (120, -8),
            (0, 6),
            (-110, -4),
        ],
        ROAST,
    )
    c.smooth(
        [(40, -60), (96, -106), (168, -118), (158, -86), (110, -30), (60, -24)],
        mix(ROAST, SUN, 0.12),
    )
    c.line([(158, -102), (204, -128)], 17, CREAM)
    c.ellipse(206, -136, 12, 12, CREAM)
    c.ellipse(212, -122, 12, 12, CREAM)
    c.smooth(
        [(-118, -46), (-60, -72), (-4, -46), (-40, -16), (-96, -20)], shaded(ROAST, 0.14), shade=0.6
    )
    for x, y, length in ((-74, -104, 66), (-6, -114, 44)):
        c.line([(x, y), (x + length, y - 8)], 9, lit(ROAST, 0.5))


def roast_leg(c: Canvas) -> None:
    """A leg of lamb, bone to the right, scored and herbed."""
    c.line([(120, -52), (208, -92)], 21, CREAM)
    c.ellipse(212, -104, 15, 15, CREAM)
    c.ellipse(220, -86, 15, 15, CREAM)
    c.smooth(
        [
            (-176, -36),
            (-160, -104),
            (-70, -136),
            (30, -112),
            (110, -76),
            (146, -56),
            (132, -30),
            (60, -8),
            (-80, 4),
            (-150, -6),
        ],
        ROAST,
    )
    c.smooth(
        [(-150, -44), (-136, -88), (-84, -98), (-56, -60), (-84, -22), (-130, -18)],
        mix(ROAST, CREAM, 0.3),
        shade=0.6,
    )
    c.ellipse(-106, -58, 20, 20, CREAM)
    for x in (-30, 14, 58):
        c.line([(x - 8, -112 + abs(x) * 0.3), (x + 10, -30)], 6, shaded(ROAST, 0.32))
    for x, y in ((-20, -88), (30, -70), (70, -64), (0, -50), (46, -40)):
        c.line([(x, y), (x + 12, y - 5)], 5, LEAF)


def skewer(c: Canvas, bits: tuple[Color, ...]) -> None:
    """A stick with five bites, lying along the x axis."""
    c.line([(-190, 0), (190, 0)], 6, BAMBOO)
    for index, tone in enumerate(bits):
        x = -112 + index * 52
        c.rect(x - 24, -22, x + 24, 22, tone, radius=14)
        c.line([(x - 10, -14), (x - 2, 14)], 4, shaded(tone, 0.35))
        c.line([(x + 6, -14), (x + 14, 14)], 4, shaded(tone, 0.35))


def prawn(c: Canvas, color: Color = PRAWN) -> None:
    """A curled prawn."""
    for index in range(7):
        t = radians(200 - index * 34)
        size = 27 - index * 2.3
        c.ellipse(
            46 * cos(t), -46 * sin(t), size, size * 0.92, color if index % 2 else lit(color, 0.22)
        )
    t = radians(200 - 7 * 34)
    c.smooth(
        [
            (46 * cos(t), -46 * sin(t)),
            (46 * cos(t) - 34, -46 * sin(t) + 4),
            (46 * cos(t) - 30, -46 * sin(t) + 28),
        ],
        shaded(color, 0.12),
    )
    c.ellipse(-52, 6, 4, 4, INK, shade=0)
    c.line([(-66, 6), (-104, -16), (-126, -52)], 3, color, curve=True)
    c.line([(-66, 12), (-112, 6), (-140, -16)], 3, color, curve=True)


def hot_pot(c: Canvas, clear: Color, spicy: Color, rng: Random) -> None:
    """A wide split pot on a burner, full of good things."""
    c.shadow(0, 10, 220, 44)
    c.rect(-96, -18, 96, 22, CHARCOAL, radius=8)
    for index in range(5):
        x = -56 + index * 28
        c.smooth([(x - 12, -12), (x, -44), (x + 12, -12)], SUN if index % 2 else TOMATO, shade=0)
    for side in (-1, 1):
        c.arc(side * 228, -108, 30, 18, 0, 360, 12, shaded(STEEL, 0.3))
    c.smooth([(-226, -120), (-206, -54), (-130, -22), (130, -22), (206, -54), (226, -120)], STEEL)
    c.ellipse(0, -120, 228, 62, lit(STEEL, 0.5), shade=0.4)
    rim = [(208 * cos(radians(t)), -118 + 52 * sin(radians(t))) for t in range(0, 360, 6)]
    c.poly(rim, clear, 0)
    with c.clip(rim):
        c.smooth(
            [(-6, -190), (40, -140), (-40, -96), (10, -50), (240, -40), (240, -190)], spicy, shade=0
        )
        c.line([(0, -184), (38, -142), (-38, -96), (10, -54)], 10, lit(STEEL, 0.4), curve=True)
        for _ in range(7):
            c.ellipse(rng.uniform(60, 180), rng.uniform(-146, -88), 7, 4, lit(spicy, 0.35), shade=0)
    greens(c, -120, -132, -14, size=0.9)
    half_egg(c, -66, -104, -8)
    c.ellipse(-152, -104, 20, 14, WHITE)
    c.ellipse(-110, -92, 18, 13, WHITE)
    slices(c, 70, -116, rgb("#c9685a"), 4)
    chilli(c, 116, -142, 12, 0.7)
    chilli(c, 82, -88, -18, 0.6)


def sauce(c: Canvas, dish: Color, tone: Color) -> None:
    """A small saucer with a dip."""
    with c.at(0, 0):
        plate(c, dish, 62)
        c.ellipse(0, 0, 42, 11, tone, shade=0)
        c.line([(-20, -3), (0, -5)], 4, lit(tone, 0.4))


def rice_mound(c: Canvas, y: float, rx: float) -> None:
    """White rice above the rim of a bowl."""
    c.smooth(
        [(-rx, y), (-rx * 0.7, y - 44), (0, y - 64), (rx * 0.7, y - 44), (rx, y), (0, y + 16)],
        WHITE,
    )
    for x, dy in ((-40, -22), (-12, -40), (22, -34), (48, -16), (-58, -8), (6, -16)):
        c.line([(x, y + dy), (x + 9, y + dy - 4)], 4, shaded(WHITE, 0.1))
