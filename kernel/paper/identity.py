"""The shop's mark and colours where there is no style sheet: in pictures, PDF and the manifest."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.contrib.staticfiles import finders
from PIL import Image, ImageDraw

SIDE = 32
"""The mark's own units; its shapes are those of static/img/mark.svg."""
CORNER = 9.0
FLOOR = 25.5
_OVERSAMPLED = 4
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")


class Door(NamedTuple):
    """An arch: left edge, where its round top begins, radius; and the token of its colour."""

    left: float
    shoulder: float
    radius: float
    token: str


DOORS = (Door(6.5, 14.125, 4.125, "on-brand"), Door(17.25, 11.125, 4.125, "marigold"))
SILL_LEFT, SILL_RADIUS = 20.45, 0.925
"""The small round cut in the second door's floor."""


@cache
def _tokens() -> tuple[dict[str, str], dict[str, str]]:
    """Names and values of static/css/tokens.css, by day and by night."""
    path = finders.find("css/tokens.css")
    text = Path(str(path)).read_text(encoding="utf-8")
    day, _mark, rest = text.partition("@media (prefers-color-scheme: dark)")
    night, _mark, _rest = rest.partition(':root[data-theme="dark"]')
    return dict(_TOKEN.findall(day)), dict(_TOKEN.findall(night))


def colour(token: str, *, night: bool = False) -> str:
    """The value of a colour token: ``colour("brand")`` is "#be3a10"."""
    by_day, by_night = _tokens()
    return by_night[token] if night and token in by_night else by_day[token]


def colours() -> dict[str, str]:
    """Every colour token by day: paper knows no night."""
    return _tokens()[0]


def mark(size: int, *, rounded: bool = True, scale: float = 1.0) -> Image.Image:
    """The mark as a picture of ``size`` pixels.

    Not ``rounded`` it fills its square, for masks that cut it; ``scale`` then draws the doors
    smaller, inside what every mask leaves.
    """
    side = size * _OVERSAMPLED
    unit = side / SIDE
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    brand = colour("brand")
    pen.rounded_rectangle((0, 0, side - 1, side - 1), CORNER * unit if rounded else 0, fill=brand)

    def at(value: float) -> float:
        return (SIDE / 2 + (value - SIDE / 2) * scale) * unit

    for door in DOORS:
        right = door.left + 2 * door.radius
        top = door.shoulder - door.radius
        fill = colour(door.token)
        pen.ellipse((at(door.left), at(top), at(right), at(top + 2 * door.radius)), fill=fill)
        pen.rectangle((at(door.left), at(door.shoulder), at(right), at(FLOOR)), fill=fill)
    sill = (
        at(SILL_LEFT),
        at(FLOOR - SILL_RADIUS),
        at(SILL_LEFT + 2 * SILL_RADIUS),
        at(FLOOR + SILL_RADIUS),
    )
    pen.ellipse(sill, fill=brand)
    return image.resize((size, size), Image.Resampling.LANCZOS)
