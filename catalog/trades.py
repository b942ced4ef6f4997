"""The top categories as trades of businesses (stores.trades)."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.models import Category
from stores.models import Merchant
from stores.trades import Trade


class CategoryTrades:
    """A trade is a category without a parent; what stands below it is open with it."""

    def offered(self) -> list[Trade]:
        return [Trade(row.slug, row.name) for row in Category.objects.filter(parent=None)]

    def opened(self, merchant: Merchant) -> list[str]:
        return [row.name for row in merchant.categories.all()]

    def open_for(self, merchant: Merchant, slugs: Iterable[str]) -> None:
        merchant.categories.add(*Category.objects.filter(parent=None, slug__in=slugs))
