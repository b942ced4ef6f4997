"""A store as templates/components/store_card.html wants it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.urls import reverse

from kernel.watch.services import try_each
from stores.hours import is_open, opening_note, today_hours
from stores.map import store_map
from stores.models import Store
from stores.phones import callable_number
from stores.places import Point
from stores.routes import route_to


def store_card(store: Store, *, moment: dt.datetime, actions: bool = False) -> dict[str, Any]:
    """Return the card's facts; needs merchant joined and `StoreQuerySet.with_hours`.

    ``actions`` adds the phone and the route. The distance appears where it was annotated. On a day
    without hours ``hours_today`` says when that changes: beside "Closed now", "Closed" says nothing.
    """
    today = today_hours(store, moment)
    card: dict[str, Any] = {
        "id": store.pk,
        "url": reverse("store_detail", args=[store.pk]),
        "name": store.name,
        "picture": store.picture.url if store.picture else "",
        "rating": store.rating,
        "review_count": store.rating_count,
        "address": store.address,
        "distance_metres": getattr(store, "distance_metres", None),
        "open_now": is_open(store, moment),
        "hours_today": today.text if today.spans else opening_note(store, moment),
    }
    if actions:
        card["phone"] = callable_number(store.phone)
        card["route"] = route_to(store)
    return card


def store_subject(store: Store) -> str:
    """How a store is named in an incident."""
    return f"store:{store.pk}"


class Listed(NamedTuple):
    """Stores with phone and route beside their map; both carry the same numbers."""

    cards: list[dict[str, Any]]
    map: dict[str, Any] | None


def store_cards(stores: Iterable[Store], *, moment: dt.datetime) -> dict[int, dict[str, Any]]:
    """Cards with phone and route by store id; one that can't be drawn is left out and reported."""

    def draw(store: Store) -> tuple[int, dict[str, Any]]:
        return store.pk, store_card(store, moment=moment, actions=True)

    return dict(try_each(stores, draw, kind="stores.card", subject=store_subject))


def listed(stores: Sequence[Store], *, moment: dt.datetime, near: Point | None) -> Listed:
    """Stores as a list with a map. One that can't be drawn is left out of both, and reported."""
    cards = store_cards(stores, moment=moment)
    return Listed(
        [card | {"number": number} for number, card in enumerate(cards.values(), start=1)],
        store_map([store for store in stores if store.pk in cards], near=near),
    )
