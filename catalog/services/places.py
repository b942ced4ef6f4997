"""Where pieces are counted, and the one way in which a number there changes.

A place is the web (its number is the stock row itself) or a store (a level). Whoever changes one
holds the variant's stock row, so that levels of one variant change in turn, and nobody needs a
second lock (docs/locking.md). The rule of what movements come to stands in docs/stock.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import F, OuterRef, Sum, Value
from django.db.models.functions import Greatest
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from catalog.errors import NotHandedOver
from catalog.models import Product, Stock, StockDiscrepancy, StockLevel, StockMovement
from catalog.usable import SOLD_ONLINE, used_at
from kernel.bounds import MAX_COUNT
from kernel.clock import now
from kernel.db.prepared import Prepared, Statement
from kernel.outbox.services import publish
from kernel.watch.services import report_incident
from stores.models import Store

Place = Stock | StockLevel
INSTANT = dt.timedelta(microseconds=1)
_STANDING = """
    WITH base AS (
        SELECT occurred_at, counted FROM catalog_stockmovement
        WHERE variant_id = %(variant)s AND {at} AND reason = 'count'
        ORDER BY occurred_at DESC, COALESCE(key, '') COLLATE "C" DESC, id DESC LIMIT 1)
    SELECT COALESCE((SELECT counted FROM base), 0) + COALESCE((
        SELECT SUM(delta) FROM catalog_stockmovement
        WHERE variant_id = %(variant)s AND {at}
          AND occurred_at >= COALESCE((SELECT occurred_at FROM base), '-infinity')), 0),
        (SELECT occurred_at FROM base)"""
# Two texts: one that compares with "IS NOT DISTINCT FROM" would read every place of the variant.
_AT_STORE = _STANDING.format(at="store_id = %(store)s")
_AT_WEB = _STANDING.format(at="store_id IS NULL")
_LOCK = (
    "SELECT variant_id::bigint, available::bigint, by_store, low_stock_at::bigint, counted_at"
    " FROM catalog_stock WHERE variant_id = ANY(%s){} ORDER BY variant_id FOR NO KEY UPDATE"
)
_LOCK_ALL = Statement(_LOCK.format(""), "bigint[]")
_LOCK_LIMITED = Statement(_LOCK.format(" AND available IS NOT NULL"), "bigint[]")
_LOCKED = ("variant_id", "available", "by_store", "low_stock_at", "counted_at")
_HOLD = "SELECT id FROM stores_store WHERE id = ANY(%s) ORDER BY id FOR SHARE"
_THERE = Statement(
    "SELECT variant_id::bigint, store_id::bigint FROM catalog_stocklevel"
    " WHERE variant_id = ANY(%s) AND store_id = ANY(%s)",
    *("bigint[]", "bigint[]"),
)
_LEVEL = Prepared(
    lambda variant, store: StockLevel.objects.filter(variant=variant, store=store), int, int
)
_WRITE_LEVEL = Statement(
    "UPDATE catalog_stocklevel SET on_hand = %s, counted_at = %s, updated_at = %s WHERE id = %s",
    *("integer", "timestamptz", "timestamptz", "bigint"),
)
_SPARE = Statement(
    "SELECT level.variant_id::bigint, SUM(level.on_hand::bigint - level.safety)::bigint"  # noqa: S608
    " FROM catalog_stocklevel level WHERE level.variant_id = ANY(%s)"
    f" AND level.on_hand > level.safety{SOLD_ONLINE} GROUP BY level.variant_id",
    "bigint[]",
)
_WRITE_WEB = Statement(
    "UPDATE catalog_stock SET available = row.number"
    " FROM unnest(%s::bigint[], %s::integer[]) AS row (variant, number) WHERE variant_id = row.variant",
    *("bigint[]", "integer[]"),
)


def lock_stock(variant_ids: Iterable[int], *, limited: bool = False) -> dict[int, Stock]:
    """Lock the stock rows of variants, ascending; with ``limited`` those that have a limit."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("a lock needs a transaction")
    rows = (_LOCK_LIMITED if limited else _LOCK_ALL).rows(sorted(set(variant_ids)))
    return {row[0]: Stock.from_db(DEFAULT_DB_ALIAS, _LOCKED, row) for row in rows}


def hold_stores(store_ids: Iterable[int]) -> None:
    """Let none of these stores close or open until this transaction ends: levels are made there.

    Before any stock row (docs/locking.md). Who closes a store follows the levels that it has, and
    waits for no others; so nobody may be making one there meanwhile. Many may hold a store at once.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(set(store_ids))])


def hold_shops(merchant_id: int) -> frozenset[int]:
    """`hold_stores` of all that a merchant has; return them."""
    shops = frozenset(Store.objects.filter(merchant=merchant_id).values_list("pk", flat=True))
    hold_stores(shops)
    return shops


def hold_new_places(places: Iterable[tuple[int, int | None]]) -> None:
    """`hold_stores` of those ``(variant, store)`` places that have no level yet; a level is never deleted."""
    wanted = {(variant, store) for variant, store in places if store is not None}
    if not wanted:
        return
    there = set(_THERE.rows(*(sorted(set(keys)) for keys in zip(*wanted, strict=True))))
    if new := {store for variant, store in wanted if (variant, store) not in there}:
        hold_stores(new)


def place_of(stock: Stock, store_id: int | None) -> Place:
    """The number that a movement changes: the web's, or the store's level, made where there is none.

    Where it may have to be made, its store is held (`hold_new_places`) before the stock row is locked.
    Of a variant that is counted by store, pieces of no store are those of its oldest level.
    """
    if not stock.by_store:
        return stock
    levels = StockLevel.objects.filter(variant_id=stock.pk)
    if store_id is None:
        first = levels.order_by("pk").first()
        return first or stock
    return level_of(stock.pk, store_id)


def level_of(variant_id: int, store_id: int) -> StockLevel:
    """The level of a variant that is counted by store, made where there is none: see `place_of`."""
    found = _LEVEL.first(variant_id, store_id)
    if found is not None:
        return found
    merchant_id = merchant_of(variant_id)
    level, _made = StockLevel.objects.get_or_create(
        variant_id=variant_id, store_id=store_id, defaults={"merchant_id": merchant_id}
    )
    return level


def merchant_of(variant_id: int) -> int:
    """Whose a variant is."""
    return Product.objects.filter(variants=variant_id).values_list("merchant_id", flat=True).get()


def number_of(place: Place) -> int:
    """How many pieces the books have at a place."""
    return place.available or 0 if isinstance(place, Stock) else place.on_hand


def store_of(place: Place) -> int | None:
    """The store of a place; None for the web."""
    return None if isinstance(place, Stock) else place.store_id


def apply_delta(
    stock: Stock,
    place: Place,
    *,
    reason: StockMovement.Reason,
    delta: int,
    reference: str = "",
    by: Any = None,
    via: str = "",
    note: str = "",
) -> None:
    """Write a movement of this moment at a place whose stock row is locked, and its new number.

    It comes after the latest count, whatever the clock says. Stops at the largest number that the
    column holds, which the operator is told. The caller writes the web's number of a variant that
    is counted by store (`refresh_web`).
    """
    before = number_of(place)
    after = min(before + delta, MAX_COUNT)
    moment = now()
    if after != before:
        StockMovement.objects.create(
            merchant_id=merchant_of(stock.pk),
            variant_id=stock.pk,
            store_id=store_of(place),
            reason=reason,
            delta=after - before,
            occurred_at=max(moment, place.counted_at or moment),
            author=by,
            reference=reference,
            via=via,
            note=note,
            created_at=moment,
        )
    write_number(stock, place, after)
    if after == MAX_COUNT:
        report_incident(
            kind="catalog.stock",
            subject=f"variant:{stock.pk}",
            error="pieces were given back, and the stock stands at the largest number there is",
        )


def write_count(
    stock: Stock,
    *,
    counted: int,
    books: int | None,
    by: Any = None,
    store_id: int | None = None,
    note: str = "",
) -> dt.datetime:
    """Write a count at this moment, after all that is known of the place; return its moment."""
    last = (
        StockMovement.objects.filter(variant_id=stock.pk, store=store_id)
        .order_by("-occurred_at")
        .values_list("occurred_at", flat=True)
        .first()
    )
    moment = now()
    at = max(moment, last + INSTANT) if last else moment
    StockMovement.objects.create(
        merchant_id=merchant_of(stock.pk),
        variant_id=stock.pk,
        store_id=store_id,
        note=note,
        reason=StockMovement.Reason.COUNT,
        counted=counted,
        books=books,
        occurred_at=at,
        author=by,
        created_at=moment,
    )
    return at


def standing_in_books(variant_id: int, store_id: int | None) -> tuple[int, dt.datetime | None]:
    """What the movements of a place come to, added up by the database, and its latest count."""
    with connection.cursor() as cursor:
        text = _AT_WEB if store_id is None else _AT_STORE
        cursor.execute(text, {"variant": variant_id, "store": store_id})
        number, counted_at = cursor.fetchone()
    return int(number), counted_at


def moved_since(variant_id: int, store_id: int | None, since: dt.datetime) -> int:
    """What movements of a place from ``since`` on come to; one query."""
    rows = StockMovement.objects.filter(
        variant_id=variant_id, store=store_id, occurred_at__gte=since
    )
    return int(rows.aggregate(moved=Sum("delta"))["moved"] or 0)


def write_number(stock: Stock, place: Place, number: int) -> None:
    """Write a place's number under the lock of its stock row, and tell what turned by it."""
    before = number_of(place)
    if isinstance(place, Stock):
        place.available = number
        place.save(update_fields=["available", "counted_at"])
        announce_change(place, before=before, after=number)
        return
    place.on_hand, place.updated_at = number, now()
    _WRITE_LEVEL.changed(number, place.counted_at, place.updated_at, place.pk)
    announce_change(stock, before=before, after=number, store_id=place.store_id)
    if number < 0:
        _open_discrepancy(place)


def settle_discrepancy(variant_id: int, store_id: int, by: Any, moment: dt.datetime) -> None:
    """Close the open discrepancy of a place, where there is one; its stock row is locked."""
    StockDiscrepancy.objects.filter(
        variant_id=variant_id, store_id=store_id, settled_at__isnull=True
    ).update(settled_at=Greatest(F("opened_at"), Value(moment)), settled_by=by)


def hands_over(variant_id: int, store_id: int) -> bool:
    """Whether the product of a variant can be had at a store of its merchant: one query."""
    taken = used_at(product=OuterRef("pk"), store=store_id)
    return Product.objects.filter(taken, variants=variant_id).exists()


def require_hands_over(variant_id: int, store_id: int) -> None:
    """Raise NotHandedOver where pieces would come to a store that the product does not name."""
    if not hands_over(variant_id, store_id):
        raise NotHandedOver


def follow_stores(product: Product) -> None:
    """After a product has other stores: a level for each, and the web promises what they have.

    Runs in the caller's transaction. Holds those stores, then locks the stock rows of its variants,
    ascending. What is left at a store that it named before stays there, for it to be sent on.
    """
    shops = shops_of(product)
    hold_stores(shops)
    variants = Stock.objects.filter(variant__product=product)
    locked = lock_stock(variants.values_list("pk", flat=True)).values()
    counted = [stock for stock in locked if stock.by_store]
    if not counted:
        return
    StockLevel.objects.bulk_create(
        [
            StockLevel(merchant_id=product.merchant_id, variant_id=stock.pk, store_id=shop)
            for shop in shops
            for stock in counted
        ],
        ignore_conflicts=True,
    )
    refresh_web(*counted)


def shops_of(product: Product) -> list[int]:
    """The merchant's stores, open or not, that a product names, or all where it names none."""
    shops = Store.objects.filter(merchant=product.merchant_id)
    named = set(product.stores.values_list("pk", flat=True))
    return [
        pk for pk in shops.order_by("pk").values_list("pk", flat=True) if not named or pk in named
    ]


def refresh_web(*locked: Stock) -> None:
    """Write what the web can sell of variants whose stock rows are locked, where it has changed.

    What their stores have to spare (`SOLD_ONLINE`). The number of one that is not counted by
    store is its own, and stays. Two statements for any number of them.
    """
    counted = [stock for stock in locked if stock.by_store]
    if not counted:
        return
    left = dict(_SPARE.rows([stock.pk for stock in counted]))
    changed: list[tuple[Stock, int | None]] = []
    for stock in counted:
        before, stock.available = stock.available, min(left.get(stock.pk, 0), MAX_COUNT)
        if before != stock.available:
            changed.append((stock, before))
    if changed:
        variants, numbers = zip(*((row.pk, row.available) for row, _was in changed), strict=True)
        _WRITE_WEB.changed(list(variants), list(numbers))
    for stock, before in changed:
        announce_change(stock, before=before, after=stock.available)


def follow_store(store: Store) -> None:
    """Write what the web can sell of whatever a store has that has closed, or opened again.

    In the transaction that closes it and has locked its row (stores/openings.py). Locks the stock
    rows of what has a level there, ascending; nobody is making another one (`hold_stores`).
    """
    held = StockLevel.objects.filter(store=store).values_list("variant_id", flat=True)
    refresh_web(*lock_stock(held).values())


def announce_threshold(stock: Stock, *, told_at: int | None) -> None:
    """Publish ``stock.low`` for places that have so few already as is told from now on.

    ``told_at`` is the number before; who was told by it is not told again. Nor is a store where
    there was never anything to count.
    """
    low = stock.low_stock_at
    if low is None or (told_at is not None and told_at >= low):
        return
    places: list[Place] = [stock]
    if stock.by_store:
        places = list(StockLevel.objects.filter(variant_id=stock.pk).order_by("store"))
    for place in places:
        if isinstance(place, Stock) and place.available is None:
            continue
        if isinstance(place, StockLevel) and not place.on_hand and place.counted_at is None:
            continue
        if number_of(place) <= low and (told_at is None or number_of(place) > told_at):
            _publish_low(stock, number_of(place), store_of(place))


def announce_change(
    stock: Stock, *, before: int | None, after: int | None, store_id: int | None = None
) -> None:
    """Publish what a change of a number means to others; nothing where it means nothing.

    ``stock.turned``: a choice was sold out for the web, or came back, and a worker follows; the
    product's row is not written here, or everybody who buys would wait for it. ``stock.low``: a
    number fell to where its merchant wants to be told; once, until it has risen again. Of a
    variant that is counted by store, that is a store's number.
    """
    if store_id is None and (before == 0) != (after == 0):
        publish("stock.turned", variant_id=stock.pk)
    low = stock.low_stock_at
    if low is None or after is None or (store_id is None) == stock.by_store:
        return
    if after <= low and (before is None or before > low):
        _publish_low(stock, after, store_id)


def _publish_low(stock: Stock, left: int, store_id: int | None) -> None:
    day = timezone.localdate(now()).isoformat()
    publish("stock.low", variant_id=stock.pk, store_id=store_id, left=left, day=day)


def _open_discrepancy(level: StockLevel) -> None:
    StockDiscrepancy.objects.bulk_create(
        [
            StockDiscrepancy(
                merchant_id=level.merchant_id,
                variant_id=level.variant_id,
                store_id=level.store_id,
                missing=-level.on_hand,
                opened_at=now(),
            )
        ],
        ignore_conflicts=True,
    )
