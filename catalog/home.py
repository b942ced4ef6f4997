"""What the front page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from catalog.cards import product_cards
from catalog.models import Offer, Product
from catalog.search import (
    ProductQuery,
    load_for_cards,
    matching_products,
    nearest_ids,
)
from o2o.clock import now
from o2o.prepared import Compiled
from stores.models import City
from stores.places import Here

SECTION = 10


class FrontPage(NamedTuple):
    """Cards of the sections; a section without cards is not shown."""

    limited: list[dict[str, Any]]
    near: list[dict[str, Any]]
    rated: list[dict[str, Any]]
    newest: list[dict[str, Any]]


def front_page(here: Here) -> FrontPage:
    """Return the deals of the visitor's city; four queries in a town, six on a wide plain."""
    query = ProductQuery(city=here.city)
    near_ids = nearest_ids(query, here.centre, size=SECTION) if here.centre else []
    found = load_for_cards(sorted({*near_ids, *_picked(here.city)}), near=here.near)
    cards = {card["id"]: card for card in product_cards(found)}

    def best(products: Iterable[Product], key: Callable[[Product], Any]) -> list[dict[str, Any]]:
        ranked = sorted(products, key=key, reverse=True)
        return [cards[product.pk] for product in ranked[:SECTION]]

    limited = sorted(
        (card for card in cards.values() if card["ends_at"]), key=lambda card: card["ends_at"]
    )
    return FrontPage(
        limited=limited[:SECTION],
        near=[cards[pk] for pk in near_ids if pk in cards],
        rated=best((p for p in found if p.rating_count), lambda p: (p.rating_score, p.pk)),
        newest=best(found, lambda p: p.pk),
    )


def _picked(city: City | None) -> list[int]:
    """The ids of the first products of each section; Python puts the sections in order again."""
    sql, params = _PICKED[city is not None].sql(now(), *([city.pk] if city else []))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [pk for (pk,) in cursor.fetchall()]


def _first_of_each(moment: dt.datetime, city_id: int | None = None) -> QuerySet[Any]:
    city = City(pk=city_id) if city_id is not None else None
    products = matching_products(ProductQuery(city=city))
    flash = (
        Offer.objects.running(moment)
        .filter(kind=Offer.Kind.FLASH, product__in=products.values("pk"))
        .order_by("ends_at", "id")
    )
    rated = products.filter(rating_count__gt=0).order_by("-rating_score", "-id")
    newest = products.order_by("-id")
    return flash.values_list("product_id")[:SECTION].union(
        rated.values_list("pk")[:SECTION], newest.values_list("pk")[:SECTION]
    )


_PICKED: dict[bool, Compiled[Any]] = {
    False: Compiled(_first_of_each, dt.datetime),
    True: Compiled(_first_of_each, dt.datetime, int),
}
