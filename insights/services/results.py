"""Keep what came of orders, per order and per day: by a worker, or made anew from the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction

from insights.models import OrderPart, PartCampaign, ResultDay
from insights.models.sums import OF_PARTS
from insights.parts import Part, read_parts
from kernel.db.names import lock_name
from orders.models import Order
from vouchers.models import Redemption

AT_ONCE = 1000
Key = tuple[int, int | None, Any, int | None]
"""Of a day's row: merchant, campaign (None: all), day, code (None: none)."""
_FIELDS = tuple(name for name in Part._fields if name not in ("buyer_id", "campaigns"))
_STAYS = ("order_id", "merchant_id")
# Whoever came before may have come again by what is new.
_EARLIER = """
SELECT DISTINCT p.order_id FROM insights_orderpart p JOIN orders_order o ON o.id = p.order_id
WHERE p.came_at IS NOT NULL AND (o.buyer_id, p.merchant_id) IN (
    SELECT b.buyer_id, l.merchant_id FROM orders_order b JOIN orders_orderline l ON l.order_id = b.id
    WHERE b.id = ANY(%s) AND l.kind = 'item')
"""


def refresh_orders(*, order_ids: Collection[int]) -> int:
    """Read these orders anew and let their days follow; how many parts have changed. Safe to repeat.

    One worker at a time: holds the name "results" until the transaction ends. Reads the books without a
    lock: whoever changes them later is read again. Writes parts, their campaigns, the days' sums.
    """
    changed = 0
    asked = sorted(set(order_ids))
    for first in range(0, len(asked), AT_ONCE):
        with transaction.atomic():
            lock_name("results")
            changed += _refresh(_with_earlier(asked[first : first + AT_ONCE]))
    return changed


def refresh_of_redemption(*, redemption_id: int) -> int:
    """Handler of "redemption.undone": one that was worth nothing leaves no trace in the ledger."""
    numbers = Redemption.objects.filter(pk=redemption_id).values("voucher__order_number")
    orders = Order.objects.filter(number__in=numbers)
    return refresh_orders(order_ids=list(orders.values_list("pk", flat=True)))


def _with_earlier(order_ids: Iterable[int]) -> set[int]:
    asked = set(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, [sorted(asked)])
        return asked | {row[0] for row in cursor.fetchall()}


def _refresh(order_ids: set[int]) -> int:
    kept = {
        (row.order_id, row.merchant_id): row
        for row in OrderPart.objects.filter(order__in=order_ids).prefetch_related("campaigns")
    }
    moved: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    fresh, changed = [], []
    for part in read_parts(order_ids):
        row = kept.get((part.order_id, part.merchant_id))
        if row is None:
            fresh.append(part)
        elif _is_other(row, part):
            _count(moved, row, _campaigns(row), -1)
            changed.append((row, part))
        else:
            continue
        _count(moved, part, part.campaigns, 1)
    made = OrderPart.objects.bulk_create(
        OrderPart(**{name: getattr(part, name) for name in _FIELDS}) for part in fresh
    )
    for row, part in changed:
        for name in _FIELDS:
            setattr(row, name, getattr(part, name))
    if changed:
        OrderPart.objects.bulk_update(
            [row for row, _part in changed], [_plain(n) for n in _FIELDS if n not in _STAYS]
        )
    _write_campaigns([*zip(made, fresh, strict=True), *changed])
    _move(moved)
    return len(fresh) + len(changed)


def _plain(name: str) -> str:
    return name.removesuffix("_id")


def _campaigns(row: OrderPart) -> dict[int, int]:
    return {one.campaign_id: one.given_fen for one in row.campaigns.all()}


def _is_other(row: OrderPart, part: Part) -> bool:
    return _campaigns(row) != part.campaigns or any(
        getattr(row, name) != getattr(part, name) for name in _FIELDS
    )


def _write_campaigns(rows: list[tuple[OrderPart, Part]]) -> None:
    with_some = [(row, part) for row, part in rows if part.campaigns]
    PartCampaign.objects.filter(part__in=[row.pk for row, _part in rows]).delete()
    PartCampaign.objects.bulk_create(
        PartCampaign(part=row, campaign_id=campaign_id, given_fen=fen)
        for row, part in with_some
        for campaign_id, fen in part.campaigns.items()
    )


def figures_of_part(part: Part | OrderPart) -> dict[str, int]:
    """What a part adds to its day: one for each step it took, and its money."""
    sold = part.state == Order.State.PAID
    came = part.came_at is not None
    return {
        "orders": 1,
        "paid": int(sold),
        "came": int(came),
        "sent_back": int(part.refunded_fen > 0),
        "new": int(part.is_new),
        "new_came": int(part.is_new and came),
        "again": int(part.came_again),
        **{name: getattr(part, name) for name in OF_PARTS if name.endswith("_fen")},
    }


def _count(
    moved: dict[Key, dict[str, int]],
    part: Part | OrderPart,
    campaigns: dict[int, int],
    sign: int,
) -> None:
    figures = figures_of_part(part)
    for campaign_id, given_fen in (None, part.given_fen), *campaigns.items():
        row = moved[part.merchant_id, campaign_id, part.day, part.code_id]
        for name, value in (figures | {"given_fen": given_fen}).items():
            row[name] += sign * value


_ADD = (
    f"INSERT INTO {ResultDay._meta.db_table}"  # noqa: S608 - columns of ours
    f" (merchant_id, campaign_id, day, code_id, {', '.join(OF_PARTS)})"
    f" VALUES (%s, %s, %s, %s, {', '.join(['%s'] * len(OF_PARTS))})"
    " ON CONFLICT (merchant_id, campaign_id, day, code_id) DO UPDATE SET "
    + ", ".join(
        f"{name} = {ResultDay._meta.db_table}.{name} + EXCLUDED.{name}" for name in OF_PARTS
    )
)


def _move(moved: dict[Key, dict[str, int]]) -> None:
    rows = [
        (*key, *(figures[name] for name in OF_PARTS))
        for key, figures in moved.items()
        if any(figures.values())
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)
