"""A store as templates/components/store_card.html wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from stores.hours import is_open, today_hours
from stores.models import Store
from stores.phones import callable_number


def route_url(store: Store) -> str:
    """A link that opens the phone's own map at the store; no map service is told by us."""
    position = f"{store.latitude:.6f},{store.longitude:.6f}"
    return f"geo:{position}?q={position}({quote(store.name)})"


def store_card(
    store: Store, *, moment: dt.datetime, actions: bool = False, number: int | None = None
) -> dict[str, Any]:
    """Return the card's facts; needs merchant joined and `StoreQuerySet.with_hours`.

    ``actions`` adds the phone and the route; ``number`` is the one on the map beside it. The distance appears where it was annotated.
    """
    card: dict[str, Any] = {
        "id": store.pk,
        "number": number,
        "url": reverse("store_detail", args=[store.pk]),
        "name": store.name,
        "picture": store.picture.url if store.picture else "",
        "rating": store.rating,
        "review_count": store.rating_count,
        "address": store.address,
        "distance_metres": getattr(store, "distance_metres", None),
        "open_now": is_open(store, moment),
        "hours_today": today_hours(store, moment).text,
    }
    if actions:
        card["phone"] = callable_number(store.phone)
        card["route_url"] = route_url(store)
    return card


def numbered_cards(stores: Iterable[Store], *, moment: dt.datetime) -> list[dict[str, Any]]:
    """Cards with phone and route, numbered as `stores.map.store_map` does."""
    return [
        store_card(store, moment=moment, actions=True, number=number)
        for number, store in enumerate(stores, start=1)
    ]
