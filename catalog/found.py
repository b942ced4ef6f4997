"""The deals somebody finds by words: those that have them, else those of the stores that have them.

A guest who types a place or a shop's name wants what can be bought there. Words that any deal
answers are answered by deals alone, at the cost they always had.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from catalog.models import Product
from catalog.search import PAGE_SIZE, ProductQuery, find_products, matching_products
from kernel.http.keyset import Page
from stores.place_words import place_query


class Found(NamedTuple):
    """A page of deals, and the question it answers: the one asked, or the one about the stores."""

    page: Page[Product]
    query: ProductQuery

    @property
    def by_store(self) -> bool:
        """Whether no deal has the words, and these are the deals of stores that have them."""
        return bool(self.query.at_stores)


def find_deals(query: ProductQuery, *, cursor: str = "", size: int = PAGE_SIZE) -> Found:
    """Return what `find_products` finds or, where no deal has the words, the deals of stores that do.

    The other filters hold in both. Only a page that would be empty asks further: whether any deal
    has the words at all (filters aside, in the city and of the merchant asked for), and then for
    the stores' deals. Raises InvalidInput for a foreign cursor.
    """
    asked = Found(find_products(query, cursor=cursor, size=size), query)
    if asked.page.rows or not query.text or _any_has_the_words(query):
        return asked
    at_stores = replace(query, text="", at_stores=place_query(query.text))
    if not at_stores.at_stores:
        return asked
    page = find_products(at_stores, cursor=cursor, size=size)
    return Found(page, at_stores) if page.rows else asked


def _any_has_the_words(query: ProductQuery) -> bool:
    wide = ProductQuery(text=query.text, city=query.city, merchant_id=query.merchant_id)
    return matching_products(wide, to_count=True).exists()
