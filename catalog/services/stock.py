"""Stock, quota and per-person limits: what gets scarce (docs/locking.md).

A variant has one number that the web sells from, or one for each store (docs/stock.md); the store
that the buyer chose is named by `Wanted` then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast, Greatest

from catalog.errors import (
    OfferNotRunning,
    PersonLimitReached,
    QuotaGone,
    SoldOut,
    StockByStore,
    StoreNeeded,
)
from catalog.models import Offer, OfferPurchase, Stock, StockMovement, Variant
from catalog.services.places import (
    announce_change,
    announce_threshold,
    apply_delta,
    hold_new_places,
    lock_stock,
    place_of,
    refresh_web,
    write_count,
)
from catalog.usable import SOLD_ONLINE, sold_online
from kernel.bounds import field_problems
from kernel.clock import now
from kernel.db.prepared import Prepared, Statement
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.services import publish


class Wanted(NamedTuple):
    """So many pieces of a variant at an offer's price, from a store where it is counted by store."""

    offer_id: int
    variant_id: int
    quantity: int
    store_id: int | None = None


def check_stock(available: int | None) -> None:
    """Raise InvalidInput for a number of pieces that cannot be kept; None means no limit."""
    if problems := field_problems(Stock(available=available)):
        raise InvalidInput(fields=problems)


@transaction.atomic
def set_stock(*, variant_id: int, available: int | None, by: Any = None) -> None:
    """Say how many pieces the web can still sell; None lifts the limit. A number is a count, by ``by``.

    A variant without a row, which has no pieces, gets one. Locks the stock row. Raises
    InvalidInput, NotFound, StockByStore where each store has its own number.
    """
    check_stock(available)
    if not Variant.objects.filter(pk=variant_id).exists():
        raise NotFound
    Stock.objects.bulk_create([Stock(variant_id=variant_id, available=0)], ignore_conflicts=True)
    stock = lock_stock([variant_id])[variant_id]
    if stock.by_store:
        raise StockByStore
    before, stock.available = stock.available, available
    if available is not None:
        stock.counted_at = write_count(stock, counted=available, books=before, by=by)
    stock.save(update_fields=["available", "counted_at"])
    announce_change(stock, before=before, after=available)


@transaction.atomic
def set_low_stock(*, variant_id: int, low_stock_at: int | None) -> None:
    """Say at how many pieces the merchant is told that few are left; None: never.

    It holds for the web's number, or for every store's. Who has so few already is told of at once.
    Locks the stock row. Outbox "stock.low". Raises InvalidInput, NotFound.
    """
    stock = lock_stock([variant_id]).get(variant_id)
    if stock is None:
        raise NotFound
    told_at, stock.low_stock_at = stock.low_stock_at, low_stock_at
    if problems := field_problems(stock, exclude=("variant",)):
        raise InvalidInput(fields=problems)
    stock.save(update_fields=["low_stock_at"])
    announce_threshold(stock, told_at=told_at)


def take_stock(
    *,
    buyer_id: int,
    wanted: Sequence[Wanted],
    offers: Mapping[int, Offer] | None = None,
    reference: str = "",
) -> None:
    """Take the pieces for an order, all or nothing; must be called inside its transaction.

    Locks by conditional UPDATE, in this order: stock rows by variant, each with the level of the
    store under it, offer rows by id, the buyer's offer purchases by offer. Rows without a limit
    are only read, so that a product with plenty is no bottleneck. ``offers`` are those that the
    caller has just read; without them they are read here; ``reference`` is the order's number. One
    statement per limited variant, which writes its movement, too; two where it is counted by
    store. Raises SoldOut, QuotaGone, PersonLimitReached (each names the offer or variant and how
    many are left), StoreNeeded where no store was chosen, or OfferNotRunning for an unknown offer;
    the caller's transaction must then roll back what was taken before.
    """
    for (variant_id, store_id), quantity in _by_place(wanted).items():
        _take_pieces(variant_id, store_id, quantity, reference)
    per_offer = _sum(wanted, "offer_id")
    if offers is None:
        offers = Offer.objects.in_bulk(per_offer)
    for offer_id, quantity in per_offer.items():
        offer = offers.get(offer_id)
        if offer is None:
            raise OfferNotRunning(offer=offer_id)
        if offer.quota is not None:
            _take_quota(offer, quantity)
    for offer_id, quantity in per_offer.items():
        limit = offers[offer_id].per_person_limit
        if limit is not None:
            _take_share(buyer_id, offer_id, quantity, limit)


def require_left(
    *, buyer_id: int | None, wanted: Sequence[Wanted], offers: Mapping[int, Offer]
) -> None:
    """Raise what `take_stock` would raise now, and take nothing: a look that promises nothing.

    ``buyer_id`` is None for somebody who has bought nothing yet. One statement, one more when
    an offer has a limit per person, and one for what stores were chosen for.
    """
    per_place, per_offer = _by_place(wanted), _sum(wanted, "offer_id")
    stock = dict(
        Stock.objects.filter(pk__in=_sum(wanted, "variant_id")).values_list("pk", "available")
    )
    levels = left_at_stores([place for place in per_place if place[1] is not None])
    for (variant_id, store_id), quantity in per_place.items():
        available = stock.get(variant_id, 0)
        if store_id is not None:
            available = levels.get((variant_id, store_id), 0)
        if available is not None and available < quantity:
            raise _sold_out(variant_id, store_id, available)
    for offer_id, quantity in per_offer.items():
        remaining = offers[offer_id].remaining
        if remaining is not None and remaining < quantity:
            raise QuotaGone(offer=offer_id, remaining=remaining)
    limited = [pk for pk in per_offer if offers[pk].per_person_limit is not None]
    held = _held(buyer_id, limited)
    for offer_id in limited:
        limit = offers[offer_id].per_person_limit or 0
        if held.get(offer_id, 0) + per_offer[offer_id] > limit:
            raise PersonLimitReached(offer=offer_id, limit=limit, held=held.get(offer_id, 0))


def held_by(*, buyer_id: int | None, offer: Offer) -> int:
    """How many pieces of an offer somebody holds of the number that one person may buy."""
    limited = [offer.pk] if offer.per_person_limit is not None else []
    return _held(buyer_id, limited).get(offer.pk, 0)


def _held(buyer_id: int | None, offer_ids: Sequence[int]) -> dict[int, int]:
    if buyer_id is None or not offer_ids:
        return {}
    rows = OfferPurchase.objects.filter(buyer_id=buyer_id, offer_id__in=offer_ids)
    return dict(rows.values_list("offer_id", "quantity"))


def left_at_stores(places: Sequence[tuple[int, int | None]]) -> dict[tuple[int, int], int]:
    """What the web may sell of ``(variant, store)`` places; those that sell nothing are left out."""
    if not places:
        return {}
    rows = sold_online().filter(
        variant__in={variant for variant, _store in places},
        store__in={store for _variant, store in places},
    )
    found = rows.order_by().values_list("variant_id", "store_id", "left")
    return {(variant_id, store_id): left for variant_id, store_id, left in found}


def give_back_stock(*, buyer_id: int, returned: Sequence[Wanted], reference: str = "") -> None:
    """Give pieces back after a cancelled, timed out or refunded order; same order of locks.

    Never fails on account of a count: money goes back whatever a merchant typed. What has
    no limit now is left alone; counts never fall below zero, and stop at the largest number
    that the column holds, which the operator is told. Pieces that came from a store go back to it.
    """
    places = _by_place(returned)
    hold_new_places(places)
    for (variant_id, store_id), quantity in places.items():
        _give_back_pieces(variant_id, store_id, quantity, reference)
    per_offer = _sum(returned, "offer_id")
    for offer_id, quantity in per_offer.items():
        _give_quota(offer_id, quantity)
    for offer_id, quantity in per_offer.items():
        OfferPurchase.objects.filter(offer_id=offer_id, buyer_id=buyer_id).update(
            quantity=Greatest(_wide("quantity") - quantity, 0)
        )


def _give_back_pieces(variant_id: int, store_id: int | None, quantity: int, reference: str) -> None:
    """To the place that the pieces came from, or where the variant is counted now."""
    stock = lock_stock([variant_id], limited=True).get(variant_id)
    if stock is None:
        return
    place = place_of(stock, store_id if stock.by_store else None)
    reason = StockMovement.Reason.GIVEN_BACK
    apply_delta(stock, place, reason=reason, delta=quantity, reference=reference)
    refresh_web(stock)


def take_goods_back(
    *, variant_id: int, store_id: int, pieces: int, on_shelf: bool, reference: str, by: Any
) -> None:
    """Write that collected goods came back to a store: on its shelf for sale, or lost.

    Lost ones are written as two movements, so that the books say what became of them; the number
    stays. Must be called inside the return's transaction, after its products are locked. Of a
    variant with one number the place is the web; nothing is written where it has no limit. Locks
    the stock row.
    """
    hold_new_places([(variant_id, store_id)])
    stock = lock_stock([variant_id], limited=True).get(variant_id)
    if stock is None:
        return
    place = place_of(stock, store_id)
    moves = [(StockMovement.Reason.RETURN, pieces)]
    if not on_shelf:
        moves.append((StockMovement.Reason.LOSS, -pieces))
    for reason, delta in moves:
        apply_delta(stock, place, reason=reason, delta=delta, reference=reference, by=by)
    refresh_web(stock)


def _wide(column: str) -> Cast:
    """The column as a bigint: a sum that an integer cannot hold must not raise."""
    return Cast(column, BigIntegerField())


def _by_place(lines: Sequence[Wanted]) -> dict[tuple[int, int | None], int]:
    """Total quantity per variant and store, in the order in which everybody locks."""
    total: Counter[tuple[int, int | None]] = Counter()
    for line in lines:
        if line.quantity < 1:
            raise ValueError(f"quantity must be positive: {line}")
        total[line.variant_id, line.store_id] += line.quantity
    return dict(sorted(total.items(), key=lambda item: (item[0][0], item[0][1] or 0)))


def _sum(lines: Sequence[Wanted], key: str) -> dict[int, int]:
    """Total quantity per variant or offer, ascending: everybody locks in the same order."""
    total: Counter[int] = Counter()
    for line in lines:
        if line.quantity < 1:
            raise ValueError(f"quantity must be positive: {line}")
        total[getattr(line, key)] += line.quantity
    return dict(sorted(total.items()))


_STOCK = Prepared(lambda variant_id: Stock.objects.filter(pk=variant_id), int)
_MOVED = (
    "INSERT INTO catalog_stockmovement (merchant_id, variant_id, store_id, reason, delta,"
    " occurred_at, created_at, reference)"
)
# A sale comes after the latest count, whatever its own clock says: the count saw the piece.
_TAKE_WEB = Statement(
    "WITH taken AS (UPDATE catalog_stock SET available = available - %s"  # noqa: S608 - our own words
    " WHERE variant_id = %s AND available >= %s AND NOT by_store"
    " RETURNING variant_id, available, low_stock_at, counted_at), "
    f"moved AS ({_MOVED} SELECT p.merchant_id, v.id, NULL, 'sold', -%s, GREATEST(%s, t.counted_at),"
    " %s, %s FROM taken t JOIN catalog_variant v ON v.id = t.variant_id"
    " JOIN catalog_product p ON p.id = v.product_id)"
    " SELECT available, low_stock_at FROM taken",
    *("integer", "bigint", "integer", "integer", "timestamptz", "timestamptz", "text"),
)
_TAKE_HELD = Statement(
    "UPDATE catalog_stock SET available = available - %s"
    " WHERE variant_id = %s AND available >= %s AND by_store RETURNING available, low_stock_at",
    *("integer", "bigint", "integer"),
)
# What is sold online is asked of the row that is taken from: its store may have closed since.
_TAKE_LEVEL = Statement(
    "WITH taken AS (UPDATE catalog_stocklevel level SET on_hand = on_hand - %s, updated_at = %s"  # noqa: S608
    f" WHERE variant_id = %s AND store_id = %s AND on_hand >= safety::bigint + %s{SOLD_ONLINE}"
    " RETURNING merchant_id, variant_id, store_id, on_hand, counted_at), "
    f"moved AS ({_MOVED} SELECT merchant_id, variant_id, store_id, 'sold', -%s,"
    " GREATEST(%s, counted_at), %s, %s FROM taken) SELECT on_hand FROM taken",
    *("integer", "timestamptz", "bigint", "bigint", "integer"),
    *("integer", "timestamptz", "timestamptz", "text"),
)


def _take_pieces(variant_id: int, store_id: int | None, quantity: int, reference: str) -> None:
    take = _take_from_web if store_id is None else _take_from_store
    if take(variant_id, store_id, quantity, reference):
        return
    stock = _STOCK.first(variant_id)
    if stock is None:
        raise _sold_out(variant_id, None, 0)
    if stock.available is None:  # no limit, nothing to take
        return
    if stock.by_store and store_id is None:
        raise StoreNeeded(variant=variant_id)
    if stock.by_store:
        left = left_at_stores([(variant_id, store_id)]).get((variant_id, store_id or 0), 0)
        raise _sold_out(variant_id, store_id, left)
    # A store was chosen, and its merchant has just gone back to one number for all.
    if store_id is None or not _take_from_web(variant_id, None, quantity, reference):
        raise _sold_out(variant_id, None, stock.available)


def _take_from_web(variant_id: int, _store_id: int | None, quantity: int, reference: str) -> bool:
    moment = now()
    taken = _TAKE_WEB.rows(
        *(quantity, variant_id, quantity), *(quantity, moment, moment, reference)
    )
    if taken:
        left, low = taken[0]
        stock = Stock(variant_id=variant_id, available=left, low_stock_at=low)
        announce_change(stock, before=left + quantity, after=left)
    return bool(taken)


def _take_from_store(variant_id: int, store_id: int | None, quantity: int, reference: str) -> bool:
    """The variant's row first, which everybody locks that moves it; then the store's level."""
    held = _TAKE_HELD.rows(quantity, variant_id, quantity)
    if not held:
        return False
    moment = now()
    taken = _TAKE_LEVEL.rows(
        *(quantity, moment, variant_id, store_id, quantity),
        *(quantity, moment, moment, reference),
    )
    if not taken:
        return False
    (left, low), (level,) = held[0], taken[0]
    stock = Stock(variant_id=variant_id, available=left, low_stock_at=low, by_store=True)
    announce_change(stock, before=left + quantity, after=left)
    announce_change(stock, before=level + quantity, after=level, store_id=store_id)
    return True


def _sold_out(variant_id: int, store_id: int | None, available: int) -> SoldOut:
    facts = {"variant": variant_id, "available": available}
    return SoldOut(**facts, **({} if store_id is None else {"store": store_id}))


def _take_quota(offer: Offer, quantity: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_QUOTA, {"offer": offer.pk, "quantity": quantity})
        taken = cursor.fetchone()
    if taken is None:
        offer.refresh_from_db(fields=["quota", "quota_sold"])
        raise QuotaGone(offer=offer.pk, remaining=offer.remaining)
    if taken[0]:
        # The last one: lists name the next price once a worker has followed.
        publish("stock.turned", variant_id=offer.variant_id)


_TAKE_QUOTA = """
UPDATE catalog_offer SET quota_sold = quota_sold + %(quantity)s
WHERE id = %(offer)s AND (quota IS NULL OR quota::bigint >= quota_sold::bigint + %(quantity)s)
RETURNING quota_sold = quota
"""


def _give_quota(offer_id: int, quantity: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_QUOTA, {"offer": offer_id, "quantity": quantity})
        given = cursor.fetchone()
    if given is not None and given[1]:
        # It was gone, as far as can be told: lists name the offer's price again.
        publish("stock.turned", variant_id=given[0])


_GIVE_QUOTA = """
UPDATE catalog_offer SET quota_sold = GREATEST(quota_sold::bigint - %(quantity)s, 0)
WHERE id = %(offer)s AND quota IS NOT NULL
RETURNING variant_id, quota_sold < quota AND quota_sold::bigint + %(quantity)s >= quota
"""


def _take_share(buyer_id: int, offer_id: int, quantity: int, limit: int) -> None:
    OfferPurchase.objects.bulk_create(
        [OfferPurchase(offer_id=offer_id, buyer_id=buyer_id)], ignore_conflicts=True
    )
    held = OfferPurchase.objects.filter(offer_id=offer_id, buyer_id=buyer_id)
    if not held.filter(quantity__lte=limit - quantity).update(quantity=F("quantity") + quantity):
        had = held.values_list("quantity", flat=True).first() or 0
        raise PersonLimitReached(offer=offer_id, limit=limit, held=had)
