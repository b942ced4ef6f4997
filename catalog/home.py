"""What the front page shows."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.models import IntegerField, QuerySet, Value

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

SECTION = 8
LIMITED, RATED, NEWEST = range(3)


class FrontPage(NamedTuple):
    """Cards of the sections; a section without cards is not shown."""

    limited: list[dict[str, Any]]
    near: list[dict[str, Any]]
    rated: list[dict[str, Any]]
    newest: list[dict[str, Any]]


def front_page(here: Here) -> FrontPage:
    """Return the deals of the visitor's city; four or five queries, whatever the size of the shop."""
    query = ProductQuery(city=here.city)
    sections = _ids(matching_products(query))
    near_ids: list[int] = []
    if here.centre:
        near_ids = nearest_ids(query, here.centre, size=SECTION)
    wanted = {*near_ids, *(pk for ids in sections.values() for pk in ids)}
    found = with_card_facts(Product.objects.filter(pk__in=wanted), near=here.near)
    cards = {card["id"]: card for card in product_cards(list(found), near=here.near)}

    def pick(ids: list[int]) -> list[dict[str, Any]]:
        return [cards[pk] for pk in ids if pk in cards]

    return FrontPage(
        limited=[card for card in pick(sections[LIMITED]) if card["ends_at"]],
        near=pick(near_ids),
        rated=pick(sections[RATED]),
        newest=pick(sections[NEWEST]),
    )


def _ids(products: QuerySet[Product]) -> dict[int, list[int]]:
    """The ids of the three sections that need no position, in one query."""
    flash = (
        Offer.objects.running(now())
        .filter(kind=Offer.Kind.FLASH, product__in=products.values("pk"))
        .order_by("ends_at", "id")
    )
    rated = products.filter(rating_count__gt=0).order_by("-rating_score", "-id")
    newest = products.order_by("-id")

    def part(rows: QuerySet[Any], key: str, section: int) -> QuerySet[Any]:
        labelled = rows.annotate(section=Value(section, output_field=IntegerField()))
        return labelled.values_list("section", key)[:SECTION]

    parts = (part(rated, "pk", RATED), part(newest, "pk", NEWEST))
    sections: dict[int, list[int]] = {LIMITED: [], RATED: [], NEWEST: []}
    for section, product_id in part(flash, "product_id", LIMITED).union(*parts, all=True):
        if product_id not in sections[section]:
            sections[section].append(product_id)
    return sections
