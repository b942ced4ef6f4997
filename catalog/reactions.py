"""What the catalog does when something happened elsewhere (the table is o2o/reactions.py)."""

from __future__ import annotations

from django.db.models import Q

from catalog.models import Product
from catalog.services.search_index import index_products
from stores.models import Store
from stores.services.stores import index_stores


def follow_merchant_rename(*, merchant_id: int) -> None:
    """Bring the words that a merchant's stores and products are found by up to its new name."""
    index_stores(Store.objects.filter(merchant=merchant_id).values_list("pk", flat=True))
    index_products(Product.objects.filter(merchant=merchant_id).values_list("pk", flat=True))


def follow_city_rename(*, city_id: int) -> None:
    """The same for the stores of a city."""
    index_stores(Store.objects.filter(city=city_id).order_by("pk").values_list("pk", flat=True))


def follow_category_rename(*, category_id: int) -> None:
    """The same for the products of a category, and of its children, which are found by its name too."""
    index_products(
        Product.objects.filter(Q(category=category_id) | Q(category__parent=category_id))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
