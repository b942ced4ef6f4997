"""Collected in store: goods that are counted by store are set aside at the one the buyer chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from catalog.collecting import (
    Collecting,
    is_by_store,
    one_store,
    places_to_collect,
    require_place,
)
from catalog.errors import SoldOut, StoreNeeded
from catalog.services.stock import Wanted
from kernel.db.prepared import insert_rows
from orders.fulfilment.base import Piece, Planned, back
from orders.models import Fulfilment, Order
from stores.hours import open_from
from stores.models import Store


class Pickup:
    code = Fulfilment.Method.PICKUP.value

    def plan(self, pieces: Sequence[Piece], *, strict: bool) -> Planned:
        """The store of each variant that is counted by store.

        One that nobody chose for is the only store that has the pieces. No statement where nothing
        is counted by store, or one. Raises InvalidInput for a store that does not take the
        product, and for two stores of one variant, whose pieces are set aside together; with
        ``strict`` StoreNeeded where the buyer has to choose, SoldOut where no store has them all.
        """
        counted: dict[int, list[Piece]] = {}
        for piece in pieces:
            if is_by_store(piece.offer.variant):
                counted.setdefault(piece.offer.variant_id, []).append(piece)
        places = places_to_collect(counted)
        stores = {}
        for variant_id, own in counted.items():
            chosen = _store_for(own, places[variant_id], strict=strict)
            if chosen is not None:
                stores[variant_id] = chosen
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
                assert row.promised_at is not None
                row.promised_at = open_from(stores[row.store_id], row.promised_at)
            insert_rows(list(rows.values()))
        return by_variant

    def cancel(self, lines: Sequence[Any]) -> list[Wanted]:
        """They go back to the store that they were set aside at."""
        return [back(line, line.fulfilment.store_id) for line in lines]


def _store_for(
    pieces: Sequence[Piece], places: Sequence[Collecting], *, strict: bool
) -> int | None:
    """The store of all ``pieces`` of one variant, at whatever prices."""
    variant_id = pieces[0].offer.variant_id
    taking = [place.store.pk for place in places]
    chosen = one_store((piece.store_id for piece in pieces), variant=variant_id)
    if chosen is not None:
        require_place(taking, chosen, variant=variant_id)
        return chosen
    if pieces[0].any_store in taking:
        return pieces[0].any_store
    wanted = sum(piece.quantity for piece in pieces)
    found = [place.store.pk for place in places if place.left >= wanted]
    if len(found) == 1:
        return found[0]
    if strict and not found:
        left = max((place.left for place in places), default=0)
        raise SoldOut(variant=variant_id, available=left)
    if strict:
        raise StoreNeeded(variant=variant_id, stores=found)
    return None
