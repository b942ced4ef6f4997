"""What the front page shows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateTimeField, QuerySet, Value

from catalog.cards import product_cards
from catalog.models import ListingFact, Product
from catalog.search import (
    ProductQuery,
    load_for_cards,
    matching_products,
    nearest_ids,
)
from kernel.clock import now
from kernel.db.prepared import Compiled, Prepared, padded
from stores.models import City
from stores.places import Here

SECTION, SPARE = 10, 2
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
    picked = _picked(here.city)
    ranked = _rank(near_ids, picked)
    found = load_for_cards(sorted({pk for ids in ranked for pk in ids}), near=here.near)
    cards = {card["id"]: card for card in product_cards(found)}
    merchants = {product.pk: product.merchant_id for product in found}
    # A limited-time price that is sold out is none any more: its card names the normal one.
    ranked[0] = [pk for pk in ranked[0] if pk in cards and cards[pk]["ends_at"]]
    return FrontPage(
        *(shelf([cards[pk] for pk in ids if pk in cards], merchants) for ids in ranked)
    )


def _rank(near_ids: list[int], picked: list[tuple[int, dt.datetime | None]]) -> list[list[int]]:
    """The products that each shelf may show, best first, in the order of FrontPage.

    From what orders them alone: a card is made of much more, and few of those looked at are shown.
    """
    ids = sorted({*near_ids, *(pk for pk, _ends_at in picked)})
    known = {product.pk: product for product in _ranking(ids)}
    ending = sorted((ends_at, pk) for pk, ends_at in picked if ends_at)
    rated = [product for product in known.values() if product.rating_count]
    rated.sort(key=lambda product: (shrunk_rating(product), product.pk), reverse=True)
    ways = [
        list(dict.fromkeys(pk for _ends_at, pk in ending)),
        near_ids,
        [product.pk for product in rated],
        sorted(known, reverse=True),
    ]
    return [_shortlist([known[pk] for pk in way if pk in known]) for way in ways]


def _shortlist(products: Iterable[Product]) -> list[int]:
    """The first products, few of each merchant; some are to spare, for what is sold out."""
    times: Counter[int] = Counter()
    listed = []
    for product in products:
        times[product.merchant_id] += 1
        if times[product.merchant_id] <= PER_MERCHANT + 1:
            listed.append(product.pk)
    return listed[: SECTION + SPARE]


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


def _picked(city: City | None) -> list[tuple[int, dt.datetime | None]]:
    """The first products of each section by id, and the end of those that are limited in time."""
    sql, params = _PICKED[city is not None].sql(now(), *([city.pk] if city else []))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _ranking(ids: list[int]) -> list[Product]:
    """What orders the products of ``ids``; one query."""
    asked = padded(ids, step=32)
    return _ranking_of(len(asked)).all(*asked) if asked else []


@cache
def _ranking_of(count: int) -> Prepared[Product]:
    def ranking_of(*ids: int) -> QuerySet[Product]:
        return Product.objects.filter(pk__in=ids).only("merchant_id", "rating_sum", "rating_count")

    return Prepared(ranking_of, *[int] * count, most=None)


def _first_of_each(moment: dt.datetime, city_id: int | None = None) -> QuerySet[Any]:
    city = City(pk=city_id) if city_id is not None else None
    products = matching_products(ProductQuery(city=city))
    limited = (
        ListingFact.objects.at(moment)
        .filter(kind=ListingFact.Kind.LIMITED, product__in=products.values("pk"))
        .order_by("ends_at", "id")
    )
    rated = products.filter(rating_count__gt=0).order_by("-rating_score", "-id")
    newest = products.order_by("-id")
    never = Value(None, output_field=DateTimeField(null=True))
    return limited.values_list("product_id", "ends_at")[:LOOKED_AT].union(
        rated.values_list("pk", never)[:LOOKED_AT], newest.values_list("pk", never)[:LOOKED_AT]
    )


_PICKED: dict[bool, Compiled[Any]] = {
    False: Compiled(_first_of_each, dt.datetime),
    True: Compiled(_first_of_each, dt.datetime, int),
}
