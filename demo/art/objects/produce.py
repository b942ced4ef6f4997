"""Fruit, vegetables, eggs, rice and what they are carried in."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas, ellipse_points
from demo.art.palette import (
    CREAM,
    DARK_WOOD,
    INK,
    LEAF,
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

ORANGE = rgb("#f58f29")
SHELL = rgb("#eec8a0")
BERRY = rgb("#4a5da8")
MELON_FLESH = rgb("#f8b66b")
MELON_RIND = rgb("#a9b66a")


def crate_back(c: Canvas, color: Color = WOOD, width: float = 460) -> None:
    """The inside and far wall of a crate: draw it, then the produce, then `crate_front`."""
    half = width / 2
    c.shadow(0, 6, half * 1.06, 28)
    c.poly([(-half, -150), (half, -150), (half, -20), (-half, -20)], shaded(color, 0.4), 0)
    c.rect(-half, -170, half, -132, shaded(color, 0.2), radius=4)


def crate_front(
    c: Canvas, color: Color = WOOD, width: float = 460, *, label: Color | None = None
) -> None:
    """Two slats and posts over the lower half of what is inside."""
    half = width / 2
    for top in (-108, -50):
        c.rect(-half - 8, top, half + 8, top + 50, color, radius=5)
        for x in (-half * 0.55, half * 0.1, half * 0.6):
            c.line([(x - 30, top + 18), (x + 34, top + 18)], 3, shaded(color, 0.16))
            c.line([(x - 10, top + 34), (x + 20, top + 34)], 3, shaded(color, 0.16))
    for x in (-half + 4, half - 4):
        c.rect(x - 17, -122, x + 17, 4, shaded(color, 0.1), radius=4)
        for y in (-84, -24):
            c.ellipse(x, y, 4, 4, INK, shade=0)
    if label is not None:
        c.rect(-64, -92, 64, -14, CREAM, radius=6)
        c.ellipse(0, -62, 18, 18, label, shade=0.5)
        c.line([(-34, -30), (34, -30)], 5, mix(CREAM, INK, 0.45))


def orange(
    c: Canvas, x: float, y: float, size: float = 44, color: Color = ORANGE, *, leaf: bool = True
) -> None:
    """A tangerine with its leaf."""
    with c.at(x, y, size / 44):
        c.ellipse(0, 0, 44, 41, color)
        for dx, dy in ((-14, 10), (8, 18), (18, -2), (-4, -8)):
            c.ellipse(dx, dy, 2, 2, shaded(color, 0.18), shade=0)
        c.ellipse(0, -36, 6, 4, DARK_WOOD, shade=0)
        if leaf:
            c.smooth([(2, -38), (20, -62), (52, -62), (34, -40)], LEAF)


def orange_half(c: Canvas, x: float, y: float, size: float = 46, color: Color = ORANGE) -> None:
    """A cut orange facing us."""
    with c.at(x, y, size / 46):
        c.ellipse(0, 0, 46, 46, color)
        c.ellipse(0, 0, 39, 39, CREAM, shade=0)
        for angle in range(0, 360, 45):
            with c.at(0, 0, 1, angle):
                c.smooth([(0, -6), (-11, -31), (0, -36), (11, -31)], lit(color, 0.2), shade=0.4)


def tomato(c: Canvas, x: float, y: float, size: float = 46, color: Color = TOMATO) -> None:
    """A ribbed tomato with a green star."""
    with c.at(x, y, size / 46):
        c.smooth(
            [
                (-46, -2),
                (-36, -34),
                (-10, -38),
                (14, -38),
                (38, -32),
                (46, 0),
                (30, 32),
                (0, 38),
                (-30, 32),
            ],
            color,
        )
        for angle in (-105, -55, 55, 105, 180):
            with c.at(0, -33, 0.8, angle):
                c.smooth([(0, 3), (-6, -8), (0, -25), (6, -8)], LEAF, shade=0)
        c.line([(0, -32), (3, -43)], 5, shaded(LEAF, 0.2))


def vine(c: Canvas, tones: tuple[Color, ...]) -> None:
    """Cherry tomatoes on a truss."""
    c.line([(-170, -24), (-60, -60), (60, -44), (180, -70)], 8, LEAF, curve=True)
    for index in range(7):
        x = -150 + index * 52
        y = -8 + (index % 2) * 32
        c.line([(x, -46), (x, y - 26)], 5, LEAF)
        c.ellipse(x, y, 30, 30, tones[index % len(tones)])
        for angle in (-50, 0, 50):
            with c.at(x, y - 25, 1, angle):
                c.smooth([(0, 3), (-4, -4), (0, -15), (4, -4)], LEAF, shade=0)


def strawberry(c: Canvas, x: float, y: float, size: float = 36, angle: float = 0) -> None:
    """A strawberry, point down."""
    with c.at(x, y, size / 36, angle):
        c.smooth(
            [(0, 44), (-24, 22), (-38, -10), (-26, -34), (26, -34), (38, -10), (24, 22)],
            rgb("#dd3d44"),
        )
        for dx, dy in (
            (-16, -14),
            (2, -18),
            (18, -12),
            (-8, 4),
            (10, 4),
            (0, 22),
            (-18, 6),
            (20, 8),
        ):
            c.ellipse(dx, dy, 2.4, 3.6, rgb("#ffd98a"), shade=0)
        for turn in (-64, -32, 0, 32, 64):
            with c.at(0, -32, 1, turn):
                c.smooth([(0, 6), (-7, -6), (0, -24), (7, -6)], LEAF, shade=0.4)


def blueberry(c: Canvas, x: float, y: float, size: float = 22) -> None:
    """A blueberry with its crown."""
    with c.at(x, y, size / 22):
        c.ellipse(0, 0, 22, 21, BERRY)
        c.ellipse(2, -10, 9, 6, shaded(BERRY, 0.5), shade=0)
        c.ellipse(-9, -4, 5, 4, lit(BERRY, 0.4), shade=0)


def punnet(c: Canvas, color: Color, width: float = 250) -> None:
    """A cardboard punnet's front, drawn over the fruit in it."""
    half = width / 2
    c.poly([(-half, -74), (half, -74), (half - 22, 0), (-half + 22, 0)], color)
    c.rect(-half - 6, -82, half + 6, -64, lit(color, 0.25), radius=6)
    for x in (-0.4, 0.0, 0.4):
        c.rect(half * x - 18, -46, half * x + 18, -20, shaded(color, 0.3), radius=10, shade=0)


def melon(c: Canvas, size: float = 120) -> None:
    """A netted melon."""
    tone = rgb("#b9c27a")
    c.shadow(0, 2, size * 0.8, size * 0.2)
    c.ellipse(0, -size * 0.94, size, size * 0.96, tone)
    circle = ellipse_points(0, -size * 0.94, size * 0.97, size * 0.93)
    with c.clip(circle):
        for step in range(-4, 5):
            c.arc(
                step * size * 0.28,
                -size * 0.94,
                size * 0.5,
                size * 1.1,
                100,
                260,
                3,
                lit(tone, 0.6),
            )
            c.arc(
                step * size * 0.28, -size * 0.94, size * 0.5, size * 1.1, -80, 80, 3, lit(tone, 0.6)
            )
    c.line([(0, -size * 1.84), (4, -size * 2.05), (34, -size * 2.08)], 10, shaded(LEAF, 0.1))


def melon_wedge(
    c: Canvas, flesh: Color = MELON_FLESH, rind: Color = MELON_RIND, *, seeds: bool = False
) -> None:
    """A slice lying on its rind."""
    c.shadow(0, 4, 120, 16)
    c.smooth(
        [(-130, -66), (-104, -18), (0, 8), (104, -18), (130, -66), (80, -40), (0, -26), (-80, -40)],
        rind,
    )
    c.smooth([(-124, -72), (-92, -34), (0, -12), (92, -34), (124, -72), (0, -92)], flesh)
    if seeds:
        for x in (-64, -32, 0, 32, 64):
            c.ellipse(x, -52 - 10 * (1 - abs(x) / 70), 4, 7, INK, angle=x / 3, shade=0)


def watermelon_half(c: Canvas, size: float = 150) -> None:
    """Half a watermelon, cut face towards us, spoon in it."""
    c.shadow(0, 4, size, size * 0.2)
    body = [
        (x, y)
        for x, y in ellipse_points(0, -size * 0.62, size * 1.1, size * 0.72, steps=80)
        if y >= -size * 0.62
    ]
    c.poly(body, rgb("#4f9a55"))
    with c.clip(body):
        for step in range(-3, 4):
            c.smooth(
                [
                    (step * 56 - 9, -size),
                    (step * 56 + 9, -size),
                    (step * 44 + 6, 20),
                    (step * 44 - 6, 20),
                ],
                rgb("#2f6b45"),
                shade=0,
            )
    c.ellipse(0, -size * 0.62, size * 1.1, size * 0.34, rgb("#dff0c0"), shade=0.4)
    c.ellipse(0, -size * 0.62, size * 1.01, size * 0.295, rgb("#ee4f55"), shade=0.5)
    for x, y in (
        (-80, -104),
        (-30, -116),
        (26, -106),
        (80, -96),
        (-50, -78),
        (10, -72),
        (56, -72),
        (-100, -90),
    ):
        c.ellipse(x, y, 5, 3.6, INK, shade=0)


def wooden_spoon(c: Canvas) -> None:
    """A wooden spoon, bowl at the origin, handle up and right."""
    c.line([(0, 0), (96, -176)], 13, lit(WOOD, 0.2))
    c.ellipse(0, 0, 24, 36, lit(WOOD, 0.2), angle=28)


def cabbage(c: Canvas, x: float, y: float, size: float = 1.0, color: Color = LEAF) -> None:
    """A round cabbage."""
    with c.at(x, y, size):
        c.ellipse(0, 0, 78, 70, shaded(color, 0.1))
        c.smooth(
            [(-74, 14), (-66, -46), (-20, -66), (8, -20), (-10, 52), (-48, 56)], lit(color, 0.14)
        )
        c.smooth([(74, 14), (66, -46), (20, -66), (-14, -10), (10, 56), (48, 56)], lit(color, 0.28))
        c.line([(10, 50), (24, 0), (40, -44)], 5, lit(color, 0.65), curve=True)
        c.line([(-14, 48), (-34, 0), (-44, -34)], 5, lit(color, 0.55), curve=True)


def leafy(c: Canvas, x: float, y: float, size: float, color: Color, angle: float = 0) -> None:
    """A pak choi standing up."""
    with c.at(x, y, size, angle):
        for lean, tone in ((-28, shaded(color, 0.12)), (26, color), (0, lit(color, 0.18))):
            with c.at(0, 0, 1, lean):
                c.smooth([(-12, 0), (-15, -80), (15, -80), (12, 0)], rgb("#edf4d3"), shade=0.5)
                c.smooth(
                    [
                        (-14, -66),
                        (-44, -122),
                        (-26, -184),
                        (0, -198),
                        (28, -184),
                        (44, -122),
                        (14, -66),
                    ],
                    tone,
                )
                c.line([(0, -72), (0, -172)], 4, lit(tone, 0.5))
        c.smooth([(-30, -22), (0, 10), (30, -22), (20, 4), (-20, 4)], rgb("#edf4d3"))


def carrot(c: Canvas, x: float, y: float, size: float = 1.0, angle: float = 0) -> None:
    """A carrot, point down."""
    with c.at(x, y, size, angle):
        for lean in (-26, 0, 26):
            with c.at(0, -64, 1, lean):
                c.smooth([(0, 6), (-11, -30), (0, -74), (11, -30)], LEAF)
        c.smooth([(-24, -64), (24, -64), (20, -10), (0, 92), (-20, -10)], rgb("#f2853a"))
        for dy in (-44, -20, 8):
            c.line([(-14, dy), (2, dy + 3)], 4, rgb("#c9622a"))


def corn(c: Canvas, x: float, y: float, size: float = 1.0, angle: float = 0) -> None:
    """A cob in its husk."""
    with c.at(x, y, size, angle):
        c.smooth([(-30, 40), (-34, -40), (0, -108), (34, -40), (30, 40)], SUN)
        for row in range(7):
            for column in range(-2, 3):
                if abs(column) < 2 or row > 2:
                    c.ellipse(column * 13, -76 + row * 18, 5, 6, shaded(SUN, 0.14), shade=0)
        c.smooth([(-42, 66), (-54, -30), (-30, -20), (-4, 70)], LEAF)
        c.smooth([(42, 66), (54, -30), (30, -20), (4, 70)], shaded(LEAF, 0.12))


def aubergine(c: Canvas, x: float, y: float, size: float = 1.0, angle: float = 0) -> None:
    """A long aubergine."""
    with c.at(x, y, size, angle):
        c.smooth(
            [(-22, -70), (22, -70), (38, 10), (30, 74), (0, 92), (-30, 74), (-38, 10)],
            rgb("#6a4486"),
        )
        c.smooth(
            [(-28, -58), (-10, -92), (10, -92), (28, -58), (12, -66), (0, -50), (-12, -66)], LEAF
        )


def egg(
    c: Canvas, x: float, y: float, size: float = 34, color: Color = SHELL, angle: float = 0
) -> None:
    """An egg, blunt end down."""
    with c.at(x, y, size / 34, angle):
        c.smooth(
            [
                (0, -44),
                (-17, -37),
                (-30, -14),
                (-34, 10),
                (-25, 31),
                (0, 39),
                (25, 31),
                (34, 10),
                (30, -14),
                (17, -37),
            ],
            color,
        )


def egg_tray(c: Canvas, color: Color, eggs: tuple[Color, ...], width: float = 440) -> None:
    """One row of six in a moulded tray."""
    half = width / 2
    c.shadow(0, 4, half, 20)
    step = width / 6
    for index in range(6):
        egg(c, -half + step * (index + 0.5), -44, 34, eggs[index % len(eggs)])
    rim: list[tuple[float, float]] = []
    for index in range(6):
        left = -half + step * index
        rim += [
            (left, -46),
            (left + step * 0.2, -30),
            (left + step * 0.5, -22),
            (left + step * 0.8, -30),
        ]
    c.poly([*rim, (half, -46), (half - 10, 4), (-half + 10, 4)], color)
    for index in range(1, 6):
        x = -half + step * index
        c.line([(x, -34), (x, 0)], 4, shaded(color, 0.2))


def sack(c: Canvas, color: Color, label: Color, rice: Color = WHITE) -> None:
    """An open sack of rice, rolled at the top."""
    c.shadow(4, 4, 120, 22)
    c.smooth(
        [
            (-104, -8),
            (-124, -90),
            (-100, -186),
            (100, -186),
            (124, -90),
            (104, -8),
            (60, 4),
            (-60, 4),
        ],
        color,
    )
    c.ellipse(0, -188, 104, 30, shaded(color, 0.3), shade=0)
    c.smooth([(-92, -188), (-50, -222), (0, -236), (50, -222), (92, -188), (0, -168)], rice)
    c.arc(0, -188, 106, 30, 0, 180, 26, lit(color, 0.25))
    c.ellipse(0, -92, 48, 48, label, shade=0)
    rice_ear(c, 0, -58, CREAM)


def rice_ear(c: Canvas, x: float, y: float, color: Color) -> None:
    """An ear of rice, stalk at (x, y), growing up."""
    c.line([(x, y), (x, y - 66)], 4, color)
    for index in range(4):
        for side in (-1, 1):
            c.ellipse(x + side * 11, y - 22 - index * 14, 6, 10, color, angle=side * 34, shade=0)
    c.ellipse(x, y - 76, 6, 11, color, shade=0)


def grains(c: Canvas, rng: Random, tone: Color, count: int = 20) -> None:
    """Scattered grains in front."""
    for _ in range(count):
        c.ellipse(
            rng.gauss(0, 110),
            rng.uniform(-14, 22),
            8,
            4,
            tone,
            angle=rng.uniform(0, 180),
            shade=0.6,
        )


def clam(c: Canvas, x: float, y: float, size: float, color: Color, angle: float = 0) -> None:
    """A striped clam."""
    with c.at(x, y, size, angle):
        c.smooth([(-46, 10), (-38, -24), (0, -42), (38, -24), (46, 10), (0, 28)], color)
        for step in (-24, -8, 8, 24):
            c.line([(step * 0.3, 22), (step, -26)], 4, shaded(color, 0.2))
