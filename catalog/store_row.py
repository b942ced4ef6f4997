"""The stores above the deals of a search: somebody who types a name or a place may mean where to go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from catalog.list_page import Asked, address
from kernel.clock import now
from kernel.watch.services import try_each
from stores.cards import store_card, store_subject
from stores.models import Store
from stores.place_words import short_place
from stores.selectors import StoreQuery, first_stores

SHOWN = 3
NOT_OF_STORES = ("category", "district", "radius", "min_price", "max_price", "limited")
"""Filters that a store alone does not answer: who has set one looks for a deal."""


def store_row(asked: Asked) -> dict[str, Any]:
    """Return ``store_cards`` and ``stores_url`` of the stores found by the words, nearest first.

    Empty without words, on later pages, and where filters ask for what only deals have. The link
    leads to the same stores: same words, city, merchant and hours.
    """
    query = asked.query
    if not query.text or asked.cursor or any(name in asked.params for name in NOT_OF_STORES):
        return {"store_cards": [], "stores_url": "", "district": None}
    moment = now()
    stores = first_stores(
        StoreQuery(
            text=query.text,
            city=query.city,
            near=query.near,
            centre=asked.here.centre,
            open_at=query.open_at,
            merchant_id=query.merchant_id,
        ),
        size=SHOWN,
    )

    def card(store: Store) -> dict[str, Any]:
        return store_card(store, moment=moment)

    cards = try_each(stores, card, kind="stores.card", subject=store_subject)
    district = _district(asked, stores)
    return {"store_cards": cards, "stores_url": _stores_url(asked), "district": district}


def _district(asked: Asked, stores: Iterable[Store]) -> dict[str, str] | None:
    """Name and address of all deals of the district that the words are the name of.

    A title that has the same words stands in the list; whoever meant the place finds it here.
    """
    words = short_place(asked.query.text)
    for store in stores:
        names = (store.district_en, store.district_zh)
        if words in {short_place(name) for name in names if name}:
            key = store.district_en or store.district_zh
            url = address(asked.params, "q", "city", district=key, city=store.city.slug)
            return {"name": store.district, "url": url}
    return None


def _stores_url(asked: Asked) -> str:
    named = {
        "q": asked.query.text,
        "city": asked.city.slug if asked.city else "",
        "merchant": asked.merchant.slug if asked.merchant else "",
        "open_now": "on" if asked.query.open_at else "",
    }
    kept = {name: value for name, value in named.items() if value or name == "city"}
    return f"{reverse('store_list')}?{urlencode(kept)}"
