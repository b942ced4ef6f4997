"""Beds, windows, lamps, baths: what a good hotel is made of."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas, rect_points
from demo.art.palette import (
    CREAM,
    DARK_WOOD,
    INK,
    LEAF,
    SEA,
    STEEL,
    SUN,
    WHITE,
    WOOD,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)


def bed(c: Canvas, frame: Color, blanket: Color, cushion: Color, width: float = 420) -> None:
    """A made bed seen from its foot end."""
    half = width / 2
    c.shadow(0, 6, half * 1.06, 30)
    c.rect(-half, -260, half, -60, frame, radius=26)
    for x in (-half * 0.5, half * 0.5):
        c.rect(x - half * 0.4, -176, x + half * 0.4, -88, WHITE, radius=26)
    for x, turn in ((-half * 0.22, -8), (half * 0.26, 9)):
        with c.at(x, -112, angle=turn):
            c.rect(-44, -36, 44, 36, cushion, radius=14)
    c.smooth(
        [
            (-half - 8, -84),
            (0, -104),
            (half + 8, -84),
            (half + 24, -30),
            (half + 16, -8),
            (-half - 16, -8),
            (-half - 24, -30),
        ],
        WHITE,
    )
    c.smooth(
        [
            (-half - 18, -58),
            (0, -72),
            (half + 18, -58),
            (half + 26, -26),
            (half + 18, 2),
            (-half - 18, 2),
            (-half - 26, -26),
        ],
        blanket,
    )
    for x in (-0.6, -0.15, 0.3, 0.7):
        c.line([(half * x, -54), (half * x + 10, -8)], 4, shaded(blanket, 0.18))


def night_table(c: Canvas, wood: Color, shade_color: Color) -> None:
    """A small table with a lamp that glows."""
    c.shadow(0, 4, 66, 12)
    c.ellipse(0, -214, 112, 112, SUN, shade=0, alpha=34)
    c.rect(-58, -96, 58, 0, wood, radius=8)
    c.rect(-44, -66, 44, -30, lit(wood, 0.18), radius=5)
    c.ellipse(0, -48, 6, 6, SUN, shade=0)
    c.rect(-26, -108, 26, -96, DARK_WOOD, radius=5)
    c.rect(-6, -170, 6, -102, DARK_WOOD)
    c.poly([(-62, -164), (62, -164), (40, -252), (-40, -252)], shade_color)


def sea_window(
    c: Canvas, frame: Color, curtain: Color, rng: Random, *, width: float = 560, height: float = 400
) -> None:
    """A wide window on the bay: sky, sea, lighthouse, boats. The sill's middle is the origin."""
    half = width / 2
    c.rect(-half - 16, -height - 16, half + 16, 12, frame, radius=8)
    pane = rect_points(-half, -height, half, 0)
    dusk = rng.random() < 0.4
    c.poly(pane, rgb("#ffcf9f") if dusk else rgb("#bfe4f4"), 0)
    with c.clip(pane):
        _bay(c, half, height, rng, dusk=dusk)
    c.rect(-6, -height, 6, 0, frame, shade=0.6)
    _curtains(c, half, height, curtain)
    c.rect(-half - 70, -height - 34, half + 70, -height - 18, DARK_WOOD, radius=8)
    c.rect(-half - 36, 4, half + 36, 26, lit(frame, 0.3), radius=5)


def _bay(c: Canvas, half: float, height: float, rng: Random, *, dusk: bool) -> None:
    x = rng.uniform(-half * 0.4, half * 0.2)
    c.ellipse(x, -height * 0.5, 64, 64, rgb("#fff0c4"), shade=0)
    for cx, cy, size in (
        (-half * 0.6, -height * 0.8, 1.0),
        (half * 0.2, -height * 0.86, 0.8),
        (half * 0.7, -height * 0.7, 0.7),
    ):
        cloud(c, cx + rng.uniform(-30, 30), cy, size)
    sea = mix(SEA, rgb("#e58a6a"), 0.25) if dusk else SEA
    c.rect(-half, -height * 0.38, half, 0, lit(sea, 0.12), shade=0)
    c.rect(-half, -height * 0.22, half, 0, sea, shade=0)
    c.rect(-half, -height * 0.09, half, 0, shaded(sea, 0.18), shade=0)
    for _ in range(9):
        wx, wy = rng.uniform(-half, half), rng.uniform(-height * 0.34, -12)
        c.line([(wx, wy), (wx + 46, wy)], 4, lit(sea, 0.45))
    c.smooth(
        [
            (half * 0.3, -height * 0.34),
            (half * 0.55, -height * 0.5),
            (half * 0.9, -height * 0.46),
            (half * 1.2, -height * 0.3),
            (half, -height * 0.26),
        ],
        LEAF,
    )
    with c.at(half * 0.62, -height * 0.46, 0.9):
        lighthouse(c)
    with c.at(-half * 0.45, -height * 0.26, 0.8):
        sail_boat(c, rgb("#e8604a"))
    with c.at(-half * 0.05, -height * 0.12, 1.1):
        sail_boat(c, SUN)


def _curtains(c: Canvas, half: float, height: float, curtain: Color) -> None:
    for side in (-1, 1):
        c.smooth(
            [
                (side * (half + 44), -height - 24),
                (side * (half - 50), -height - 24),
                (side * (half - 64), -height * 0.5),
                (side * (half - 20), 10),
                (side * (half + 52), 12),
            ],
            curtain,
        )
        for shift in (0, 24, 46):
            c.line(
                [
                    (side * (half - 30 + shift), -height - 16),
                    (side * (half - 34 + shift), -height * 0.5),
                    (side * (half - 2 + shift), 4),
                ],
                4,
                shaded(curtain, 0.16),
                curve=True,
            )


def cloud(c: Canvas, x: float, y: float, size: float = 1.0) -> None:
    """A flat-bottomed cloud."""
    with c.at(x, y, size):
        for dx, dy, radius in ((-44, 0, 24), (-12, -16, 34), (30, -6, 28), (54, 4, 18)):
            c.ellipse(dx, dy, radius, radius, WHITE, shade=0)
        c.rect(-62, -2, 68, 24, WHITE, radius=13, shade=0)


def lighthouse(c: Canvas) -> None:
    """A striped lighthouse."""
    tower = [(-20, 0), (20, 0), (13, -116), (-13, -116)]
    c.poly(tower, WHITE)
    with c.clip(tower):
        for y in (-30, -84):
            c.rect(-30, y - 26, 30, y, rgb("#e2533d"), shade=0)
    c.rect(-19, -124, 19, -114, INK, shade=0)
    c.rect(-11, -146, 11, -124, SUN, shade=0)
    c.poly([(-16, -146), (16, -146), (0, -166)], rgb("#e2533d"), 0)


def sail_boat(c: Canvas, sail: Color) -> None:
    """A little boat under sail."""
    c.poly([(-4, -10), (-4, -74), (-42, -12)], WHITE, 0.6)
    c.poly([(2, -10), (2, -86), (46, -12)], sail, 0.6)
    c.poly([(-48, -6), (52, -6), (34, 14), (-32, 14)], DARK_WOOD, 0.6)


def breakfast_tray(c: Canvas, tray: Color) -> None:
    """A tray with legs, its top at the origin."""
    c.shadow(0, 30, 280, 26)
    c.rect(-280, -10, 280, 18, tray, radius=12)
    for x in (-262, 262):
        c.rect(x - 14, 14, x + 14, 60, shaded(tray, 0.15), radius=6)


def fried_egg(c: Canvas) -> None:
    """An egg sunny side up, seen at an angle."""
    c.smooth(
        [(-62, 0), (-36, -16), (6, -18), (56, -10), (62, 6), (24, 16), (-34, 15)], WHITE, shade=0.5
    )
    c.ellipse(-2, -3, 22, 11, rgb("#ffb02e"))


def pancakes(c: Canvas, count: int = 4) -> None:
    """A stack with butter and syrup."""
    tone = rgb("#e2a04f")
    for index in range(count):
        y = -index * 20
        c.rect(-86, y - 22, 86, y, tone, radius=11)
        c.ellipse(0, y - 20, 86, 15, lit(tone, 0.35), shade=0)
    top = -count * 20
    c.smooth(
        [
            (-70, top),
            (-20, top - 12),
            (60, top - 6),
            (72, top + 6),
            (66, top + 34),
            (54, top + 36),
            (48, top + 8),
            (-30, top + 10),
            (-38, top + 46),
            (-50, top + 44),
            (-56, top + 8),
        ],
        rgb("#9a4f1f"),
        shade=0.5,
    )
    c.rect(-18, top - 20, 20, top - 2, rgb("#ffe28a"), radius=4)


def hot_spring(c: Canvas, water: Color, rng: Random) -> None:
    """A round pool among rocks, steam over it."""
    stones = (
        (-270, 20, 84, 60),
        (-176, 62, 96, 58),
        (-40, 84, 110, 54),
        (116, 78, 104, 58),
        (246, 44, 90, 64),
        (286, -14, 66, 52),
        (-304, -24, 62, 48),
        (-200, -54, 60, 36),
        (206, -58, 62, 36),
    )
    c.ellipse(0, 6, 290, 96, rgb("#6c6a66"), shade=0)
    for x, y, rx, ry in stones[6:]:
        c.ellipse(x, y, rx, ry, mix(rgb("#8b8a86"), WOOD, rng.uniform(0, 0.25)))
    c.ellipse(0, 0, 268, 82, water, shade=0.4)
    c.ellipse(-20, -6, 190, 48, lit(water, 0.22), shade=0)
    for x, y, width in ((-120, 10, 70), (40, -20, 90), (90, 28, 60), (-40, 40, 50)):
        c.line([(x, y), (x + width * 0.5, y - 5), (x + width, y)], 5, lit(water, 0.6), curve=True)
    for x, y, rx, ry in stones[:6]:
        c.ellipse(x, y, rx, ry, mix(rgb("#8b8a86"), WOOD, rng.uniform(0, 0.25)))


def bather(c: Canvas, skin: Color, hair: Color) -> None:
    """Someone in the water up to the shoulders, a towel on the head."""
    c.smooth([(-66, 12), (-54, -26), (0, -40), (54, -26), (66, 12)], skin)
    c.rect(-14, -60, 14, -28, shaded(skin, 0.1), radius=8, shade=0)
    c.ellipse(0, -88, 36, 40, skin)
    c.smooth(
        [(-38, -88), (-32, -124), (0, -134), (32, -124), (38, -88), (18, -108), (-18, -108)], hair
    )
    c.rect(-34, -140, 34, -120, WHITE, radius=8)
    for side in (-1, 1):
        c.arc(side * 13, -86, 7, 5, 10, 170, 3.5, INK)
    c.arc(0, -72, 8, 5, 10, 170, 3.5, rgb("#a8453a"))


def bamboo(c: Canvas, height: float, rng: Random) -> None:
    """A stalk of bamboo growing up from the origin."""
    tone = rgb("#7fae5a")
    y = 0.0
    while y > -height:
        c.rect(-9, y - 66, 9, y - 3, tone, radius=3)
        if rng.random() < 0.7:
            side = rng.choice((-1, 1))
            c.smooth(
                [(side * 8, y - 60), (side * 50, y - 92), (side * 86, y - 82), (side * 48, y - 70)],
                shaded(LEAF, 0.1),
                shade=0.5,
            )
        y -= 66


def armchair(c: Canvas, color: Color, cushion: Color) -> None:
    """A deep armchair turned to us."""
    c.shadow(0, 4, 150, 20)
    for x in (-96, 96):
        c.poly([(x - 10, -20), (x + 10, -20), (x + 5, 8), (x - 5, 8)], DARK_WOOD, 0)
    c.rect(-118, -250, 118, -60, color, radius=54)
    for x, y in ((-50, -190), (0, -196), (50, -190), (-26, -150), (26, -150)):
        c.ellipse(x, y, 6, 6, shaded(color, 0.35), shade=0)
    c.rect(-92, -112, 92, -20, lit(color, 0.12), radius=24)
    c.rect(-150, -152, -84, -14, color, radius=32)
    c.rect(84, -152, 150, -14, color, radius=32)
    with c.at(10, -128, angle=9):
        c.rect(-46, -38, 46, 38, cushion, radius=14)


def floor_lamp(c: Canvas, shade_color: Color, height: float = 400) -> None:
    """A standing lamp with a warm halo."""
    c.ellipse(0, -height + 40, 190, 190, SUN, shade=0, alpha=30)
    c.ellipse(0, -height + 40, 120, 120, SUN, shade=0, alpha=36)
    c.shadow(0, 3, 58, 12)
    c.ellipse(0, 0, 52, 11, DARK_WOOD)
    c.rect(-5, -height, 5, 0, DARK_WOOD)
    c.poly(
        [(-74, -height + 84), (74, -height + 84), (46, -height - 20), (-46, -height - 20)],
        shade_color,
    )


def side_table(c: Canvas, wood: Color = WOOD) -> None:
    """A small round table, its top at -120."""
    c.shadow(0, 4, 70, 14)
    c.line([(0, -112), (0, -6)], 13, shaded(wood, 0.2))
    c.ellipse(0, -2, 50, 11, shaded(wood, 0.2))
    c.ellipse(0, -114, 92, 20, shaded(wood, 0.25), shade=0)
    c.ellipse(0, -120, 92, 20, wood, shade=0.5)


def tea_tower(c: Canvas, rng: Random) -> None:
    """Two plates of small cakes on a stand."""
    c.line([(0, 0), (0, -186)], 7, STEEL)
    c.arc(0, -200, 15, 15, 0, 360, 5, STEEL)
    for y, rx in ((-20, 96), (-114, 68)):
        c.ellipse(0, y + 5, rx, 17, shaded(WHITE, 0.2), shade=0)
        c.ellipse(0, y, rx, 17, WHITE, shade=0.5)
        for index in range(5):
            x = -rx * 0.68 + index * rx * 0.34
            tone = rng.choice((rgb("#f2a9b4"), rgb("#f6d27a"), rgb("#b8d69a"), rgb("#c98a5c")))
            c.rect(x - 14, y - 30, x + 14, y - 2, tone, radius=9)
            c.ellipse(x, y - 31, 7, 7, rgb("#d9483b"), shade=0.5)


def bunk_bed(c: Canvas, frame: Color, first: Color, second: Color) -> None:
    """A bunk bed with a ladder."""
    c.shadow(0, 6, 250, 24)
    for x in (-230, 230):
        c.rect(x - 13, -400, x + 13, 6, frame, radius=8)
    for y, blanket in ((-300, first), (-96, second)):
        c.rect(-222, y + 22, 222, y + 56, shaded(frame, 0.1), radius=6)
        c.rect(-216, y - 16, 216, y + 28, WHITE, radius=16)
        c.rect(-206, y - 50, -106, y - 2, lit(blanket, 0.65), radius=20)
        c.rect(-112, y - 26, 218, y + 30, blanket, radius=18)
        for x in (-40, 50, 140):
            c.ellipse(x, y + 2, 9, 9, lit(blanket, 0.5), shade=0)
    c.rect(-222, -372, 60, -352, frame, radius=8)
    for x in (100, 186):
        c.rect(x - 8, -382, x + 8, 4, lit(frame, 0.2), radius=6)
    for y in range(-330, 0, 62):
        c.rect(100, y - 8, 186, y + 8, lit(frame, 0.2), radius=6)


def porthole(c: Canvas, frame: Color) -> None:
    """A round window with sea in it."""
    c.ellipse(0, 0, 82, 82, frame)
    c.ellipse(0, 0, 64, 64, rgb("#bfe4f4"), shade=0)
    ring = [(64 * x, 64 * y) for x, y in ((-1, 0), (-0.7, 0.72), (0, 1), (0.7, 0.72), (1, 0))]
    c.smooth([*ring, (0.5 * 64, 8), (0, -6), (-0.5 * 64, 8)], SEA, shade=0)
    for x, y in ((0, -73), (0, 73), (-73, 0), (73, 0)):
        c.ellipse(x, y, 5, 5, CREAM, shade=0)


def picture(c: Canvas, frame: Color, tones: tuple[Color, Color]) -> None:
    """A framed print of two hills and a sun."""
    c.rect(-76, -58, 76, 58, frame, radius=4)
    pane = rect_points(-64, -46, 64, 46)
    c.poly(pane, CREAM, 0)
    with c.clip(pane):
        c.ellipse(24, -12, 18, 18, SUN, shade=0)
        c.smooth(
            [(-90, 30), (-40, -10), (10, 26), (80, 10), (90, 70), (-90, 70)], tones[0], shade=0
        )
        c.smooth([(-90, 46), (-10, 22), (90, 40), (90, 80), (-90, 80)], tones[1], shade=0)
