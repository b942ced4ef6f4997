"""A small map of some stores, drawn by ourselves: no tile server, no other host.

Positions are true to each other (equirectangular at the stores' latitude, north is up); streets
are not drawn. The list beside it carries the same numbers and all information.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from kernel.http.templatetags import fmt
from stores.models import Store
from stores.places import Point

WIDTH, HEIGHT = 400, 260
EDGE_X, EDGE_TOP, EDGE_BOTTOM = 34, 48, 42
METRES_PER_DEGREE = 111_195.0
LEAST_METRES_PER_UNIT = 1.5
"""One store alone shows its surroundings of some hundred metres."""
SCALE_UNITS = 96
PIN_REACH = 30
"""Pins closer to each other than this are drawn as one."""
YOU_WITHIN = 3.0
"""The visitor is drawn when not further from the stores than this many times their extent …"""
YOU_METRES = 3000.0
"""… or than this."""


class _Place(NamedTuple):
    """Metres to the east and south of the middle."""

    x: float
    y: float


def store_map(
    stores: Sequence[Store], *, near: Point | None = None, numbered: bool = True
) -> dict[str, Any] | None:
    """Return what templates/components/map.html draws; None without stores.

    Stores are numbered from 1 in their order; ``numbered=False`` is for one store on its page.
    """
    if not stores:
        return None
    origin = Point(stores[0].latitude, stores[0].longitude)
    spots = [_place(Point(store.latitude, store.longitude), origin) for store in stores]
    you = _place(near, origin) if near else None
    if you and not _worth_showing(you, spots):
        you = None
    shown = [*spots, you] if you else spots
    middle, unit = _frame(shown)

    def draw(place: _Place) -> _Place:
        free = HEIGHT - EDGE_TOP - EDGE_BOTTOM
        return _Place(
            WIDTH / 2 + (place.x - middle.x) / unit,
            EDGE_TOP + free / 2 + (place.y - middle.y) / unit,
        )

    step = _round_length(SCALE_UNITS * unit)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "count": len(stores),
        "pins": _pins([draw(spot) for spot in spots], numbered=numbered),
        "you": _mark(draw(you)) if you else None,
        "rings": _rings(draw(you), step / unit, step) if you else [],
        "grid": _grid(draw(_Place(0, 0)), step / unit),
        "scale": {"length": _number(step / unit), "label": _length(step)},
        "you_far": near is not None and you is None,
    }


def _place(point: Point, origin: Point) -> _Place:
    east = (point.longitude - origin.longitude + 180) % 360 - 180
    metres_east = east * METRES_PER_DEGREE * math.cos(math.radians(origin.latitude))
    return _Place(metres_east, (origin.latitude - point.latitude) * METRES_PER_DEGREE)


def _worth_showing(you: _Place, spots: Sequence[_Place]) -> bool:
    away = min(math.dist(you, spot) for spot in spots)
    extent = max(math.dist(spots[0], spot) for spot in spots)
    return away <= max(YOU_METRES, YOU_WITHIN * extent)


def _frame(places: Sequence[_Place]) -> tuple[_Place, float]:
    """The middle of the places, and metres per unit of the drawing so that all fit."""
    xs, ys = [place.x for place in places], [place.y for place in places]
    middle = _Place((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    unit = max(
        (max(xs) - min(xs)) / (WIDTH - 2 * EDGE_X),
        (max(ys) - min(ys)) / (HEIGHT - EDGE_TOP - EDGE_BOTTOM),
        LEAST_METRES_PER_UNIT,
    )
    return middle, unit


def _pins(places: Sequence[_Place], *, numbered: bool) -> list[dict[str, Any]]:
    """A pin per store; stores at nearly one spot share it ("2 +1": number 2 and one more)."""
    groups: list[list[int]] = []
    for index, place in enumerate(places):
        near = (g for g in groups if math.dist(places[g[0]], place) < PIN_REACH)
        group = next(near, None)
        if group is None:
            groups.append([index])
        else:
            group.append(index)
    pins = []
    for group in groups:
        first, more = group[0] + 1, len(group) - 1
        label = (f"{first} +{more}" if more else str(first)) if numbered else ""
        half = 13 + 4 * max(0, len(label) - 2)
        pins.append(
            _mark(places[group[0]])
            | {"label": label, "first": first, "left": str(-half), "wide": str(2 * half)}
        )
    # The northern ones first, so that a pin covers the tip of the one behind it, not its number.
    return sorted(pins, key=lambda pin: float(pin["y"]))


def _rings(you: _Place, radius: float, step: float) -> list[dict[str, str]]:
    rings = []
    for turn in (1, 2, 3, 4):
        reach = radius * turn
        label_y = you.y - reach
        if label_y < 12:
            label_y = you.y + reach
        rings.append(
            {
                "radius": _number(reach),
                "label": _length(step * turn) if label_y < HEIGHT - 30 else "",
                "label_y": _number(label_y + 4),
            }
        )
    return rings


def _grid(origin: _Place, gap: float) -> str:
    """Lines as far apart as the scale is long, as one path."""
    down = [f"M{_number(x)} 0V{HEIGHT}" for x in _steps(origin.x, gap, WIDTH)]
    across = [f"M0 {_number(y)}H{WIDTH}" for y in _steps(origin.y, gap, HEIGHT)]
    return "".join(down + across)


def _steps(origin: float, gap: float, end: float) -> list[float]:
    first = origin % gap
    return [first + gap * turn for turn in range(int((end - first) // gap) + 1)]


def _round_length(metres: float) -> float:
    """The largest of 1, 2, 5, 10, 20 … metres that is not longer."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(power * digit for digit in (1, 2, 5) if power * digit <= metres)


def _length(metres: float) -> str:
    if metres >= 1000 and metres % 1000 == 0:
        return _("%(number)s km") % {"number": f"{metres / 1000:,.0f}"}
    return fmt.distance(metres)


def _mark(place: _Place) -> dict[str, str]:
    return {"x": _number(place.x), "y": _number(place.y)}


def _number(value: float) -> str:
    """For an SVG attribute, in every language."""
    return f"{value:.1f}".removesuffix(".0")
