"""Things from the salon and the spa."""

from __future__ import annotations

from demo.art.canvas import Canvas
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    INK,
    LEAF,
    STEEL,
    SUN,
    WHITE,
    Color,
    lit,
    mix,
    rgb,
    shaded,
)


def scissors(c: Canvas, handle: Color) -> None:
    """Open shears, points up."""
    for side in (-1, 1):
        with c.at(0, 0, angle=side * 15):
            c.poly([(-9, 10), (-4, -190), (4, -198), (10, 10)], STEEL, 0.8)
            c.line([(0, 10), (side * -8, 66)], 15, handle)
            c.arc(side * -18, 108, 34, 44, 0, 360, 15, handle)
    c.ellipse(0, 0, 12, 12, shaded(STEEL, 0.4))
    c.ellipse(0, 0, 4, 4, WHITE, shade=0)


def comb(c: Canvas, color: Color, length: float = 240) -> None:
    """A comb lying along the x axis."""
    for index in range(int(length // 12)):
        x = -length / 2 + 8 + index * 12
        c.line([(x, 0), (x, 44)], 6, shaded(color, 0.1))
    c.rect(-length / 2, -18, length / 2, 10, color, radius=10)


def brush(c: Canvas, handle: Color, tip: Color, *, width: float = 46) -> None:
    """A make-up brush standing, bristles up."""
    c.rect(-9, -120, 9, 40, handle, radius=8)
    c.rect(-15, -146, 15, -104, STEEL, radius=4)
    c.smooth([(-14, -144), (-width / 2, -190), (0, -230), (width / 2, -190), (14, -144)], tip)


def hair_dryer(c: Canvas, color: Color) -> None:
    """A dryer blowing to the left."""
    c.rect(12, -50, 58, 96, shaded(color, 0.06), radius=20)
    c.rect(-96, -110, 60, -24, color, radius=22)
    c.ellipse(48, -67, 58, 56, color)
    c.ellipse(52, -67, 30, 29, CHARCOAL)
    for step in (-14, 0, 14):
        c.line([(36, -67 + step), (68, -67 + step)], 3, STEEL)
    c.poly([(-96, -106), (-96, -28), (-134, -18), (-134, -116)], CHARCOAL)


def mirror(c: Canvas, frame: Color, rx: float = 120) -> None:
    """A round table mirror with a gleam."""
    c.shadow(0, 2, 82, 18)
    c.rect(-12, -60, 12, -8, frame)
    c.ellipse(0, -4, 72, 15, frame)
    c.ellipse(0, -rx - 50, rx, rx, frame)
    c.ellipse(0, -rx - 50, rx * 0.87, rx * 0.87, rgb("#d8ebf0"), shade=0)
    with c.at(0, -rx - 50, angle=24):
        c.rect(-rx * 0.38, -rx * 0.74, -rx * 0.08, rx * 0.74, WHITE, shade=0, alpha=120)
        c.rect(rx * 0.06, -rx * 0.78, rx * 0.16, rx * 0.78, WHITE, shade=0, alpha=120)


def pump_bottle(
    c: Canvas, color: Color, label: Color, *, height: float = 150, rx: float = 48
) -> None:
    """A lotion bottle with a pump."""
    c.shadow(3, 2, rx * 1.1, rx * 0.28)
    c.line([(0, -height - 8), (0, -height - 36)], 11, CREAM)
    c.line([(4, -height - 40), (-40, -height - 40), (-48, -height - 30)], 14, CREAM)
    c.rect(-22, -height - 14, 22, -height + 14, CREAM, radius=4)
    c.rect(-rx, -height, rx, 0, color, radius=18)
    c.rect(-rx * 0.62, -height * 0.68, rx * 0.62, -height * 0.24, label, radius=4, shade=0)
    c.line([(-rx * 0.36, -height * 0.54), (rx * 0.36, -height * 0.54)], 5, mix(label, INK, 0.5))
    c.line([(-rx * 0.2, -height * 0.4), (rx * 0.2, -height * 0.4)], 4, mix(label, INK, 0.3))


def jar(c: Canvas, color: Color, lid: Color, rx: float = 58, height: float = 64) -> None:
    """A squat cream jar."""
    c.shadow(2, 2, rx * 1.05, rx * 0.26)
    c.rect(-rx, -height, rx, 0, color, radius=12)
    c.rect(-rx * 1.04, -height - 30, rx * 1.04, -height + 4, lid, radius=7)
    c.ellipse(0, -height * 0.46, 13, 13, lit(color, 0.6), shade=0)


def tube(c: Canvas, color: Color, cap: Color) -> None:
    """A squeezed tube standing on its cap."""
    c.shadow(2, 2, 36, 9)
    c.rect(-24, -34, 24, 0, cap, radius=4)
    c.poly([(-34, -34), (34, -34), (46, -168), (-46, -168)], color)
    c.rect(-46, -184, 46, -164, shaded(color, 0.2), shade=0.4)
    c.rect(-20, -128, 20, -84, CREAM, radius=4, shade=0)


def polish(c: Canvas, color: Color, cap: Color = CHARCOAL) -> None:
    """A bottle of nail polish."""
    c.shadow(2, 1, 40, 10)
    c.rect(-17, -150, 17, -70, cap, radius=6)
    c.smooth([(-42, -60), (-24, -80), (24, -80), (42, -60), (40, -4), (-40, -4)], color)
    c.smooth([(-30, -54), (-20, -66), (-16, -54), (-20, -14), (-28, -14)], lit(color, 0.6), shade=0)


def hand(c: Canvas, skin: Color, nails: Color) -> None:
    """A hand lying palm down, fingers to the right."""
    c.smooth([(-230, -46), (-90, -64), (10, -60), (20, 30), (-90, 52), (-230, 46)], skin)
    for y, length, lean in ((-46, 150, -6), (-16, 172, -1), (14, 160, 4), (40, 126, 10)):
        tip = (length, y + lean * 2)
        c.line([(-8, y), tip], 33, shaded(skin, 0.1))
        c.line([(-8, y - 2), (tip[0], tip[1] - 2)], 29, skin)
        c.ellipse(tip[0] + 4, tip[1] - 3, 16, 10, nails, shade=0.8)
    c.line([(-70, 44), (-10, 84), (46, 92)], 31, skin, curve=True)
    c.ellipse(54, 92, 16, 10, nails, angle=8, shade=0.8)


def dye_bowl(c: Canvas, dye: Color, bowl: Color) -> None:
    """A mixing bowl of colour with a brush in it."""
    c.shadow(2, 2, 92, 18)
    c.poly([(-100, -82), (100, -82), (66, 0), (-66, 0)], bowl)
    c.ellipse(0, -82, 100, 22, lit(bowl, 0.3), shade=0.2)
    c.ellipse(0, -80, 88, 17, dye, shade=0)
    c.line([(-46, -84), (-20, -90), (20, -78)], 6, lit(dye, 0.4), curve=True)
    with c.at(36, -86, 1, 34):
        c.rect(-9, -190, 9, -60, WHITE, radius=7)
        c.rect(-26, -70, 26, -48, CHARCOAL, radius=4)
        c.rect(-24, -50, 24, 4, dye, radius=4)


def hair_lock(c: Canvas, color: Color) -> None:
    """A wavy lock of hair hanging from the origin."""
    c.smooth(
        [
            (-34, 0),
            (34, 0),
            (54, 70),
            (22, 140),
            (44, 210),
            (6, 264),
            (-26, 212),
            (-46, 140),
            (-18, 70),
        ],
        color,
    )
    for shift in (-14, 4, 20):
        c.line(
            [(shift, 6), (shift + 16, 70), (shift - 14, 140), (shift + 6, 210)],
            4,
            lit(color, 0.35),
            curve=True,
        )


def towel_roll(c: Canvas, color: Color) -> None:
    """A rolled towel seen from its end."""
    c.shadow(0, 0, 74, 12)
    c.rect(-20, -60, 96, 0, color, radius=26)
    c.ellipse(-20, -30, 30, 30, color)
    c.arc(-20, -30, 18, 18, -60, 240, 5, shaded(color, 0.25))
    c.arc(-20, -30, 8, 8, 0, 300, 4, shaded(color, 0.25))


def towels(c: Canvas, tones: tuple[Color, ...], width: float = 190) -> None:
    """A stack of folded towels."""
    c.shadow(0, 2, width * 0.54, 16)
    for index, tone in enumerate(tones):
        y = -index * 42
        c.rect(-width / 2, y - 44, width / 2, y, tone, radius=16)
        c.line([(-width / 2 + 12, y - 22), (width / 2 - 30, y - 22)], 4, shaded(tone, 0.22))


def stones(c: Canvas) -> None:
    """Three balanced stones."""
    c.shadow(0, 0, 82, 16)
    for y, rx, ry, tone in (
        (-26, 80, 28, rgb("#4c5560")),
        (-72, 60, 22, rgb("#626d78")),
        (-106, 40, 16, rgb("#7a8691")),
    ):
        c.ellipse(0, y, rx, ry, tone)


def candle(c: Canvas, color: Color, height: float = 90) -> None:
    """A lit candle with its halo."""
    c.ellipse(0, -height - 34, 74, 74, SUN, shade=0, alpha=40)
    c.ellipse(0, -height - 34, 46, 46, SUN, shade=0, alpha=60)
    c.shadow(2, 1, 38, 10)
    c.rect(-34, -height, 34, 0, color, radius=7)
    c.ellipse(0, -height, 34, 8, lit(color, 0.4), shade=0)
    c.line([(0, -height), (0, -height - 14)], 4, INK)
    c.smooth(
        [(0, -height - 60), (14, -height - 28), (0, -height - 12), (-14, -height - 28)],
        rgb("#ffb02e"),
        shade=0,
    )
    c.smooth(
        [(0, -height - 42), (7, -height - 26), (0, -height - 16), (-7, -height - 26)],
        WHITE,
        shade=0,
    )


def orchid(c: Canvas, petal: Color, pot: Color) -> None:
    """An orchid in a pot, leaning right."""
    c.shadow(2, 2, 44, 12)
    c.line([(0, -60), (-10, -150), (40, -230), (100, -250)], 6, LEAF, curve=True)
    c.smooth([(0, -60), (-60, -110), (-84, -100), (-30, -56)], LEAF)
    c.smooth([(0, -60), (54, -104), (84, -92), (30, -56)], shaded(LEAF, 0.14))
    for x, y, size in ((22, -206, 1.0), (62, -240, 0.95), (106, -252, 0.8)):
        with c.at(x, y, size):
            for angle in range(0, 360, 72):
                with c.at(0, 0, 1, angle):
                    c.ellipse(0, -17, 13, 18, petal, shade=0.6)
            c.ellipse(0, 0, 8, 8, SUN, shade=0)
    c.poly([(-40, -66), (40, -66), (30, 0), (-30, 0)], pot)
    c.rect(-44, -76, 44, -58, pot, radius=4)


def compact(c: Canvas, case: Color, tones: tuple[Color, ...]) -> None:
    """An open palette with a mirror lid."""
    c.shadow(4, 8, 150, 24)
    c.poly([(-134, -20), (-116, -158), (116, -158), (134, -20)], case)
    c.poly([(-114, -34), (-100, -144), (100, -144), (114, -34)], rgb("#d8ebf0"), 0)
    c.poly([(-60, -34), (-20, -144), (10, -144), (-24, -34)], WHITE, 0, 130)
    c.poly([(-140, -20), (140, -20), (164, 34), (-164, 34)], case, 0.6)
    for index, tone in enumerate(tones):
        x = -102 + index * (204 / max(1, len(tones) - 1))
        c.ellipse(x, 6, 27, 15, tone, shade=0.6)


def lipstick(c: Canvas, color: Color, case: Color = INK) -> None:
    """A lipstick, open."""
    c.shadow(1, 1, 26, 7)
    c.rect(-24, -70, 24, 0, case, radius=4)
    c.rect(-18, -104, 18, -68, SUN, radius=2)
    c.poly([(-14, -102), (14, -102), (14, -152), (-14, -132)], color)


def bathtub_leaf(c: Canvas, angle: float, color: Color = LEAF) -> None:
    """One long leaf."""
    with c.at(0, 0, 1, angle):
        c.smooth([(0, 0), (-22, -50), (0, -120), (22, -50)], color)
        c.line([(0, -4), (0, -104)], 4, lit(color, 0.35))
