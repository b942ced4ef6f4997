"""Colours: one ink, one cream and one sun for the whole city, and four schemes for each trade."""

from __future__ import annotations

from dataclasses import dataclass

Color = tuple[int, int, int]


def rgb(code: str) -> Color:
    """Read "#rrggbb"."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(color: Color, other: Color, share: float) -> Color:
    """`color` with `share` (0 to 1) of `other` stirred in."""
    return (
        round(color[0] + (other[0] - color[0]) * share),
        round(color[1] + (other[1] - color[1]) * share),
        round(color[2] + (other[2] - color[2]) * share),
    )


INK = rgb("#24364a")
DUSK = rgb("#3b2f57")
CREAM = rgb("#fff7e8")
WHITE = rgb("#fffdf8")
SUN = rgb("#ffc94d")
LEAF = rgb("#5d9b63")
DEEP_LEAF = rgb("#2f6b52")
TOMATO = rgb("#e2533d")
SEA = rgb("#2f8aa6")
WOOD = rgb("#b97f4f")
DARK_WOOD = rgb("#7d4f35")
STEEL = rgb("#c3d0d8")
CHARCOAL = rgb("#3a4049")


def shaded(color: Color, share: float = 0.2) -> Color:
    """The side away from the light: a little dusk, never grey."""
    return mix(color, DUSK, share)


def lit(color: Color, share: float = 0.32) -> Color:
    """The side towards the light."""
    return mix(color, CREAM, share)


@dataclass(frozen=True, slots=True)
class Scheme:
    """One mood of a trade: wall, ground and four accents that sit well on both."""

    wall: Color
    ground: Color
    accents: tuple[Color, ...]


def _scheme(wall: str, ground: str, *accents: str) -> Scheme:
    return Scheme(rgb(wall), rgb(ground), tuple(rgb(code) for code in accents))


SCHEMES: dict[str, tuple[Scheme, ...]] = {
    "restaurants": (
        _scheme("#f7c9a4", "#c4573a", "#2f6f73", "#f4b23c", "#fff1dc", "#7e2f26"),
        _scheme("#f3dcae", "#b5623f", "#3a6b8c", "#d9483b", "#fff6e4", "#2f6b52"),
        _scheme("#bcd8c8", "#bb6746", "#e0563f", "#f6c453", "#fff6e4", "#27576b"),
        _scheme("#f3b9a2", "#9c5a45", "#2c6a70", "#ffd27a", "#fff3e0", "#b8432f"),
    ),
    "coffee": (
        _scheme("#f0d6b8", "#b0774c", "#2f7f79", "#e88d4f", "#fff4e2", "#b5483a"),
        _scheme("#c7ddd6", "#a56f4a", "#e2764a", "#f3c35b", "#fff6ea", "#33597a"),
        _scheme("#f4bf9a", "#8a5740", "#2c6a70", "#ffd98a", "#fff3df", "#a23f38"),
        _scheme("#dfe3c9", "#b88458", "#b5503f", "#f0a95c", "#fff6e6", "#2f6f73"),
    ),
    "beauty": (
        _scheme("#f8d3d5", "#d28995", "#8a5a83", "#f6b89a", "#fff5f0", "#4d7f7a"),
        _scheme("#e2d7ef", "#9f86bd", "#e58e9f", "#f3c68f", "#fff8f6", "#5b6fa3"),
        _scheme("#fbdcc6", "#c4796c", "#3f7f7d", "#f09fa6", "#fff5ea", "#8a4a5f"),
        _scheme("#d5e6e0", "#7fa59a", "#c9687c", "#f4c08f", "#fffaf4", "#6a5a94"),
    ),
    "fitness": (
        _scheme("#c4e4ee", "#2c6c8c", "#f2703f", "#ffd05c", "#f6fbfb", "#1f3f5c"),
        _scheme("#ffdba3", "#d9642f", "#2a6f8f", "#fff0cc", "#fff8ea", "#37415c"),
        _scheme("#cfe6c6", "#367a63", "#f4793f", "#f7d154", "#f7fbf0", "#27455a"),
        _scheme("#f3d3e0", "#7a5b93", "#2f8aa6", "#ffd05c", "#fffaf6", "#3b3f63"),
    ),
    "cinema": (
        _scheme("#3a3f78", "#1b1e42", "#f2566a", "#ffc94d", "#fff1dc", "#6fb7d6"),
        _scheme("#7a2a4a", "#3b1430", "#ffb84d", "#f06a5b", "#fff1dc", "#58b3b0"),
        _scheme("#1f5c6b", "#0f3340", "#f5714f", "#ffd166", "#fff4e0", "#c75a7b"),
        _scheme("#5a3f7d", "#2a1c45", "#f58a5c", "#ffd166", "#fff3e0", "#4fb3a8"),
    ),
    "hotel": (
        _scheme("#cce2ec", "#bb8f62", "#31658a", "#f0a35e", "#fff9ef", "#d76b55"),
        _scheme("#e7dcc4", "#74896a", "#b5613f", "#f1c66b", "#fffaf0", "#3b6472"),
        _scheme("#f6d3bd", "#577a8e", "#d8604b", "#fbd07b", "#fff8ee", "#33506b"),
        _scheme("#d9d6ec", "#8d7a9e", "#2f6f8a", "#f4b56a", "#fffaf2", "#a8503f"),
    ),
    "produce": (
        _scheme("#d8eab9", "#b28449", "#e8603f", "#f7b733", "#fffbe9", "#3f7d4e"),
        _scheme("#fde3a3", "#7f9d50", "#e35f43", "#f49a2c", "#fffaea", "#2f6b52"),
        _scheme("#c6e6dc", "#bd8250", "#ea6a49", "#ffc648", "#fffaf0", "#38745a"),
        _scheme("#f8cfae", "#8a9a52", "#d9483b", "#f6b73c", "#fffaf0", "#2f7a6b"),
    ),
    "kids": (
        _scheme("#ffe08f", "#4fb0c6", "#ef6a5a", "#6bbf73", "#fffaf0", "#5470b8"),
        _scheme("#c3e5f5", "#f08b55", "#f2c230", "#e8617a", "#fffaf0", "#3f8f86"),
        _scheme("#fbcdc7", "#74b06a", "#3f8fc4", "#ffd24d", "#fffaf0", "#9262b0"),
        _scheme("#d7ecd0", "#e8806f", "#3f8fc4", "#ffc94d", "#fffaf0", "#c4568a"),
    ),
    "car-care": (
        _scheme("#c3dbee", "#566f86", "#ef6646", "#ffd05c", "#fbfdff", "#2c6ea3"),
        _scheme("#f8dc98", "#505f6e", "#2f7fb5", "#f06a45", "#fffaf0", "#3a8f86"),
        _scheme("#c4e9e2", "#40636a", "#f28a3c", "#ffe07a", "#fbfffd", "#d9504a"),
        _scheme("#dcd9ee", "#545a78", "#2f9aa0", "#ffc65c", "#fdfcff", "#e2633f"),
    ),
    "pets": (
        _scheme("#fcdcb3", "#d0824a", "#3f8c8c", "#ef6f5e", "#fff8ec", "#6a5a94"),
        _scheme("#cfe9d8", "#6f9c80", "#f08c5a", "#f6c85a", "#fffaf0", "#4a6c9c"),
        _scheme("#e0d8f2", "#9a82bb", "#f0976a", "#f7cf6b", "#fff9f4", "#3f8780"),
        _scheme("#c9e4ef", "#5f94ab", "#f2875c", "#ffd06a", "#fffaf2", "#7a5ba6"),
    ),
}
