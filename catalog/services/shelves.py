"""What people do with the pieces of one store: send them on, count, receive, keep some back (docs/stock.md)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.errors import NotByStore, NotEnoughToSend, NotHandedOver
from catalog.models import StockLevel, StockMovement, Variant
from catalog.services.places import (
    apply_delta,
    hands_over,
    hold_new_places,
    lock_stock,
    number_of,
    place_of,
    refresh_web,
    require_hands_over,
    settle_discrepancy,
    write_count,
    write_number,
)
from kernel.bounds import MAX_COUNT, field_problems, is_whole
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from stores.models import Merchant, Store

Reason = StockMovement.Reason

ASKED_FROM = 1_000
"""Pieces by which a number is off at least, before anybody is asked whether it is right."""


@transaction.atomic
def transfer_stock(
    *,
    merchant: Merchant,
    variant_id: int,
    from_store: int,
    to_store: int,
    quantity: int,
    by: Any,
    via: str = "",
    note: str = "",
) -> tuple[StockLevel, StockLevel]:
    """Send pieces from one store to another; return both levels.

    Both ends are written at once, under the variant's stock row: transfers that cross wait for
    each other and never lock each other out. Raises NotFound for a variant or store of somebody
    else, NotByStore, NotHandedOver, NotEnoughToSend, InvalidInput.
    """
    if not is_whole(quantity, 1, MAX_COUNT) or from_store == to_store:
        text = gettext("Choose two stores, and send at least one piece.")
        raise InvalidInput(fields={"quantity": [text]})
    _require_own(merchant, variant_id, {from_store, to_store})
    hold_new_places([(variant_id, from_store), (variant_id, to_store)])
    stock = lock_stock([variant_id]).get(variant_id)
    if stock is None or not stock.by_store:
        raise NotByStore
    require_hands_over(variant_id, to_store)
    if not hands_over(variant_id, from_store):
        left = StockLevel.objects.filter(variant=variant_id, store=from_store)
        if not left.exists():
            raise NotHandedOver
    source, target = place_of(stock, from_store), place_of(stock, to_store)
    if number_of(source) < quantity:
        raise NotEnoughToSend(available=max(number_of(source), 0))
    for place, reason, delta in (
        (source, Reason.TRANSFER_OUT, -quantity),
        (target, Reason.TRANSFER_IN, quantity),
    ):
        apply_delta(stock, place, reason=reason, delta=delta, by=by, via=via, note=note)
    refresh_web(stock)
    assert isinstance(source, StockLevel), "counted by store"
    assert isinstance(target, StockLevel), "counted by store"
    return source, target


def is_far_off(books: int, told: int) -> bool:
    """Whether somebody who types ``told`` where the books say ``books`` is asked if that is right.

    A slip of the finger adds a digit or two; a thousand pieces are no reason to ask a shop that has as many.
    """
    return abs(told - books) > max(ASKED_FROM, 9 * abs(books))


@transaction.atomic
def count_level(*, level: StockLevel, counted: int, by: Any, note: str = "") -> StockLevel:
    """Count a store's pieces at this moment, after all that is known of it; settle its discrepancy.

    Locks the stock row. Raises InvalidInput for a number that cannot be kept, NotByStore,
    NotHandedOver.
    """
    if not is_whole(counted, 0, MAX_COUNT):
        raise InvalidInput(fields={"counted": [gettext("Say how many there are.")]})
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    if counted:
        require_hands_over(level.variant_id, level.store_id)
    level.refresh_from_db()
    level.counted_at = write_count(
        stock, counted=counted, books=level.on_hand, by=by, store_id=level.store_id, note=note
    )
    settle_discrepancy(level.variant_id, level.store_id, by, now())
    write_number(stock, level, counted)
    refresh_web(stock)
    return level


@transaction.atomic
def receive_pieces(*, level: StockLevel, quantity: int, by: Any, note: str = "") -> StockLevel:
    """Add pieces that a store has just received. Locks the stock row.

    Raises InvalidInput, NotByStore, NotHandedOver.
    """
    if not is_whole(quantity, 1, MAX_COUNT):
        raise InvalidInput(fields={"quantity": [gettext("Say how many came.")]})
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    require_hands_over(level.variant_id, level.store_id)
    level.refresh_from_db()
    apply_delta(stock, level, reason=Reason.RECEIVED, delta=quantity, by=by, note=note)
    refresh_web(stock)
    return level


@transaction.atomic
def change_level(*, level: StockLevel, safety: int, sells_online: bool) -> StockLevel:
    """Say what of a store's pieces the web may sell.

    Locks the stock row. Outbox "stock.turned". Raises InvalidInput, NotByStore.
    """
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    level.refresh_from_db()
    level.safety, level.sells_online, level.updated_at = safety, sells_online, now()
    if problems := field_problems(level, exclude=("variant", "store", "merchant")):
        raise InvalidInput(fields=problems)
    level.save(update_fields=["safety", "sells_online", "updated_at"])
    refresh_web(stock)
    return level


def _require_own(merchant: Merchant, variant_id: int, stores: set[int]) -> None:
    own = Variant.objects.filter(pk=variant_id, product__merchant=merchant).exists()
    if not own or Store.objects.filter(merchant=merchant, pk__in=stores).count() != len(stores):
        raise NotFound
