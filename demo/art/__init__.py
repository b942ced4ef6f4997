"""The city's pictures, drawn by code in one hand: flat shapes, light from the upper left, a palette per trade.

Every function is pure: the same arguments give the same pixels. `motif` names are the keys of
`demo.art.scenes.MOTIFS[trade]`; `trade` is a top category's slug. Sizes are (width, height) in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from random import Random

from PIL import Image

from demo.art.backdrop import light
from demo.art.banners import harbour_street
from demo.art.canvas import Canvas
from demo.art.fronts import front, furniture, street
from demo.art.objects.emblems import EMBLEMS
from demo.art.palette import SCHEMES, Scheme, rgb
from demo.art.portraits import avatar, mark
from demo.art.scenes import MOTIFS, Scene, framing

__all__ = [
    "EMBLEMS",
    "draw_avatar",
    "draw_banner",
    "draw_cover",
    "draw_merchant_mark",
    "draw_store_front",
    "encode",
    "motifs_of",
]

Size = tuple[int, int]

_SMALL_WIDTH = 480
_NIGHT_LIGHT = 0.5
_SKIES = (rgb("#c9e6f2"), rgb("#fbe0bd"), rgb("#d6e9df"), rgb("#f6d6cf"))


def motifs_of(trade: str) -> tuple[str, ...]:
    """The motifs a trade can be drawn with."""
    return tuple(_scenes(trade))


def draw_cover(*, trade: str, motif: str | None, seed: int, size: Size) -> Image.Image:
    """A product's cover; without a motif the seed picks one of the trade's."""
    scenes = _scenes(trade)
    rng, scheme = _start("cover", trade, seed)
    name = motif if motif is not None else rng.choice(tuple(scenes))
    if name not in scenes:
        raise ValueError(f"{trade} has no motif {name!r}; it has {', '.join(scenes)}")
    canvas = _canvas(size, scheme)
    x, y, zoom = framing(trade, name)
    zoom *= rng.uniform(0.98, 1.04)
    mirrored = rng.random() < 0.5
    with canvas.at(-x if mirrored else x, y, zoom, flip=mirrored):
        scenes[name](canvas, scheme, rng)
    light(canvas, _NIGHT_LIGHT if trade == "cinema" else 1.0)
    return canvas.finish()


def draw_store_front(
    *, trade: str, seed: int, size: Size, emblem: str | None = None
) -> Image.Image:
    """A shop in its street, the trade's things in the window, `emblem` (or any of the trade's) on its sign."""
    _check_emblem(trade, emblem)
    rng, scheme = _start("front", trade, seed)
    canvas = _canvas(size, scheme)
    with canvas.at(0, 26, 1.04):
        street(canvas, rng.choice(_SKIES))
        half, top = rng.uniform(270, 300), -rng.uniform(206, 222)
        front(canvas, trade, scheme, rng, half=half, top=top, emblem=emblem)
        furniture(canvas, scheme, rng)
    light(canvas)
    return canvas.finish()


def draw_avatar(*, seed: int, size: Size) -> Image.Image:
    """A person's (sometimes a pet's) portrait."""
    rng = Random(f"avatar/{seed}")
    canvas = Canvas(size, (255, 255, 255), _supersample(size))
    with canvas.at(0, 0, _cover_scale(canvas)):
        avatar(canvas, rng)
    return canvas.finish()


def draw_banner(*, trade: str | None, seed: int, size: Size) -> Image.Image:
    """A wide picture: a trade's scene on the right with quiet wall on the left, or the harbour street for none."""
    if trade is None:
        canvas = Canvas(size, (255, 255, 255), _supersample(size))
        with canvas.at(0, 10, 1.06):
            harbour_street(canvas, Random(f"banner/{seed}"))
        light(canvas)
        return canvas.finish()
    scenes = _scenes(trade)
    rng, scheme = _start("banner", trade, seed)
    canvas = _canvas(size, scheme)
    x, y, zoom = framing(trade, name := rng.choice(tuple(scenes)))
    aside = max(canvas.half_width - 430.0, 0.0)
    with canvas.at(aside + x, y, zoom):
        scenes[name](canvas, scheme, rng)
    light(canvas, _NIGHT_LIGHT if trade == "cinema" else 1.0)
    return canvas.finish()


def draw_merchant_mark(
    *, trade: str, seed: int, size: Size, emblem: str | None = None
) -> Image.Image:
    """A merchant's square sign with `emblem` (`EMBLEMS[trade]` lists them) or any of the trade's."""
    _check_emblem(trade, emblem)
    rng, scheme = _start("mark", trade, seed)
    canvas = _canvas(size, scheme)
    with canvas.at(0, 0, _cover_scale(canvas)):
        mark(canvas, trade, scheme, rng, emblem)
    return canvas.finish()


def encode(image: Image.Image, format: str = "webp", quality: int = 82) -> bytes:
    """The picture as "webp", "jpeg" or "png" bytes, without metadata."""
    buffer = BytesIO()
    if format == "webp":
        image.save(buffer, "WEBP", quality=quality, method=2)
    elif format == "jpeg":
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    elif format == "png":
        image.save(buffer, "PNG", optimize=True)
    else:
        raise ValueError(f"no encoder for {format!r}; use webp, jpeg or png")
    return buffer.getvalue()


def _scenes(trade: str) -> Mapping[str, Scene]:
    if trade not in MOTIFS:
        raise ValueError(f"no trade {trade!r}; there are {', '.join(MOTIFS)}")
    return MOTIFS[trade]


def _check_emblem(trade: str, emblem: str | None) -> None:
    _scenes(trade)
    if emblem is not None and emblem not in EMBLEMS[trade]:
        raise ValueError(f"{trade} has no emblem {emblem!r}; it has {', '.join(EMBLEMS[trade])}")


def _start(kind: str, trade: str, seed: int) -> tuple[Random, Scheme]:
    rng = Random(f"{kind}/{trade}/{seed}")
    scheme = rng.choice(SCHEMES[trade])
    if rng.random() < 0.5:
        first, second, paper, fourth = scheme.accents
        scheme = replace(scheme, accents=(fourth, second, paper, first))
    return rng, scheme


def _canvas(size: Size, scheme: Scheme) -> Canvas:
    return Canvas(size, scheme.wall, _supersample(size))


def _supersample(size: Size) -> int:
    return 3 if max(size) <= _SMALL_WIDTH else 2


def _cover_scale(canvas: Canvas) -> float:
    """What makes ±400 units fill the shorter side, for squares."""
    return min(canvas.half_width, canvas.half_height) / 400.0
