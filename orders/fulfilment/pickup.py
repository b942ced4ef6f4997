"""Collected in store: goods that are counted by store are set aside at the one the buyer chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from catalog.collecting import Collecting, is_by_store, places_to_collect
from catalog.errors import SoldOut, StoreNeeded
from kernel.db.prepared import insert_rows
from kernel.errors import InvalidInput
from orders.fulfilment.base import Piece, Planned
from orders.models import Fulfilment, Order
from stores.hours import open_from
from stores.models import Store


class Pickup:
    code = Fulfilment.Method.PICKUP.value

    def plan(self, pieces: Sequence[Piece], *, strict: bool) -> Planned:
        """The store of each variant that is counted by store.

        One that nobody chose for is the only store that has the pieces. No statement where nothing
        is counted by store, or one. Raises InvalidInput for a store that does not take the
        product; with ``strict`` StoreNeeded where the buyer has to choose, SoldOut where no store
        has them.
        """
        counted = [piece for piece in pieces if is_by_store(piece.offer.variant)]
        places = places_to_collect({piece.offer.variant_id for piece in counted})
        stores = {}
        for piece in counted:
            chosen = _store_for(piece, places[piece.offer.variant_id], strict=strict)
            if chosen is not None:
                stores[piece.offer.variant_id] = chosen
        return Planned(self.code, stores)

    def commit(
        self, order: Order, planned: Planned, pieces: Sequence[Piece]
    ) -> dict[int, Fulfilment]:
        """One fulfilment per merchant and store; the stock itself is taken with the order's.

        Each is ready when its store is open. One query for the hours, one to write.
        """
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
            stores = Store.objects.with_hours().in_bulk({row.store_id for row in rows.values()})
            for row in rows.values():
                row.promised_at = open_from(stores[row.store_id], row.promised_at)
            insert_rows(list(rows.values()))
        return by_variant

    def cancel(self, order: Order) -> None:
        """Nothing beyond the stock, which goes back to the store with the order's other pieces."""


def store_of(line: Any) -> int | None:
    """The store that a line's pieces were set aside at; its fulfilment joined."""
    fulfilment = line.fulfilment
    return fulfilment.store_id if fulfilment and fulfilment.method == Pickup.code else None


def _store_for(piece: Piece, places: Sequence[Collecting], *, strict: bool) -> int | None:
    taking = [place.store.pk for place in places]
    if piece.store_id is not None:
        if piece.store_id not in taking:
            text = gettext("Choose a store that hands this product over.")
            raise InvalidInput(fields={"store": [text]})
        return piece.store_id
    if piece.any_store in taking:
        return piece.any_store
    found = [place.store.pk for place in places if place.left >= piece.quantity]
    if len(found) == 1:
        return found[0]
    if strict and not found:
        left = max((place.left for place in places), default=0)
        raise SoldOut(variant=piece.offer.variant_id, available=left)
    if strict:
        raise StoreNeeded(variant=piece.offer.variant_id, stores=found)
    return None
