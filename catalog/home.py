"""What the front page shows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
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
PER_MERCHANT = 2
"""Cards of one merchant on a shelf."""
LOOKED_AT = 40
"""Products each shelf chooses from, so that one merchant's many leave room for others."""
PRIOR_REVIEWS, PRIOR_STARS = 8, 4.2
"""What a product is taken to be worth before it has reviews."""


class FrontPage(NamedTuple):
    """Cards of the sections; a section without cards is not shown."""

    limited: list[dict[str, Any]]
    near: list[dict[str, Any]]
    rated: list[dict[str, Any]]
    newest: list[dict[str, Any]]


def front_page(here: Here) -> FrontPage:
    """Return the deals of the visitor's city; four queries in a town, six on a wide plain."""
    query = ProductQuery(city=here.city)
    near_ids = nearest_ids(query, here.centre, size=LOOKED_AT) if here.centre else []
    found = load_for_cards(sorted({*near_ids, *_picked(here.city)}), near=here.near)
    cards = {card["id"]: card for card in product_cards(found)}

    merchants = {product.pk: product.merchant_id for product in found}

    def best(products: Iterable[Product], key: Callable[[Product], Any]) -> list[dict[str, Any]]:
        ranked = sorted(products, key=key, reverse=True)
        return shelf([cards[p.pk] for p in ranked if p.pk in cards], merchants)

    limited = sorted(
        (card for card in cards.values() if card["ends_at"]), key=lambda card: card["ends_at"]
    )
    return FrontPage(
        limited=shelf(limited, merchants),
        near=shelf([cards[pk] for pk in near_ids if pk in cards], merchants),
        rated=best((p for p in found if p.rating_count), lambda p: (shrunk_rating(p), p.pk)),
        newest=best(found, lambda p: p.pk),
    )


def shrunk_rating(product: Product) -> float:
    """Average stars as if PRIOR_REVIEWS ordinary ones stood beside the real ones.

    A mean drawn towards the usual one by the number of reviews, so that one review of five
    stars does not lead before forty of 4.8 (a Bayesian average).
    """
    stars = product.rating_sum + PRIOR_REVIEWS * PRIOR_STARS
    return stars / (product.rating_count + PRIOR_REVIEWS)


def shelf(ranked: list[dict[str, Any]], merchants: dict[int, int]) -> list[dict[str, Any]]:
    """The cards of one shelf, in their order: what is sold out last, no merchant more than twice.

    A card like the one before (the same picture, the same trade without one) changes places
    with the next that is not.
    """
    shown: list[dict[str, Any]] = []
    times: Counter[int] = Counter()
    for card in sorted(ranked, key=lambda card: card["sold_out"]):
        merchant = merchants[card["id"]]
        if times[merchant] < PER_MERCHANT and len(shown) < SECTION:
            times[merchant] += 1
            shown.append(card)
    for place in range(1, len(shown)):
        if _alike(shown[place - 1], shown[place]):
            other = next(
                (
                    later
                    for later in range(place + 1, len(shown))
                    if not _alike(shown[place - 1], shown[later])
                    and shown[later]["sold_out"] == shown[place]["sold_out"]
                ),
                None,
            )
            if other is not None:
                shown.insert(place, shown.pop(other))
    return shown


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one["picture"] or other["picture"]:
        return bool(one["picture"] == other["picture"])
    return bool(one["icon"] == other["icon"])


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
    return flash.values_list("product_id")[:LOOKED_AT].union(
        rated.values_list("pk")[:LOOKED_AT], newest.values_list("pk")[:LOOKED_AT]
    )


_PICKED: dict[bool, Compiled[Any]] = {
    False: Compiled(_first_of_each, dt.datetime),
    True: Compiled(_first_of_each, dt.datetime, int),
}
