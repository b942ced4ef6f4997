"""Whether a variant is counted by store or has one number for all: the way there and the way back.

See docs/stock.md.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.models import Product, Stock, StockLevel, StockMovement, Variant
from catalog.services.places import (
    apply_delta,
    hold_shops,
    lock_stock,
    place_of,
    refresh_web,
    settle_discrepancy,
    shops_of,
    write_count,
)
from kernel.clock import now
from kernel.errors import NotFound

Reason = StockMovement.Reason


@transaction.atomic
def keep_by_store(*, variant_id: int, by: Any, store_id: int | None = None) -> Stock:
    """Count a variant by store from now on; what the web had is at ``store_id``, or nowhere.

    Every store where the product can be used gets a level. Harmless where it is so already. Holds
    the merchant's stores, which a caller that has locked stock has done before; locks the stock
    row. Outbox "stock.turned". Raises NotFound for a store that does not take the product.
    """
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None:
        raise NotFound
    held = hold_shops(variant.product.merchant_id)
    Stock.objects.bulk_create([Stock(variant_id=variant_id, available=0)], ignore_conflicts=True)
    stock = lock_stock([variant_id])[variant_id]
    if stock.by_store:
        return stock
    merchant_id = variant.product.merchant_id
    shops = [shop for shop in shops_of(variant.product) if shop in held]
    if store_id is not None and store_id not in shops:
        raise NotFound
    pieces = stock.available or 0
    if pieces:
        apply_delta(stock, stock, reason=Reason.BY_STORE, delta=-pieces, by=by)
    elif stock.available is None:
        # A number of before the limit was lifted is still in the books; it ends here.
        stock.counted_at = write_count(stock, counted=0, books=None, by=by)
    stock.by_store = True
    stock.save(update_fields=["by_store", "counted_at"])
    StockLevel.objects.bulk_create(
        [
            StockLevel(merchant_id=merchant_id, variant_id=variant_id, store_id=shop)
            for shop in shops
        ],
        ignore_conflicts=True,
    )
    if store_id is not None and pieces:
        target = place_of(stock, store_id)
        apply_delta(stock, target, reason=Reason.BY_STORE, delta=pieces, by=by)
    refresh_web(stock)
    return stock


@transaction.atomic
def keep_all_by_store(*, product_id: int, by: Any, store_id: int | None = None) -> None:
    """`keep_by_store` for every variant of a product, all or none; what the web had is at one store."""
    variants = Variant.objects.filter(product=product_id).order_by("pk")
    ids = list(variants.values_list("pk", flat=True))
    merchant_id = Product.objects.values_list("merchant_id", flat=True).get(pk=product_id)
    hold_shops(merchant_id)
    for variant_id in ids:
        keep_by_store(variant_id=variant_id, by=by, store_id=store_id)


@transaction.atomic
def keep_one_number(*, variant_id: int, by: Any) -> Stock:
    """Sell a variant from one number from now on: what its stores have together.

    Pieces leave each store and come to the web, movement by movement; a level below zero is
    corrected to zero, and its discrepancy settled. What was set aside for guests stays with its
    store. Levels stay, empty, with what was kept back there. Harmless where it is so already.
    Locks the stock row. Raises NotFound.
    """
    stock = lock_stock([variant_id]).get(variant_id)
    if stock is None:
        raise NotFound
    if not stock.by_store:
        return stock
    pieces = 0
    for level in StockLevel.objects.filter(variant_id=variant_id).order_by("store"):
        if level.on_hand < 0:
            apply_delta(stock, level, reason=Reason.CORRECTION, delta=-level.on_hand, by=by)
            settle_discrepancy(variant_id, level.store_id, by, now())
        elif level.on_hand:
            pieces += level.on_hand
            apply_delta(stock, level, reason=Reason.ONE_NUMBER, delta=-level.on_hand, by=by)
    stock.by_store, stock.available = False, 0
    stock.save(update_fields=["by_store", "available"])
    if pieces:
        apply_delta(stock, stock, reason=Reason.ONE_NUMBER, delta=pieces, by=by)
    return stock
