"""Where the pieces of an order come from: every way of handing over is asked, then told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalog.collecting import is_by_store, require_place
from catalog.models import Offer
from catalog.services.stock import Wanted
from catalog.usable import named_stores
from kernel.errors import Refusal
from orders.fulfilment.base import Piece, Planned, all_methods
from orders.models import Fulfilment, Order, OrderLine
from orders.pricing.quotes import QuoteLine
from orders.refusals import NamedOffer, name_line
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
    one for all the rest that it takes. Raises as the methods do (orders/fulfilment), in a sentence
    about the line, and InvalidInput for a chosen store that does not take the product: two
    statements where one was chosen for what has one number.
    """
    pieces = [
        Piece(offers[line.item.offer_id], line.quantity, stores.get(int(line.key)), store_id)
        for line in lines
        if line.item
    ]
    try:
        _require_taking(pieces)
        plans = [method.plan(pieces, strict=strict) for method in all_methods()]
    except Refusal as refusal:
        raise name_line(refusal, _named(lines, offers)) from None
    found: dict[int, int] = {}
    for planned in plans:
        found |= planned.stores
    return Places(plans, found, pieces)


def _named(lines: Sequence[QuoteLine], offers: Mapping[int, Offer]) -> list[NamedOffer]:
    """The items among the lines, as a refusal names them."""
    sold = [(line, offers[line.item.offer_id]) for line in lines if line.item]
    return [NamedOffer(offer.pk, offer.variant_id, line.title) for line, offer in sold]


def _require_taking(pieces: Sequence[Piece]) -> None:
    """Refuse a store that was chosen for a line whose product it does not take.

    Goods that are counted by store have stores of their own to choose from (orders/fulfilment/pickup.py).
    """
    chosen = [
        (piece.offer, piece.store_id)
        for piece in pieces
        if piece.store_id is not None and not is_by_store(piece.offer.variant)
    ]
    if not chosen:
        return
    stores = Store.objects.open_for_business().filter(
        pk__in={store_id for _offer, store_id in chosen}
    )
    owners = dict(stores.values_list("pk", "merchant_id"))
    named = named_stores({offer.product_id for offer, _store_id in chosen})
    for offer, store_id in chosen:
        own = {pk for pk, owner in owners.items() if owner == offer.product.merchant_id}
        takes = named.get(offer.product_id)
        require_place(own.intersection(takes) if takes else own, store_id, offer=offer.pk)


def commit_places(*, order: Order, places: Places) -> dict[int, Fulfilment]:
    """Write what was promised, in the order's transaction; by variant, none where nothing was."""
    written: dict[int, Fulfilment] = {}
    for method, planned in zip(all_methods(), places.plans, strict=True):
        written |= method.commit(order, planned, places.pieces)
    return written


def places_given_up(lines: Sequence[OrderLine]) -> list[Wanted]:
    """Where the pieces of a closed order's lines go back; their fulfilments joined. No query."""
    of_method: dict[str, list[OrderLine]] = {}
    for line in lines:
        method = line.fulfilment.method if line.fulfilment else Fulfilment.Method.REDEEM
        of_method.setdefault(method, []).append(line)
    return [
        wanted
        for method in all_methods()
        for wanted in method.cancel(of_method.get(method.code, []))
    ]
