"""Small squares: avatars of people (and now and then of their animal) and merchants' marks."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas
from demo.art.objects import animals
from demo.art.objects.emblems import EMBLEMS, draw_emblem
from demo.art.palette import (
    CHARCOAL,
    CREAM,
    INK,
    TOMATO,
    WHITE,
    Color,
    Scheme,
    lit,
    mix,
    rgb,
    shaded,
)

_SKINS = tuple(
    rgb(code) for code in ("#f8d5b6", "#f3c6a0", "#e3ad82", "#c98d62", "#a06a47", "#7b4e35")
)
_HAIRS = tuple(
    rgb(code) for code in ("#2b2526", "#3f2d26", "#6a432c", "#a9713f", "#1f2a38", "#b9b2ab")
)
_CLOTHES = tuple(
    rgb(code)
    for code in (
        "#e2533d",
        "#2f8aa6",
        "#ffc94d",
        "#5d9b63",
        "#7a5ba6",
        "#ef8f74",
        "#24466b",
        "#f3e3c6",
    )
)
_GROUNDS = tuple(
    rgb(code)
    for code in ("#fbd7b5", "#c9e4ee", "#d7ead0", "#e6dcf3", "#fde3a3", "#f8d0d3", "#c8e6dd")
)


def avatar(c: Canvas, rng: Random) -> None:
    """A head and shoulders in the middle of the frame."""
    ground = rng.choice(_GROUNDS)
    c.rect(-4000, -4000, 4000, 4000, ground, shade=0)
    c.ellipse(0, 40, 330, 330, mix(ground, CREAM, 0.5), shade=0)
    if rng.random() < 0.14:
        _animal(c, rng)
        return
    skin, hair, shirt = rng.choice(_SKINS), rng.choice(_HAIRS), rng.choice(_CLOTHES)
    style = rng.choice(("short", "bob", "long", "bun", "curly", "fringe", "cap", "bald"))
    with c.at(0, 30, 1.5):
        _hair_behind(c, hair, style)
        _shoulders(c, skin, shirt, rng)
        _face(c, skin, rng)
        _hair_in_front(c, hair, style, rng.choice(_CLOTHES))
        if rng.random() < 0.28:
            _spectacles(c)


def _animal(c: Canvas, rng: Random) -> None:
    with c.at(0, 70, 3.1):
        if rng.random() < 0.5:
            animals.cat_head(c, rng.choice(animals.CAT_COATS))
        else:
            coat = rng.choice(animals.COATS)
            animals.dog_head(c, coat, shaded(coat, 0.3))


def _hair_behind(c: Canvas, hair: Color, style: str) -> None:
    if style not in {"bald", "cap"}:
        c.smooth(
            [(-99, -46), (-92, -138), (0, -178), (92, -138), (99, -46), (0, -20)], hair, shade=0
        )
    if style == "long":
        c.smooth(
            [
                (-116, -60),
                (-86, -158),
                (0, -182),
                (86, -158),
                (116, -60),
                (124, 120),
                (70, 150),
                (-70, 150),
                (-124, 120),
            ],
            hair,
        )
    elif style == "bob":
        c.smooth(
            [
                (-116, -70),
                (-88, -158),
                (0, -182),
                (88, -158),
                (116, -70),
                (112, 34),
                (60, 50),
                (-60, 50),
                (-112, 34),
            ],
            hair,
        )
    elif style == "bun":
        c.ellipse(0, -190, 46, 44, hair)
    elif style == "curly":
        for x, y in (
            (-96, -60),
            (-92, -120),
            (-52, -170),
            (0, -186),
            (52, -170),
            (92, -120),
            (96, -60),
            (-98, 0),
            (98, 0),
        ):
            c.ellipse(x, y, 44, 44, hair)


def _shoulders(c: Canvas, skin: Color, shirt: Color, rng: Random) -> None:
    c.rect(-38, 20, 38, 130, shaded(skin, 0.14), radius=30, shade=0)
    c.smooth(
        [
            (-190, 340),
            (-172, 170),
            (-86, 108),
            (-30, 100),
            (30, 100),
            (86, 108),
            (172, 170),
            (190, 340),
        ],
        shirt,
    )
    if rng.random() < 0.5:
        c.smooth([(-42, 96), (0, 150), (42, 96), (30, 84), (-30, 84)], skin, shade=0)
    else:
        c.smooth([(-54, 96), (0, 128), (54, 96), (46, 76), (-46, 76)], lit(shirt, 0.3), shade=0.5)


def _face(c: Canvas, skin: Color, rng: Random) -> None:
    for side in (-1, 1):
        c.ellipse(side * 92, -34, 18, 24, skin)
    c.smooth(
        [
            (-92, -60),
            (-74, -140),
            (0, -158),
            (74, -140),
            (92, -60),
            (78, 20),
            (36, 62),
            (0, 70),
            (-36, 62),
            (-78, 20),
        ],
        skin,
    )
    for side in (-1, 1):
        c.ellipse(side * 56, 2, 18, 12, rgb("#ee8576"), shade=0, alpha=110)
        c.ellipse(side * 36, -38, 8, 10, INK, shade=0)
        c.ellipse(side * 36 - 3, -42, 2.6, 3, WHITE, shade=0)
        c.arc(side * 36, -62, 18, 9, 205, 335, 5, mix(INK, skin, 0.3))
    c.arc(2, -16, 9, 10, 20, 130, 5, shaded(skin, 0.3))
    if rng.random() < 0.4:
        c.smooth([(-26, 16), (26, 16), (14, 38), (-14, 38)], rgb("#a8403a"), shade=0)
        c.smooth([(-20, 17), (20, 17), (16, 24), (-16, 24)], WHITE, shade=0)
    else:
        c.arc(0, 10, 26, 20, 25, 155, 6, mix(TOMATO, INK, 0.35))


def _hair_in_front(c: Canvas, hair: Color, style: str, cap: Color) -> None:
    if style == "bald":
        return
    if style == "cap":
        c.smooth([(-98, -92), (-84, -160), (0, -190), (84, -160), (98, -92), (0, -108)], cap)
        c.smooth([(-30, -110), (80, -122), (156, -92), (130, -78), (40, -90)], shaded(cap, 0.15))
        return
    if style == "fringe":
        c.smooth(
            [
                (-104, -40),
                (-100, -128),
                (-40, -184),
                (50, -180),
                (102, -124),
                (104, -44),
                (82, -92),
                (-78, -92),
            ],
            hair,
        )
        return
    sweep = -40 if style in {"short", "bun"} else 30
    c.smooth(
        [
            (-102, -44),
            (-100, -128),
            (-46, -182),
            (46, -182),
            (100, -128),
            (102, -44),
            (80, -106),
            (sweep, -124),
            (-82, -96),
        ],
        hair,
    )


def _spectacles(c: Canvas) -> None:
    for side in (-1, 1):
        c.arc(side * 38, -36, 27, 25, 0, 360, 6, CHARCOAL)
        c.line([(side * 65, -40), (side * 90, -46)], 5, CHARCOAL)
    c.line([(-11, -38), (11, -38)], 5, CHARCOAL)


def mark(c: Canvas, trade: str, s: Scheme, rng: Random, emblem: str | None) -> None:
    """A merchant's sign: an emblem of the trade on one of four badges."""
    ground = rng.choice((s.ground, s.accents[3], s.accents[0]))
    c.rect(-4000, -4000, 4000, 4000, ground, shade=0)
    badge = rng.randrange(4)
    plate = mix(s.wall, CREAM, 0.35) if trade != "cinema" else CREAM
    if badge == 0:
        c.ellipse(0, 0, 326, 326, plate, shade=0.5)
        c.arc(0, 0, 296, 296, 0, 360, 9, lit(ground, 0.25))
    elif badge == 1:
        for step in range(18):
            with c.at(0, 0, 1, step * 20):
                c.poly([(-44, -900), (44, -900), (0, 0)], lit(ground, 0.14), 0)
        c.ellipse(0, 0, 286, 286, plate, shade=0.5)
    elif badge == 2:
        c.rect(-290, -40, 290, 320, plate, radius=30, shade=0.5)
        c.ellipse(0, -40, 290, 280, plate, shade=0)
        c.line([(-230, 262), (230, 262)], 13, s.accents[1])
    else:
        c.rect(-310, -310, 310, 310, plate, radius=130, shade=0.5)
        for x in (-120, -60, 0, 60, 120):
            c.ellipse(x, 244, 13, 13, s.accents[1] if x else s.accents[0], shade=0)
    lift = -22 if badge in {2, 3} else 0
    with c.at(0, lift, 2.7 if badge != 1 else 2.4):
        draw_emblem(c, emblem or rng.choice(EMBLEMS[trade]), s)
