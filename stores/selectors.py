"""Find stores: by word, city, distance, opening hours, brand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Q

from kernel.db.prepared import Compiled, Prepared
from kernel.errors import NotFound
from kernel.http.keyset import Order, Page, keyset_page
from kernel.http.paging import PAGE_SIZE
from kernel.http.reading import read_slug
from kernel.words import Matches, MatchesRowByRow, cheapest_match
from stores.models import City, Merchant, Store, StoreQuerySet
from stores.place_words import place_query
from stores.places import Point

BY_DISTANCE = Order("distance", ("chord", "id"))
BY_ID = Order("id", ("id",))


def find_merchant(slug: str) -> Merchant | None:
    """The approved merchant of a slug; None for any other, and for what is no slug."""
    slug = read_slug(slug)
    if not slug:
        return None
    return Merchant.objects.filter(slug=slug, state=Merchant.State.APPROVED).first()


def find_district(city: City, name: str) -> str:
    """The key of a district with stores open for business, by either of its names; else ""."""
    stores = Store.objects.open_for_business().filter(city=city)
    named = stores.filter(Q(district_en=name) | Q(district_zh=name)).order_by("pk")
    found = named.values_list("district_en", "district_zh").first() if name else None
    return (found[0] or found[1]) if found else ""


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """What somebody looks for; everything left out does not limit.

    ``near`` sorts by distance and annotates ``distance_metres``; ``centre`` only sorts.
    """

    text: str = ""
    city: City | None = None
    near: Point | None = None
    centre: Point | None = None
    radius_metres: int | None = None
    open_at: dt.datetime | None = None
    merchant_id: int | None = None


def find_stores(
    query: StoreQuery,
    *,
    within: StoreQuerySet | None = None,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> Page[Store]:
    """Return a page of stores open for business, with merchant, city and hours; one query.

    ``within`` limits to a set of stores. Raises InvalidInput for a foreign cursor.
    """
    stores = (within if within is not None else Store.objects.all()).open_for_business()
    if query.text:
        stores = stores.matching(query.text)
    if query.city:
        stores = stores.filter(city=query.city)
    if query.merchant_id is not None:
        stores = stores.filter(merchant=query.merchant_id)
    if query.near and query.radius_metres:
        stores = stores.within(*query.near, query.radius_metres)
    if query.open_at:
        stores = stores.open_at(query.open_at)
    centre, order = query.near or query.centre, BY_ID
    if centre:
        stores, order = stores.with_chord(*centre), BY_DISTANCE
    return keyset_page(
        [stores],
        order=order,
        cursor=cursor,
        size=size,
        hydrate=lambda rows: with_card_facts(rows, near=query.near),
    )


def first_stores(query: StoreQuery, *, size: int) -> list[Store]:
    """The first ``size`` stores that `find_stores` finds.

    They stand above every search for deals. Of a query by words, in a city or around its centre, as
    nearly all are, the statement is compiled once a kind.
    """
    asks_more = query.near or query.radius_metres or query.open_at
    if asks_more or query.merchant_id is not None or not query.text:
        return find_stores(query, size=size).rows
    city, centre = query.city, query.centre
    literal = place_query(query.text)
    row_by_row = cheapest_match(Store, "search_vector", literal) is MatchesRowByRow
    values = [literal, *([city.pk] if city else []), *(centre or ())]
    return _first_stores(row_by_row, bool(city), bool(centre), size).all(*values)


@cache
def _first_stores(row_by_row: bool, in_city: bool, around: bool, size: int) -> Compiled[Store]:
    match = MatchesRowByRow if row_by_row else Matches

    def build(literal: str, *values: Any) -> StoreQuerySet:
        stores = Store.objects.open_for_business().filter(match("search_vector", literal))
        if in_city:
            stores = stores.filter(city_id=values[0])
        order = BY_ID
        if around:
            stores, order = stores.with_chord(*values[-2:]), BY_DISTANCE
        rows: StoreQuerySet = with_card_facts(stores.order_by(*order.fields))
        return rows

    kinds = [str, *([int] if in_city else []), *([float, float] if around else [])]
    return Compiled(build, *kinds, most=size)


def with_card_facts(rows: Any, *, near: Point | None = None) -> Any:
    """Add what a card shows: merchant, city, hours and, with ``near``, the distance."""
    rows = rows.select_related("merchant", "city").defer(
        "search_vector", "merchant__story_en", "merchant__story_zh"
    )
    rows = rows.with_hours()
    return rows.with_distance(*near) if near else rows


def store_for_page(*, store_id: int, near: Point | None = None) -> Store:
    """Return a store that customers can see, with hours; raises NotFound. One query."""
    store = _STORE_NEAR.first(store_id, *near) if near else _STORE.first(store_id)
    if store is None:
        raise NotFound
    return store


def _store(store_id: int) -> StoreQuerySet:
    stores = Store.objects.open_for_business().select_related("merchant", "city").with_hours()
    return stores.filter(pk=store_id)


def _store_near(store_id: int, latitude: float, longitude: float) -> StoreQuerySet:
    return _store(store_id).with_distance(latitude, longitude)


_STORE = Prepared(_store, int)
_STORE_NEAR = Prepared(_store_near, int, float, float)
