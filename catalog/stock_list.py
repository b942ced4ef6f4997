"""Stock as it is read: each variant with its number, or its stores' numbers."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F, Prefetch, Q, QuerySet

from catalog.models import StockLevel, Variant
from stores.models import Merchant


def variants_with_stock(
    *,
    merchant: Merchant,
    stores: Collection[int] | None,
    product_id: int | None = None,
    store_id: int | None = None,
    low: bool = False,
) -> QuerySet[Variant]:
    """The variants of a business with product, stock and levels, of ``stores`` (None: of all).

    Two statements. ``low`` keeps those of which a number is where its merchant wants to be told.
    """
    levels = StockLevel.objects.filter(variant__stock__by_store=True)
    if stores is not None:
        levels = levels.filter(store__in=stores)
    if store_id is not None:
        levels = levels.filter(store=store_id)
    rows = Variant.objects.filter(product__merchant=merchant)
    if product_id is not None:
        rows = rows.filter(product=product_id)
    if store_id is not None or stores is not None:
        rows = rows.filter(pk__in=levels.values("variant"))
    if low:
        at = F("stock__low_stock_at")
        rows = rows.filter(
            Q(stock__by_store=False, stock__available__lte=at)
            | Q(stock__by_store=True, pk__in=levels.low().values("variant"))
        )
    return (
        rows.select_related("product", "stock")
        .prefetch_related(
            Prefetch("levels", levels.select_related("store").order_by("store"), to_attr="places")
        )
        .order_by("-pk")
    )
