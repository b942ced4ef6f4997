"""Other deals of the same kind in the visitor's city, for the foot of a product page."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery

from catalog.cards import offers_cards
from catalog.models import Offer, Picture, Product
from catalog.search import ProductQuery, matching_products
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
    pictures = Picture.objects.filter(product=OuterRef("product")).order_by("position", "id")
    offers = (
        Offer.objects.running(now())
        .filter(product__in=picked[0].union(*picked[1:]))
        .select_related("product__merchant", "product__category__parent", "variant__stock")
        .defer("product__search_vector", "product__description_en", "product__description_zh")
        .annotate(
            cover=Subquery(pictures.values("image")[:1]),
            cover_small=Subquery(pictures.values("small")[:1]),
        )
        .order_by("price_fen", "id")
    )
    cards = offers_cards(offers)
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
