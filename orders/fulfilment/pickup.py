"""Collected in store: goods that are counted by store are set aside at the one the buyer chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from catalog.errors import StoreNeeded
from catalog.services.stock import left_at_stores
from catalog.usable import stores_of_product
from kernel.db.prepared import insert_rows
from kernel.errors import InvalidInput
from orders.fulfilment.base import Piece, Planned
from orders.models import Fulfilment, Order


class Pickup:
    code = Fulfilment.Method.PICKUP.value

    def plan(self, pieces: Sequence[Piece], *, strict: bool) -> Planned:
        """The store of each variant that is counted by store.

        One that nobody chose for is the only store that has the pieces. No statement where nothing
        is counted by store, some per variant that is. Raises InvalidInput for a store that does not
        take the product, StoreNeeded, with ``strict``, where the buyer has to choose.
        """
        stores = {}
        for piece in pieces:
            if is_by_store(piece.offer):
                chosen = _store_for(piece, strict=strict)
                if chosen is not None:
                    stores[piece.offer.variant_id] = chosen
        return Planned(self.code, stores)

    def commit(
        self, order: Order, planned: Planned, pieces: Sequence[Piece]
    ) -> dict[int, Fulfilment]:
        """One fulfilment per merchant and store; the stock itself is taken with the order's."""
        rows: dict[tuple[int, int], Fulfilment] = {}
        by_variant = {}
        for piece in pieces:
            variant_id = piece.offer.variant_id
            store_id = planned.stores.get(variant_id)
            if store_id is None:
                continue
            product = piece.offer.product
            key = product.merchant_id, store_id
            row = rows.setdefault(
                key,
                Fulfilment(
                    order=order,
                    merchant_id=product.merchant_id,
                    store_id=store_id,
                    method=self.code,
                    created_at=order.created_at,
                ),
            )
            ready = order.created_at + dt.timedelta(hours=product.usable_after_hours)
            row.promised_at = max(row.promised_at or ready, ready)
            by_variant[variant_id] = row
        if rows:
            insert_rows(list(rows.values()))
        return by_variant

    def cancel(self, order: Order) -> None:
        """Nothing beyond the stock, which goes back to the store with the order's other pieces."""


def is_by_store(offer: Any) -> bool:
    """Whether the offer's variant is counted by store (its stock row joined)."""
    stock = getattr(offer.variant, "stock", None)
    return bool(stock and stock.by_store)


def store_of(line: Any) -> int | None:
    """The store that a line's pieces were set aside at; its fulfilment joined."""
    fulfilment = line.fulfilment
    return fulfilment.store_id if fulfilment and fulfilment.method == Pickup.code else None


def stores_with_pieces(offer: Any, quantity: int) -> list[int]:
    """The stores open for business that take the product and have so many pieces for the web."""
    taking = _taking(offer)
    left = left_at_stores([(offer.variant_id, store_id) for store_id in taking])
    return [pk for pk in taking if left.get((offer.variant_id, pk), 0) >= quantity]


def _store_for(piece: Piece, *, strict: bool) -> int | None:
    offer = piece.offer
    taking = _taking(offer)
    if piece.store_id is not None:
        if piece.store_id not in taking:
            text = gettext("Choose a store that hands this product over.")
            raise InvalidInput(fields={"store": [text]})
        return piece.store_id
    if piece.any_store in taking:
        return piece.any_store
    found = stores_with_pieces(offer, piece.quantity)
    if len(found) == 1:
        return found[0]
    if strict:
        raise StoreNeeded(variant=offer.variant_id, stores=found)
    return None


def _taking(offer: Any) -> list[int]:
    product = offer.product
    named = product.stores.through.objects.filter(product=product.pk).exists()
    stores = stores_of_product(product.merchant_id, product.pk if named else None)
    return list(stores.order_by("pk").values_list("pk", flat=True))
