"""Pages of rooms above that rooms below lead people to, by what they are for.

A room below knows no page of a higher one: the roof names them here in ``AppConfig.ready``.
"""

from __future__ import annotations

from typing import Literal

from django.urls import reverse

Place = Literal["front", "counter", "enrol"]
"""The front page; where vouchers are redeemed; where a browser becomes a device of a store."""
_PAGES: dict[Place, str] = {}


def register_place(place: Place, page: str) -> None:
    """Say which page (by the name of its address) is that place."""
    _PAGES[place] = page


def address_of(place: Place) -> str:
    """Where the place is."""
    return reverse(_PAGES[place])
