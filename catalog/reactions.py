"""What the catalog does when something happened elsewhere (the table is o2o/reactions.py)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from catalog.models import Product, Variant
from catalog.services.search_index import index_products
from messages.services.notify import tell_business
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


def tell_business_of_stock(
    *, variant_id: int, left: int, store_id: int | None = None, day: str = "", **_: Any
) -> None:
    """Handler of "stock.low": a choice runs low, or is sold out at once; once a day and place."""
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None:
        return
    product, kind = variant.product, "stock_low" if left > 0 else "stock_gone"
    store = Store.objects.filter(pk=store_id).first() if store_id else None
    tell_business(
        kind=kind,
        merchant_id=product.merchant_id,
        store_id=store_id,
        params={
            "title_en": _joined(product.title_en, variant.name_en, store.name_en if store else ""),
            "title_zh": _joined(product.title_zh, variant.name_zh, store.name_zh if store else ""),
            "left": left,
        },
        link=reverse("admin:catalog_product_change", args=[product.pk]),
        dedupe_key=f"{kind}:{variant_id}:{store_id or 'web'}:{day}",
    )


def _joined(*names: str) -> str:
    return " · ".join(filter(None, names))
