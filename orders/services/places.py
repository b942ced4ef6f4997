"""Where the pieces of an order come from: every way of handing over is asked, then told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext

from catalog.models import Offer
from catalog.usable import named_stores
from kernel.errors import InvalidInput
from orders.fulfilment.base import Piece, Planned, all_methods
from orders.models import Fulfilment, Order
from orders.pricing.quotes import QuoteLine
from stores.models import Store


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
    one for all the rest that it takes. Raises as the methods do (orders/fulfilment), and
    InvalidInput for a chosen store that does not take the product, wherever it is counted: two
    statements where one was chosen.
    """
    pieces = [
        Piece(offers[line.item.offer_id], line.quantity, stores.get(int(line.key)), store_id)
        for line in lines
        if line.item
    ]
    _require_taking([piece for piece in pieces if piece.store_id is not None])
    plans = [method.plan(pieces, strict=strict) for method in all_methods()]
    found: dict[int, int] = {}
    for planned in plans:
        found |= planned.stores
    return Places(plans, found, pieces)


def _require_taking(pieces: Sequence[Piece]) -> None:
    """Refuse a store that was chosen for a line whose product it does not take."""
    if not pieces:
        return
    chosen = Store.objects.open_for_business().filter(pk__in={piece.store_id for piece in pieces})
    owners = dict(chosen.values_list("pk", "merchant_id"))
    named = named_stores({piece.offer.product_id for piece in pieces})
    for piece in pieces:
        product, store_id = piece.offer.product, piece.store_id
        takes = named.get(product.pk)
        own = owners.get(store_id or 0) == product.merchant_id
        if not own or (takes and store_id not in takes):
            text = gettext("Choose a store that hands this product over.")
            raise InvalidInput(fields={"store": [text]})


def commit_places(*, order: Order, places: Places) -> dict[int, Fulfilment]:
    """Write what was promised, in the order's transaction; by variant, none where nothing was."""
    written: dict[int, Fulfilment] = {}
    for method, planned in zip(all_methods(), places.plans, strict=True):
        if planned.stores:
            written |= method.commit(order, planned, places.pieces)
    return written
