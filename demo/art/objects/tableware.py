"""Cups, bowls, plates, pots and what stands beside them. Every object stands on its origin."""

from __future__ import annotations

from demo.art.canvas import Canvas, ellipse_points
from demo.art.palette import CREAM, INK, LEAF, WHITE, WOOD, Color, lit, mix, shaded


def plate(c: Canvas, color: Color, rx: float = 150, *, rim: Color | None = None) -> None:
    """A plate seen from a little above, its middle at the origin."""
    c.shadow(0, 14, rx, rx * 0.28)
    c.ellipse(0, 4, rx, rx * 0.3, shaded(color, 0.14), shade=0)
    c.ellipse(0, 0, rx, rx * 0.29, color, shade=0.5)
    if rim is not None:
        c.ellipse(0, 0, rx * 0.9, rx * 0.25, rim, shade=0)
        c.ellipse(0, 0, rx * 0.84, rx * 0.23, color, shade=0)
    c.ellipse(0, 2, rx * 0.66, rx * 0.17, shaded(color, 0.06), shade=0)


def bowl(
    c: Canvas,
    color: Color,
    rx: float = 130,
    height: float = 100,
    *,
    band: Color | None = None,
    inside: Color | None = None,
) -> None:
    """A bowl on a foot; the mouth is an ellipse `height` above the origin."""
    c.shadow(0, 2, rx * 0.8, rx * 0.16)
    c.rect(-rx * 0.38, -14, rx * 0.38, 4, shaded(color, 0.18), radius=5)
    c.poly(_bulge(rx, height), color)
    if band is not None:
        with c.clip(_bulge(rx, height)):
            c.rect(-rx, -height * 0.74, rx, -height * 0.6, band, shade=0)
            for step in range(-5, 6):
                c.ellipse(step * rx * 0.2, -height * 0.42, 6, 6, band, shade=0)
    c.ellipse(0, -height, rx, rx * 0.25, lit(color, 0.4), shade=0.3)
    c.ellipse(0, -height + 2, rx * 0.91, rx * 0.21, inside or shaded(color, 0.2), shade=0)


def _bulge(rx: float, height: float) -> list[tuple[float, float]]:
    return [
        (x, y) for x, y in ellipse_points(0, -height, rx, height * 0.92, steps=80) if y >= -height
    ]


def cup(
    c: Canvas,
    color: Color,
    *,
    drink: Color,
    band: Color | None = None,
    rx: float = 74,
    height: float = 96,
) -> None:
    """A round cup with a handle to the right on a saucer."""
    c.shadow(6, 6, rx * 1.6, rx * 0.42)
    c.ellipse(0, 4, rx * 1.55, rx * 0.42, shaded(color, 0.12), shade=0)
    c.ellipse(0, 0, rx * 1.55, rx * 0.4, color, shade=0.5)
    c.ellipse(0, 0, rx * 0.9, rx * 0.22, shaded(color, 0.12), shade=0)
    c.arc(rx * 0.92, -height * 0.58, rx * 0.42, height * 0.27, -90, 110, 15, shaded(color, 0.12))
    c.poly([*_bulge(rx, height)], color)
    if band is not None:
        with c.clip(_bulge(rx, height)):
            c.rect(-rx, -height * 0.66, rx, -height * 0.38, band, shade=0)
    c.ellipse(0, -height, rx, rx * 0.28, lit(color, 0.5), shade=0.2)
    c.ellipse(0, -height + 1, rx * 0.9, rx * 0.235, drink, shade=0.3)


def glass(
    c: Canvas,
    liquid: Color,
    *,
    level: float = 0.82,
    rx: float = 52,
    height: float = 190,
    straw: Color | None = None,
) -> None:
    """A tall tumbler; the liquid shows through."""
    c.shadow(4, 2, rx * 1.1, rx * 0.3)
    body = [(-rx, -height), (rx, -height), (rx * 0.78, 0), (-rx * 0.78, 0)]
    c.poly(body, WHITE, 0, 120)
    top = -height * level
    half = rx * (0.78 + 0.22 * level)
    c.poly(
        [(-half + 5, top), (half - 5, top), (rx * 0.78 - 6, -7), (-rx * 0.78 + 6, -7)], liquid, 0.8
    )
    c.ellipse(0, top, half - 5, 12, lit(liquid, 0.35), shade=0)
    if straw is not None:
        c.line([(6, top - 2), (34, -height - 58)], 9, straw)
    c.ellipse(0, -height, rx, 13, WHITE, shade=0, alpha=110)
    c.poly(
        [
            (-rx + 9, -height + 10),
            (-rx + 21, -height + 10),
            (-rx * 0.78 + 18, -12),
            (-rx * 0.78 + 10, -12),
        ],
        WHITE,
        0,
        120,
    )


def ice(c: Canvas, x: float, y: float, angle: float) -> None:
    """One cube."""
    with c.at(x, y, angle=angle):
        c.rect(-17, -17, 17, 17, WHITE, radius=5, shade=0, alpha=150)
        c.line([(-8, -9), (6, -9)], 3, WHITE)


def chopsticks(c: Canvas, color: Color, length: float = 260) -> None:
    """A pair lying on the table, pointing right and up."""
    for lift in (0.0, 15.0):
        c.line([(0, lift + 7), (length, lift - 34)], 8, shaded(color, 0.35), alpha=90)
        c.line([(0, lift), (length, lift - 42)], 8, color)
        c.line([(0, lift), (length * 0.2, lift - 8.4)], 8, lit(color, 0.5))


def steam(c: Canvas, x: float, y: float, height: float = 110, *, count: int = 3) -> None:
    """Curls of steam rising from (x, y)."""
    for index in range(count):
        left = x + (index - (count - 1) / 2) * 46
        sway = 14 if index % 2 else -14
        knots = [
            (left, y),
            (left + sway, y - height * 0.3),
            (left - sway, y - height * 0.65),
            (left + sway * 0.6, y - height),
        ]
        c.ribbon(knots, 17, WHITE, 135)


def teapot(c: Canvas, color: Color, *, knob: Color = WOOD) -> None:
    """A pot with the spout to the right."""
    c.shadow(4, 3, 98, 22)
    c.smooth(
        [(62, -70), (112, -96), (130, -118), (140, -110), (122, -64), (70, -26)],
        shaded(color, 0.08),
    )
    c.arc(-84, -62, 40, 40, 60, 300, 13, shaded(color, 0.15))
    c.smooth(
        [(-86, -58), (-60, -108), (0, -122), (60, -108), (86, -58), (56, -6), (-56, -6)], color
    )
    c.ellipse(0, -116, 46, 11, shaded(color, 0.14), shade=0)
    c.ellipse(0, -121, 44, 10, lit(color, 0.2), shade=0)
    c.ellipse(0, -134, 12, 12, knob)


def vase(c: Canvas, color: Color, leaves: Color = LEAF, blossom: Color | None = None) -> None:
    """A small vase with a sprig."""
    for x, y, angle in ((-34, -164, -24), (4, -196, 4), (40, -158, 30)):
        c.line([(0, -80), (x, y + 20)], 5, shaded(leaves, 0.2))
        c.ellipse(x, y, 15, 38, leaves, angle=angle)
        if blossom is not None:
            c.ellipse(x, y - 36, 15, 15, blossom)
    c.shadow(4, 2, 44, 12)
    c.smooth(
        [(-16, -92), (16, -92), (20, -72), (42, -40), (34, -4), (-34, -4), (-42, -40), (-20, -72)],
        color,
    )
    c.ellipse(0, -91, 17, 5, shaded(color, 0.35), shade=0)


def napkin(c: Canvas, color: Color, width: float = 190, stripe: Color | None = None) -> None:
    """A folded cloth lying flat."""
    shape = [(-width / 2, 8), (width / 2 - 20, -22), (width / 2 + 14, 20), (-width / 2 + 30, 52)]
    c.poly([(x + 6, y + 7) for x, y in shape], INK, 0, 50)
    c.poly(shape, color, 0.5)
    with c.clip(shape):
        for step in range(-4, 5):
            c.line(
                [(step * 34 - 30, 70), (step * 34 + 10, -40)], 6, stripe or mix(color, CREAM, 0.5)
            )


def bottle(
    c: Canvas, color: Color, *, cap: Color, label: Color, height: float = 170, rx: float = 36
) -> None:
    """A bottle with a plain label."""
    c.shadow(3, 2, rx * 1.1, rx * 0.3)
    c.rect(-12, -height, 12, -height + 50, color, radius=4, shade=0.8)
    c.rect(-rx, -height + 42, rx, 0, color, radius=16)
    c.rect(-14, -height - 14, 14, -height + 12, cap, radius=4)
    c.rect(-rx, -height * 0.55, rx, -height * 0.2, label, shade=0)
    c.line([(-rx * 0.45, -height * 0.42), (rx * 0.45, -height * 0.42)], 5, mix(label, INK, 0.55))
    c.line([(-rx * 0.25, -height * 0.32), (rx * 0.25, -height * 0.32)], 4, mix(label, INK, 0.35))


def board(c: Canvas, color: Color = WOOD, rx: float = 210) -> None:
    """A serving board with grain, its top at the origin."""
    c.shadow(4, 26, rx, 40)
    outline = [(-rx, -6), (-rx + 34, -44), (rx - 30, -44), (rx, -6), (rx - 10, 26), (-rx + 10, 26)]
    c.poly([(x, y + 12) for x, y in outline], shaded(color, 0.35), 0)
    c.poly(outline, color, 0.4)
    for y, left, right in ((-26, -0.7, 0.1), (-10, -0.2, 0.7), (8, -0.8, -0.1), (14, 0.2, 0.8)):
        c.line([(rx * left, y), (rx * right, y)], 3, shaded(color, 0.14))
