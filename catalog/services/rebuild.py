"""Numbers of stock written anew from their movements: for `manage.py rebuild_stock`."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Stock, StockLevel, StockMovement
from catalog.services.places import (
    INSTANT,
    lock_stock,
    merchant_of,
    refresh_web,
    standing_in_books,
    write_number,
)
from kernel.clock import now


@transaction.atomic
def rebuild_stock(*, variant_id: int) -> int:
    """Write the numbers of a variant anew from its movements; return how many were wrong.

    The web's own number is what orders take from, so it stands, and its books get a correction.
    Locks the stock row.
    """
    stock = lock_stock([variant_id]).get(variant_id)
    if stock is None:
        return 0
    wrong = 0
    if not stock.by_store and stock.available is not None and stock.counted_at is not None:
        number, _counted = standing_in_books(variant_id, None)
        if number != stock.available:
            _correct_books(stock, stock.available - number)
            wrong += 1
    for level in StockLevel.objects.filter(variant_id=variant_id).order_by("store"):
        number, counted_at = standing_in_books(variant_id, level.store_id)
        if (number, counted_at) != (level.on_hand, level.counted_at):
            level.counted_at = counted_at
            write_number(stock, level, number)
            wrong += 1
    refresh_web(stock)
    return wrong


def _correct_books(stock: Stock, delta: int) -> None:
    moment = now()
    last = max(moment, (stock.counted_at or moment) + INSTANT)
    StockMovement.objects.create(
        merchant_id=merchant_of(stock.pk),
        variant_id=stock.pk,
        reason=StockMovement.Reason.CORRECTION,
        delta=delta,
        occurred_at=last,
        created_at=moment,
    )
