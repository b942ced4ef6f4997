"""Shop fronts: a house, an awning, a sign, a window with what is sold, and the street before it."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas
from demo.art.objects import rooms
from demo.art.objects.emblems import EMBLEMS, draw_emblem
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    DARK_WOOD,
    DEEP_LEAF,
    INK,
    LEAF,
    STEEL,
    SUN,
    WHITE,
    WOOD,
    Color,
    Scheme,
    lit,
    mix,
    rgb,
    shaded,
)

STREET_Y = 196.0
_GLASS = rgb("#cfe7ee")
_BRICKS = tuple(
    rgb(code) for code in ("#f3e2c7", "#e8c9a8", "#d9e3dc", "#f0d2c4", "#dcd6e6", "#cddbe6")
)
_SKIES = tuple(rgb(code) for code in ("#c9e6f2", "#fbe0bd", "#d6e9df"))


def street(c: Canvas, sky: Color) -> None:
    """Sky, a few clouds, pavement and kerb."""
    c.rect(-4000, -2000, 4000, 2000, sky, shade=0)
    for x, y, size in ((-310, -244, 1.2), (260, -262, 0.9)):
        rooms.cloud(c, x, y, size)
    c.rect(-4000, STREET_Y, 4000, 2000, rgb("#d9cbb8"), shade=0)
    c.rect(-4000, STREET_Y, 4000, STREET_Y + 6, lit(rgb("#d9cbb8"), 0.5), shade=0)
    for index in range(-40, 41):
        c.line(
            [(index * 90, STREET_Y + 6), (index * 90 * 1.25, STREET_Y + 58)],
            3,
            shaded(rgb("#d9cbb8"), 0.12),
        )
    c.rect(-4000, STREET_Y + 58, 4000, STREET_Y + 70, rgb("#b7a793"), shade=0)
    c.rect(-4000, STREET_Y + 70, 4000, 2000, rgb("#8d8b8c"), shade=0)


def front(
    c: Canvas,
    trade: str,
    s: Scheme,
    rng: Random,
    *,
    half: float = 290,
    top: float = -216,
    emblem: str | None = None,
) -> None:
    """One shop `2 * half` wide standing on the street line; `emblem` is what its sign shows."""
    stone = rng.choice(_BRICKS)
    c.shadow(0, STREET_Y + 4, half, 16)
    c.rect(-half, top, half, STREET_Y, stone, radius=4, shade=0.5)
    _upper_windows(c, stone, half, top, rng)
    _roof(c, stone, half, top, rng)
    _brick_hints(c, stone, half, top, rng)
    shop_top = -40.0
    c.rect(
        -half + 18, shop_top, half - 18, STREET_Y, mix(s.accents[3], INK, 0.1), radius=4, shade=0.4
    )
    door_left = rng.random() < 0.5
    with c.at(0, 0, flip=door_left):
        _window(c, trade, s, rng, half)
        _door(c, s, half)
    _sign(c, emblem or rng.choice(EMBLEMS[trade]), s, rng, half, shop_top)
    _awning(c, trade, s, half, shop_top, rng)


def _roof(c: Canvas, stone: Color, half: float, top: float, rng: Random) -> None:
    """A cornice, a gable behind it, or grey tiles with upturned eaves."""
    kind = rng.choice(("cornice", "gable", "eaves", "eaves"))
    if kind == "cornice":
        c.rect(-half - 14, top - 20, half + 14, top + 6, shaded(stone, 0.16), radius=5)
        return
    if kind == "gable":
        tone = rng.choice((rgb("#b5563f"), rgb("#54708a"), rgb("#7a6a5c")))
        c.poly(
            [
                (-half - 20, top + 4),
                (-half + 50, top - 74),
                (half - 50, top - 74),
                (half + 20, top + 4),
            ],
            tone,
        )
        for row in range(3):
            y = top - 56 + row * 22
            reach = half - 36 + row * 19
            c.line([(-reach, y), (reach, y)], 3, shaded(tone, 0.2))
        c.rect(
            -half + half * 0.9,
            top - 112,
            -half + half * 0.9 + 40,
            top - 60,
            shaded(stone, 0.2),
            radius=3,
        )
        return
    tone = rgb("#5c6874")
    c.smooth(
        [
            (-half - 54, top - 26),
            (-half + 10, top - 44),
            (-half * 0.5, top - 66),
            (half * 0.5, top - 66),
            (half - 10, top - 44),
            (half + 54, top - 26),
            (half + 20, top + 6),
            (-half - 20, top + 6),
        ],
        tone,
    )
    c.rect(-half * 0.56, top - 78, half * 0.56, top - 60, shaded(tone, 0.3), radius=8)
    count = round(half / 13)
    for index in range(-count, count + 1):
        x = index * half / count
        c.line([(x * 0.82, top - 54), (x, top - 2)], 3, shaded(tone, 0.25))
    for index in range(-count, count + 1):
        c.ellipse(index * half / count, top + 3, 8, 6, lit(tone, 0.25), shade=0)


def _upper_windows(c: Canvas, stone: Color, half: float, top: float, rng: Random) -> None:
    count = max(2, round(half / 110))
    for index in range(count):
        x = (index - (count - 1) / 2) * (2 * half / (count + 0.35))
        c.rect(x - 38, top + 18, x + 38, top + 84, WHITE, radius=4, shade=0.4)
        c.rect(
            x - 31,
            top + 25,
            x + 31,
            top + 80,
            lit(SUN, 0.45) if rng.random() < 0.3 else _GLASS,
            shade=0,
        )
        c.line([(x, top + 25), (x, top + 80)], 4, WHITE)
        c.rect(x - 46, top + 80, x + 46, top + 89, shaded(stone, 0.12), radius=3, shade=0.4)
        if rng.random() < 0.5:
            for dx in (-28, -10, 8, 26):
                c.ellipse(x + dx, top + 75, 12, 10, LEAF, shade=0.6)
                c.ellipse(
                    x + dx + 4, top + 69, 5, 5, rng.choice((rgb("#e8617a"), SUN, WHITE)), shade=0
                )


def _brick_hints(c: Canvas, stone: Color, half: float, top: float, rng: Random) -> None:
    for _ in range(7):
        x, y = rng.uniform(-half + 20, half - 60), rng.uniform(top + 20, -70)
        c.rect(x, y, x + 26, y + 9, shaded(stone, 0.09), radius=2, shade=0)


def _window(c: Canvas, trade: str, s: Scheme, rng: Random, half: float) -> None:
    left, right = -half + 40, half * 0.36
    pane_top, pane_bottom = 22.0, 158.0
    c.rect(left - 8, pane_top - 8, right + 8, pane_bottom + 10, CREAM, radius=6, shade=0.5)
    c.rect(left, pane_top, right, pane_bottom, mix(_GLASS, lit(SUN, 0.5), 0.55), shade=0)
    names = list(EMBLEMS[trade])
    rng.shuffle(names)
    count = max(1, round((right - left) / 120))
    c.rect(left, 136, right, pane_bottom, WOOD, shade=0)
    for index in range(count):
        with c.at(left + (index + 0.5) * (right - left) / count, 96, 0.56):
            draw_emblem(c, names[index % len(names)], s)
    with c.clip([(left, pane_top), (right, pane_top), (right, pane_bottom), (left, pane_bottom)]):
        for x in (left + 46, left + 80):
            c.poly(
                [(x, pane_top), (x + 17, pane_top), (x - 45, pane_bottom), (x - 62, pane_bottom)],
                WHITE,
                0,
                70,
            )
    c.rect(left - 14, pane_bottom + 6, right + 14, pane_bottom + 18, shaded(CREAM, 0.12), radius=4)


def _door(c: Canvas, s: Scheme, half: float) -> None:
    left, right = half * 0.48, half - 44
    c.rect(left - 8, 14, right + 8, STREET_Y, CREAM, radius=6, shade=0.4)
    c.rect(left, 22, right, STREET_Y, s.accents[0], radius=4, shade=0.6)
    c.rect(left + 16, 38, right - 16, 132, _GLASS, radius=5, shade=0.3)
    c.poly(
        [(left + 26, 38), (left + 44, 38), (left + 22, 132), (left + 16, 132), (left + 16, 80)],
        WHITE,
        0,
        110,
    )
    c.rect(left + 10, 148, left + 18, 172, SUN, radius=4, shade=0.5)
    c.rect(left - 20, STREET_Y - 8, right + 20, STREET_Y + 4, shaded(CREAM, 0.2), radius=3)


def _sign(c: Canvas, emblem: str, s: Scheme, rng: Random, half: float, shop_top: float) -> None:
    board = rng.choice((s.ground, s.accents[3], s.accents[0]))
    c.rect(-half * 0.74, shop_top - 78, half * 0.74, shop_top - 8, board, radius=14, shade=0.6)
    c.rect(
        -half * 0.71,
        shop_top - 73,
        half * 0.71,
        shop_top - 13,
        lit(board, 0.12),
        radius=11,
        shade=0,
    )
    c.ellipse(0, shop_top - 44, 50, 50, CREAM, shade=0.5)
    with c.at(0, shop_top - 44, 0.42):
        draw_emblem(c, emblem, s)
    for side in (-1, 1):
        for step in (0.32, 0.46, 0.58):
            c.ellipse(side * half * step, shop_top - 43, 7, 7, SUN, shade=0)


def _awning(c: Canvas, trade: str, s: Scheme, half: float, shop_top: float, rng: Random) -> None:
    """Stripes with a scalloped edge, one plain colour with a border, or lanterns under a beam."""
    tone = rng.choice(
        [color for color in (*s.accents[:2], s.accents[3], s.ground) if min(color) < 150]
    )
    if trade == "restaurants" and rng.random() < 0.5:
        _lanterns(c, half, shop_top)
        return
    plain = rng.random() < 0.35
    c.poly(
        [
            (-half + 20, shop_top + 46),
            (half - 20, shop_top + 46),
            (half - 20, shop_top + 66),
            (-half + 20, shop_top + 66),
        ],
        INK,
        0,
        60,
    )
    stripes = 11
    width = (2 * half - 4) / stripes
    for index in range(stripes):
        stripe = tone if plain or index % 2 == 0 else CREAM
        x = -half + 2 + index * width
        inner = (x + width / 2) * 0.94 - width * 0.47
        c.poly(
            [
                (inner - 1, shop_top),
                (inner + width * 0.94 + 1, shop_top),
                (x + width + 1, shop_top + 44),
                (x - 1, shop_top + 44),
            ],
            stripe,
            0,
        )
        if not plain:
            c.ellipse(x + width / 2, shop_top + 44, width / 2, 17, stripe, shade=0.4)
    if plain:
        c.rect(-half, shop_top + 42, half, shop_top + 62, shaded(tone, 0.14), radius=3, shade=0)
        c.rect(-half, shop_top + 54, half, shop_top + 60, CREAM, shade=0)
    c.rect(-half * 0.95, shop_top - 6, half * 0.95, shop_top + 4, CHARCOAL, radius=4, shade=0.5)


def _lanterns(c: Canvas, half: float, shop_top: float) -> None:
    c.rect(-half + 4, shop_top - 4, half - 4, shop_top + 12, DARK_WOOD, radius=4)
    count = 6
    for index in range(count):
        x = -half + 50 + index * (2 * half - 100) / (count - 1)
        c.line([(x, shop_top + 10), (x, shop_top + 22)], 3, INK)
        c.ellipse(x, shop_top + 42, 36, 34, SUN, shade=0, alpha=36)
        c.ellipse(x, shop_top + 42, 25, 21, rgb("#dd3f34"))
        for rx in (8, 17):
            c.arc(x, shop_top + 42, rx, 20, 0, 360, 1.5, rgb("#a92a26"))
        c.rect(x - 11, shop_top + 19, x + 11, shop_top + 25, SUN, radius=2, shade=0)
        c.rect(x - 11, shop_top + 59, x + 11, shop_top + 65, SUN, radius=2, shade=0)
        c.line([(x, shop_top + 65), (x, shop_top + 80)], 3, rgb("#dd3f34"))


def furniture(c: Canvas, s: Scheme, rng: Random) -> None:
    """What stands on the pavement: trees in tubs, a bench, a bicycle, a lamp."""
    for x in (-336, 336):
        if rng.random() < 0.75:
            with c.at(x, STREET_Y + 34):
                tub_tree(c, s.accents[0], rng)
    kind = rng.choice(("bench", "bicycle", "board", "none"))
    if kind == "bench":
        with c.at(-160, STREET_Y + 48):
            bench(c)
    elif kind == "bicycle":
        with c.at(-150, STREET_Y + 46):
            bicycle(c, s.accents[1])
    elif kind == "board":
        with c.at(-30, STREET_Y + 46):
            menu_board(c)


def tub_tree(c: Canvas, pot: Color, rng: Random) -> None:
    """A clipped tree in a tub."""
    c.shadow(2, 2, 42, 10)
    c.line([(0, -40), (0, -120)], 9, DARK_WOOD)
    crown = rng.choice((LEAF, DEEP_LEAF))
    if rng.random() < 0.5:
        c.ellipse(0, -150, 50, 52, crown)
    else:
        c.smooth([(0, -230), (40, -120), (44, -84), (-44, -84), (-40, -120)], crown)
    c.poly([(-38, -50), (38, -50), (28, 0), (-28, 0)], pot)
    c.rect(-42, -60, 42, -44, lit(pot, 0.2), radius=5)


def bench(c: Canvas) -> None:
    """A slatted bench."""
    c.shadow(0, 2, 104, 9)
    for x in (-80, 80):
        c.line([(x, 0), (x, -84)], 8, CHARCOAL)
    for y in (-84, -68, -40):
        c.rect(-100, y, 100, y + 12, WOOD, radius=5)


def bicycle(c: Canvas, color: Color) -> None:
    """A town bicycle leaning on nothing."""
    c.shadow(0, 2, 116, 9)
    for x in (-66, 70):
        c.arc(x, -40, 40, 40, 0, 360, 7, CHARCOAL)
        c.ellipse(x, -40, 5, 5, STEEL, shade=0)
    c.line([(-66, -40), (-30, -100), (44, -100), (4, -40), (-66, -40)], 7, color)
    c.line([(4, -40), (-34, -112)], 7, color)
    c.line([(70, -40), (40, -124), (20, -130)], 7, color)
    c.line([(-50, -114), (-20, -114)], 10, DARK_WOOD)
    c.rect(34, -128, 86, -92, WOOD, radius=6)


def menu_board(c: Canvas) -> None:
    """A folding chalk board."""
    c.shadow(0, 2, 50, 9)
    c.poly([(-42, 0), (-34, -104), (34, -104), (42, 0)], WOOD)
    c.poly([(-32, -12), (-27, -94), (27, -94), (32, -12)], CHARCOAL, 0)
    for y, width in ((-78, 34), (-60, 24), (-44, 30), (-28, 18)):
        c.line([(-width / 2, y), (width / 2, y)], 5, CREAM)


def street_lamp(c: Canvas) -> None:
    """A lamp post."""
    c.line([(0, 0), (0, -330)], 9, CHARCOAL)
    c.rect(-14, -14, 14, 2, CHARCOAL, radius=4)
    c.ellipse(0, -350, 44, 44, SUN, shade=0, alpha=50)
    c.smooth([(-18, -334), (-22, -366), (0, -380), (22, -366), (18, -334)], lit(SUN, 0.4))
    c.poly([(-26, -372), (26, -372), (0, -394)], CHARCOAL, 0)
