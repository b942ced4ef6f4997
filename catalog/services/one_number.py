"""The way back from a number for each store to one for all of them (docs/stock.md)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.models import Stock, StockLevel, StockMovement
from catalog.services.levels import settle_discrepancy
from catalog.services.places import apply_delta, lock_stock
from kernel.clock import now
from kernel.errors import NotFound

Reason = StockMovement.Reason


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
            apply_delta(stock, level, reason=Reason.TRANSFER_OUT, delta=-level.on_hand, by=by)
    stock.by_store, stock.available = False, 0
    stock.save(update_fields=["by_store", "available"])
    if pieces:
        apply_delta(stock, stock, reason=Reason.TRANSFER_IN, delta=pieces, by=by)
    return stock
