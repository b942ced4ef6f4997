"""The small map: true positions, shared pins, a scale in the reader's language."""

from __future__ import annotations

import math

import pytest
from django.utils import translation

from stores.map import HEIGHT, WIDTH, store_map
from stores.models import Store
from stores.places import Point


def stores(*points: tuple[float, float]) -> list[Store]:
    return [Store(latitude=latitude, longitude=longitude) for latitude, longitude in points]


def drawn(*points: tuple[float, float], near: Point | None = None) -> dict:
    found = store_map(stores(*points), near=near)
    assert found is not None
    return found


def at(mark: dict) -> tuple[float, float]:
    return float(mark["x"]), float(mark["y"])


def by_number(found: dict) -> dict[int, tuple[float, float]]:
    return {pin["first"]: at(pin) for pin in found["pins"]}


def test_no_stores_no_map() -> None:
    assert store_map([]) is None


@pytest.mark.parametrize("latitude", [0.0, 30.0, -45.0, 65.0])
def test_positions_are_true_to_each_other_at_every_latitude(latitude: float) -> None:
    """One kilometre north and one kilometre east of the first store are drawn equally long."""
    north = 1 / 111.195
    east = north / math.cos(math.radians(latitude))
    pins = by_number(drawn((latitude, 120.0), (latitude + north, 120.0), (latitude, 120.0 + east)))
    (x, y), (north_x, north_y), (east_x, east_y) = pins[1], pins[2], pins[3]
    assert (north_x, east_y) == (x, y)
    assert north_y < y < HEIGHT
    assert x < east_x < WIDTH
    assert math.isclose(y - north_y, east_x - x, abs_tol=0.2)


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    found = drawn((30.0, 120.0), (30.0 + 2 / 111.195, 120.0))
    pins = by_number(found)
    two_kilometres = pins[1][1] - pins[2][1]
    assert found["scale"]["label"] == "1 km"
    assert math.isclose(float(found["scale"]["length"]), two_kilometres / 2, abs_tol=0.2)


def test_a_store_alone_shows_its_surroundings_in_the_middle() -> None:
    found = drawn((30.0, 120.0))
    assert at(found["pins"][0])[0] == WIDTH / 2
    assert found["scale"]["label"] == "100 m"


def test_the_visitor_is_drawn_when_close_and_told_when_far() -> None:
    close = drawn((30.0, 120.0), near=Point(30.005, 120.0))
    assert close["you"] and not close["you_far"]
    assert at(close["you"])[1] < at(close["pins"][0])[1]
    assert any(ring["label"] for ring in close["rings"])
    far = drawn((30.0, 120.0), near=Point(31.0, 120.0))
    assert far["you"] is None and far["you_far"]


def test_stores_under_one_roof_share_a_pin() -> None:
    found = drawn((30.0, 120.0), (30.05, 120.0), (30.0, 120.0), (30.0, 120.00001))
    assert sorted(pin["label"] for pin in found["pins"]) == ["1 +2", "2"]


def test_stores_on_both_sides_of_the_date_line_are_neighbours() -> None:
    pins = by_number(drawn((0.0, 179.99), (0.0, -179.99)))
    assert pins[1][0] < pins[2][0]


@pytest.mark.parametrize("language", ["en", "zh-hans", "de"])
def test_numbers_are_numbers_for_svg_in_every_language(language: str) -> None:
    with translation.override(language):
        found = drawn((30.0, 120.0), (30.0123, 120.0321), near=Point(30.01, 120.01))
    for mark in [*found["pins"], found["you"]]:
        for value in (mark["x"], mark["y"]):
            assert 0 <= float(value) <= WIDTH
