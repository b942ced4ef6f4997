"""What the front page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from catalog.cards import product_cards
from catalog.models import Offer, Product
from catalog.search import (
    ProductQuery,
    matching_products,
    nearest_ids,
    with_card_facts,
)
from o2o.clock import now
from stores.places import Here

SECTION = 10


class FrontPage(NamedTuple):
    """Cards of the sections; a section without cards is not shown."""

    limited: list[dict[str, Any]]
    near: list[dict[str, Any]]
    rated: list[dict[str, Any]]
    newest: list[dict[str, Any]]


def front_page(here: Here) -> FrontPage:
    """Return the deals of the visitor's city; three queries in a town, five on a wide plain."""
    query = ProductQuery(city=here.city)
    near_ids = nearest_ids(query, here.centre, size=SECTION) if here.centre else []
    picked = _picked(matching_products(query), near_ids)
    found = list(with_card_facts(Product.objects.filter(pk__in=picked), near=here.near))
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


def _picked(products: QuerySet[Product], near_ids: list[int]) -> QuerySet[Any]:
    """The ids of the first products of each section; Python puts the sections in order again."""
    flash = (
        Offer.objects.running(now())
        .filter(kind=Offer.Kind.FLASH, product__in=products.values("pk"))
        .order_by("ends_at", "id")
    )
    rated = products.filter(rating_count__gt=0).order_by("-rating_score", "-id")
    newest = products.order_by("-id")
    near = Product.objects.filter(pk__in=near_ids).order_by()
    return near.values_list("pk").union(
        flash.values_list("product_id")[:SECTION],
        rated.values_list("pk")[:SECTION],
        newest.values_list("pk")[:SECTION],
    )
