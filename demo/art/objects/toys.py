"""Things from the play house, the workshop and the bookshelf."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas, rect_points
from demo.art.palette import (
    CREAM,
    DARK_WOOD,
    INK,
    LEAF,
    SUN,
    WHITE,
    WOOD,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)


def cube(
    c: Canvas, x: float, y: float, size: float, color: Color, mark: str = "", angle: float = 0
) -> None:
    """A block standing on (x, y) with a shape painted on its face."""
    half = size / 2
    with c.at(x, y, angle=angle):
        c.rect(-half, -size, half, 0, color, radius=size * 0.1)
        c.rect(
            -half * 0.74,
            -size * 0.87,
            half * 0.74,
            -size * 0.13,
            lit(color, 0.4),
            radius=size * 0.06,
            shade=0,
        )
        if mark == "disc":
            c.ellipse(0, -half, size * 0.22, size * 0.22, color, shade=0)
        elif mark == "triangle":
            c.poly(
                [(0, -size * 0.75), (size * 0.25, -size * 0.28), (-size * 0.25, -size * 0.28)],
                color,
                0,
            )
        elif mark == "square":
            c.rect(-size * 0.2, -size * 0.7, size * 0.2, -size * 0.3, color, radius=3, shade=0)
        elif mark == "wave":
            for dy in (-0.62, -0.42):
                c.line(
                    [
                        (-size * 0.24, size * dy),
                        (-size * 0.08, size * (dy - 0.1)),
                        (size * 0.08, size * dy),
                        (size * 0.24, size * (dy - 0.1)),
                    ],
                    size * 0.07,
                    color,
                    curve=True,
                )


def roof(c: Canvas, x: float, y: float, width: float, color: Color) -> None:
    """A triangular block."""
    c.poly([(x - width / 2, y), (x + width / 2, y), (x, y - width * 0.55)], color)


def bridge(c: Canvas, x: float, y: float, width: float, color: Color) -> None:
    """A block with a round arch cut out."""
    half, height = width / 2, width * 0.52
    inner = [
        (x - half * 0.5 + half * t, y - height * 0.62 * (1 - (2 * t - 1) ** 2) ** 0.5)
        for t in (0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1)
    ]
    c.poly(
        [
            (x - half, y),
            (x - half, y - height),
            (x + half, y - height),
            (x + half, y),
            *reversed(inner),
        ],
        color,
    )


def toy_boat(c: Canvas, hull: Color, sail: Color) -> None:
    """A wooden boat on wheels."""
    c.shadow(0, 4, 96, 14)
    c.line([(0, -60), (0, -176)], 8, DARK_WOOD)
    c.poly([(8, -70), (8, -172), (82, -74)], sail)
    c.poly([(-8, -74), (-8, -150), (-60, -78)], WHITE)
    c.smooth([(-104, -62), (104, -62), (78, -16), (-78, -16)], hull)
    for x in (-46, 46):
        c.ellipse(x, -14, 20, 20, SUN)
        c.ellipse(x, -14, 6, 6, DARK_WOOD, shade=0)


def balls(
    c: Canvas, tones: tuple[Color, ...], rng: Random, *, top: float, rows: int = 4, step: float = 62
) -> None:
    """A sea of balls from `top` downwards, across the picture."""
    count = int(c.half_width * 1.3 // step) + 1
    for row in range(rows):
        for index in range(-count, count + 1):
            x = index * step + (step / 2 if row % 2 else 0) + rng.uniform(-8, 8)
            c.ellipse(
                x,
                top + row * step * 0.72 + rng.uniform(-10, 10),
                step * 0.56,
                step * 0.56,
                rng.choice(tones),
            )


def slide(c: Canvas, color: Color, frame: Color) -> None:
    """A slide coming down to the right from a little tower."""
    c.rect(-196, -330, -176, 40, frame, radius=6)
    c.rect(-76, -330, -56, 40, frame, radius=6)
    for y in (-60, -120, -180):
        c.rect(-190, y, -60, y + 12, shaded(frame, 0.15), radius=5)
    c.rect(-206, -236, -46, -216, frame, radius=6)
    c.poly([(-224, -322), (-28, -322), (-126, -412)], color)
    c.smooth(
        [
            (-60, -246),
            (10, -206),
            (110, -60),
            (196, 0),
            (270, 8),
            (270, 40),
            (170, 36),
            (70, -20),
            (-20, -168),
            (-64, -206),
        ],
        color,
    )
    c.line(
        [(-50, -236), (20, -188), (112, -44), (196, 12), (262, 18)], 9, lit(color, 0.5), curve=True
    )


def child(
    c: Canvas, skin: Color, hair: Color, top: Color, *, cheer: bool = True, bunches: bool = False
) -> None:
    """A child from the waist up, arms in the air."""
    for side in (-1, 1):
        end = (side * 92, -150) if cheer else (side * 70, -40)
        c.line(
            [(side * 40, -70), (side * 74, -100), end], 25, top if not cheer else skin, curve=True
        )
        c.ellipse(end[0], end[1], 15, 15, skin)
    c.smooth([(-52, 20), (-54, -60), (-30, -92), (30, -92), (54, -60), (52, 20)], top)
    c.rect(-14, -112, 14, -80, shaded(skin, 0.1), radius=8, shade=0)
    if bunches:
        for side in (-1, 1):
            c.ellipse(side * 58, -156, 22, 26, hair)
    c.ellipse(0, -150, 52, 52, skin)
    c.smooth(
        [
            (-55, -148),
            (-48, -196),
            (0, -212),
            (48, -196),
            (55, -148),
            (34, -178),
            (-10, -184),
            (-36, -172),
        ],
        hair,
    )
    for side in (-1, 1):
        c.ellipse(side * 19, -148, 5.5, 7, INK, shade=0)
        c.ellipse(side * 31, -132, 9, 6, rgb("#f08c7d"), shade=0, alpha=150)
    c.smooth([(-15, -130), (15, -130), (0, -112)], rgb("#a83f3a"), shade=0)


def crayon(c: Canvas, x: float, y: float, color: Color, angle: float, length: float = 150) -> None:
    """A crayon pointing up before it is turned."""
    with c.at(x, y, angle=angle):
        c.poly([(-17, -length), (17, -length), (6, -length - 34), (-6, -length - 34)], color, 0.7)
        c.rect(-19, -length, 19, 0, color, radius=5)
        c.rect(-19, -length + 22, 19, -22, lit(color, 0.3), shade=0.3)
        for dy in (-length + 30, -36):
            c.line([(-18, dy), (18, dy)], 5, shaded(color, 0.35))


def drawing(c: Canvas, paper: Color, tones: tuple[Color, ...], rng: Random) -> None:
    """A child's picture on a sheet: sea, boat and sun."""
    c.rect(-170, -118, 182, 132, INK, shade=0, alpha=50)
    sheet = rect_points(-176, -128, 176, 124, 4)
    c.poly(sheet, paper, 0.3)
    with c.clip(sheet):
        c.ellipse(112, -74, 32, 32, SUN, shade=0)
        for step in range(8):
            with c.at(112, -74, 1, step * 45):
                c.line([(0, -42), (0, -56)], 7, SUN)
        for row in range(4):
            y = 30 + row * 26
            c.line(
                [(x, y + (8 if (x // 44) % 2 else -8)) for x in range(-200, 220, 44)],
                13,
                tones[row % len(tones)],
                curve=True,
            )
        x = rng.uniform(-90, 10)
        c.poly([(x - 60, -4), (x + 64, -4), (x + 40, 30), (x - 38, 30)], tones[0], 0)
        c.line([(x, -4), (x, -92)], 7, DARK_WOOD)
        c.poly([(x + 5, -90), (x + 5, -18), (x + 58, -18)], tones[1], 0)


def paint_pots(c: Canvas, tones: tuple[Color, ...]) -> None:
    """Three little pots of paint in a row."""
    for index, tone in enumerate(tones):
        with c.at((index - (len(tones) - 1) / 2) * 92, 0):
            c.shadow(1, 1, 38, 9)
            c.rect(-36, -58, 36, 0, WHITE, radius=8)
            c.rect(-36, -40, 36, -14, tone, shade=0)
            c.ellipse(0, -58, 36, 9, tone, shade=0.4)


def book_upright(
    c: Canvas, x: float, width: float, height: float, color: Color, lean: float = 0
) -> None:
    """A book on a shelf, spine to us."""
    with c.at(x, 0, angle=lean):
        c.rect(0, -height, width, 0, color, radius=4)
        c.rect(0, -height + 20, width, -height + 32, lit(color, 0.5), shade=0)
        c.rect(0, -40, width, -28, lit(color, 0.5), shade=0)
        c.ellipse(width / 2, -height * 0.55, width * 0.26, width * 0.26, lit(color, 0.55), shade=0)


def open_book(c: Canvas, cover: Color, tones: tuple[Color, ...]) -> None:
    """A picture book lying open, a boat sailing out of it."""
    c.shadow(0, 30, 240, 22)
    c.poly([(-238, 10), (0, 36), (238, 10), (226, 40), (0, 62), (-226, 40)], cover, 0.5)
    c.smooth(
        [(-226, -92), (-120, -114), (-4, -86), (-2, 44), (-110, 18), (-236, 26)], WHITE, shade=0.5
    )
    c.smooth([(226, -92), (120, -114), (4, -86), (2, 44), (110, 18), (236, 26)], WHITE, shade=0.5)
    for y in (-66, -44, -22):
        c.line([(-190, y), (-110, y - 10), (-44, y + 4)], 6, mix(WHITE, INK, 0.22), curve=True)
    c.smooth(
        [(36, -30), (90, -50), (150, -40), (200, -50), (206, 0), (110, -4), (36, 14)],
        tones[0],
        shade=0,
    )
    c.ellipse(168, -70, 18, 16, SUN, shade=0)
    c.poly([(82, -46), (140, -46), (128, -28), (94, -28)], tones[1], 0)
    c.poly([(108, -50), (108, -96), (140, -52)], tones[2], 0)


def piano(c: Canvas, case: Color, keys: tuple[Color, ...]) -> None:
    """A little upright piano with coloured keys."""
    c.shadow(0, 6, 270, 26)
    c.rect(-250, -330, 250, -60, case, radius=16)
    c.rect(-224, -300, 224, -176, lit(case, 0.14), radius=10, shade=0.4)
    c.rect(-264, -342, 264, -318, shaded(case, 0.15), radius=8)
    for leg in (-226, 226):
        c.rect(leg - 17, -80, leg + 17, 4, shaded(case, 0.12), radius=6)
    c.rect(-268, -118, 268, -60, shaded(case, 0.1), radius=10)
    width = 480 / 14
    for index in range(14):
        x = -240 + index * width
        tone = keys[index % len(keys)]
        c.rect(x + 1, -150, x + width - 1, -76, WHITE, radius=4, shade=0.4)
        c.rect(x + 5, -94, x + width - 5, -80, tone, radius=3, shade=0)
    for index in range(13):
        if index % 7 not in (2, 6):
            x = -240 + (index + 1) * width
            c.rect(x - 9, -152, x + 9, -110, INK, radius=3, shade=0.5)


def note(
    c: Canvas, x: float, y: float, color: Color, size: float = 1.0, *, pair: bool = False
) -> None:
    """A music note, head at (x, y)."""
    with c.at(x, y, size):
        c.line([(14, 0), (14, -76)], 7, color)
        c.ellipse(0, 0, 17, 13, color, angle=-18, shade=0.4)
        if pair:
            c.line([(74, -8), (74, -84)], 7, color)
            c.ellipse(60, -8, 17, 13, color, angle=-18, shade=0.4)
            c.poly([(11, -80), (78, -90), (78, -70), (11, -60)], color, 0)
        else:
            c.smooth([(14, -78), (44, -56), (38, -30), (30, -48), (14, -56)], color, shade=0)


def swing(c: Canvas, frame: Color, seat: Color) -> None:
    """A swing frame; the empty space under the bar is for a child."""
    for side in (-1, 1):
        c.line([(side * 190, -360), (side * 254, 10)], 19, frame)
        c.line([(side * 190, -360), (side * 140, 0)], 19, shaded(frame, 0.15))
    c.line([(-206, -360), (206, -360)], 21, frame)
    c.line([(-70, -356), (-92, -70)], 6, CREAM)
    c.line([(70, -356), (48, -70)], 6, CREAM)
    c.rect(-112, -76, 68, -56, seat, radius=8)


def picnic(c: Canvas, cloth: Color, basket: Color = WOOD) -> None:
    """A basket on a checked cloth."""
    shape = [(-170, 10), (130, -24), (190, 26), (-120, 62)]
    c.poly(shape, WHITE, 0)
    with c.clip(shape):
        for step in range(-5, 7):
            c.line([(step * 44, -60), (step * 44 + 60, 90)], 15, cloth, alpha=150)
            c.line([(-220, step * 24 + 8), (220, step * 24 - 42)], 9, cloth, alpha=150)
    c.arc(0, -64, 80, 74, 180, 360, 13, shaded(basket, 0.2))
    c.smooth([(-108, -76), (108, -76), (88, 4), (-88, 4)], basket)
    for row in range(3):
        for index in range(-4, 5):
            c.line(
                [
                    (index * 21 - 8 + (row % 2) * 10, -56 + row * 20),
                    (index * 21 + 5 + (row % 2) * 10, -56 + row * 20),
                ],
                5,
                shaded(basket, 0.22),
            )
    c.rect(-114, -92, 114, -70, lit(basket, 0.15), radius=9)


def tree(c: Canvas, crown: Color = LEAF) -> None:
    """A round tree."""
    c.rect(-15, -150, 15, 0, DARK_WOOD, radius=6)
    for x, y, radius in ((-62, -200, 74), (58, -206, 78), (0, -268, 88)):
        c.ellipse(x, y, radius, radius, crown)


def balloon(c: Canvas, x: float, y: float, color: Color, size: float = 1.0) -> None:
    """A balloon on a string."""
    with c.at(x, y, size):
        c.line([(0, 62), (12, 110), (-6, 160), (6, 220)], 4, mix(INK, WHITE, 0.5), curve=True)
        c.poly([(-9, 64), (9, 64), (0, 50)], color, 0)
        c.smooth([(0, -64), (48, -34), (46, 16), (0, 56), (-46, 16), (-48, -34)], color)
        c.ellipse(-18, -28, 9, 16, WHITE, angle=24, shade=0, alpha=150)


def bunting(c: Canvas, tones: tuple[Color, ...], y: float = -240) -> None:
    """Little flags across the top."""
    width = c.half_width * 1.4
    c.line(
        [(-width, y - 30), (-width / 2, y + 26), (0, y - 20), (width / 2, y + 26), (width, y - 30)],
        4,
        INK,
        curve=True,
    )
    count = 15
    for index in range(count):
        x = -width + (index + 0.5) * 2 * width / count
        swing_y = y + (14 if index % 4 in (1, 2) else -6)
        c.poly(
            [(x - 26, swing_y), (x + 26, swing_y), (x, swing_y + 48)],
            tones[index % len(tones)],
            0.5,
        )
