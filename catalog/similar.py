"""Other deals of the same kind in the visitor's city, for the foot of a product page."""

from __future__ import annotations

from typing import Any

from catalog.cards import product_cards
from catalog.models import Product
from catalog.search import ProductQuery, matching_products, with_card_facts
from catalog.selectors import shelves
from kernel.clock import now
from stores.models import City

SHOWN = 6
NEIGHBOURS = 2
"""Categories of the same shelf that are looked at."""


def similar_cards(product: Product, *, city: City | None) -> list[dict[str, Any]]:
    """Cards of the best sold deals of the category, then of those beside it. One query.

    Each category is read along its own index and only as far as cards are needed.
    """
    picked = [
        matching_products(ProductQuery(categories=(category,), city=city))
        .exclude(pk=product.pk)
        .order_by("-sales_count", "-id")
        .values_list("pk")[:SHOWN]
        for category in _around(product)
    ]
    rows = Product.objects.filter(pk__in=picked[0].union(*picked[1:]))
    found = {row.pk: row for row in with_card_facts(rows, now())}
    cards = [(found[card["id"]], card) for card in product_cards(list(found.values()))]
    own = product.category_id

    def closeness(row: tuple[Product, dict[str, Any]]) -> tuple[bool, bool, int, int]:
        other, card = row
        return (card["sold_out"], other.category_id != own, -other.sales_count, -other.pk)

    return [card for _other, card in sorted(cards, key=closeness)[:SHOWN]]


def _around(product: Product) -> list[int]:
    """The product's own category, then some others of its shelf."""
    top = product.category.parent_id or product.category_id
    shelf = next((shelf for shelf in shelves() if shelf.category.pk == top), None)
    others = [pk for pk in shelf.ids if pk != product.category_id] if shelf else []
    return [product.category_id, *others[:NEIGHBOURS]]
