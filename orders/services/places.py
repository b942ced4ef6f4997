"""Where the pieces of an order come from: every way of handing over is asked, then told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalog.models import Offer
from orders.fulfilment.base import Piece, Planned, all_methods
from orders.models import Fulfilment, Order
from orders.pricing.quotes import QuoteLine


class Places(NamedTuple):
    """What was planned, and the store of each variant that has one."""

    plans: Sequence[Planned]
    stores: Mapping[int, int]
    pieces: Sequence[Piece]


def plan_places(
    *,
    lines: Sequence[QuoteLine],
    offers: Mapping[int, Offer],
    stores: Mapping[int, int],
    store_id: int | None,
    strict: bool = True,
) -> Places:
    """Find the store of whatever is set aside at one; writes and locks nothing.

    ``stores`` are those that the buyer chose, by the offer that was asked for; ``store_id`` is the
    one for all the rest that it takes. Raises as the methods do (orders/fulfilment).
    """
    pieces = [
        Piece(offers[line.item.offer_id], line.quantity, stores.get(int(line.key)), store_id)
        for line in lines
        if line.item
    ]
    plans = [method.plan(pieces, strict=strict) for method in all_methods()]
    found: dict[int, int] = {}
    for planned in plans:
        found |= planned.stores
    return Places(plans, found, pieces)


def commit_places(*, order: Order, places: Places) -> dict[int, Fulfilment]:
    """Write what was promised, in the order's transaction; by variant, none where nothing was."""
    written: dict[int, Fulfilment] = {}
    for method, planned in zip(all_methods(), places.plans, strict=True):
        if planned.stores:
            written |= method.commit(order, planned, places.pieces)
    return written
