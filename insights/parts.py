"""What an order came to at one merchant, read from the books: orders, vouchers, redemptions, ledger.

The one place that says it; the worker keeps it (services/results.py), the audit compares it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import connection

from insights.models import CampaignCode
from kernel.bounds import DEFAULT_ZONE
from kernel.money import share
from orders.models import Order, OrderLine
from orders.net import with_net

AGAIN = dt.timedelta(days=90)
SOLD = (Order.State.PAID, Order.State.DEPOSIT)
Key = tuple[int, int]
"""An order and a merchant, by their ids."""

_BASE = """
SELECT o.id, l.merchant_id, o.number, o.buyer_id, o.state, s.last_id,
    (o.created_at AT TIME ZONE COALESCE(st.time_zone, %(zone)s))::date,
    NOT EXISTS (
        SELECT FROM orders_order e JOIN orders_orderline el ON el.order_id = e.id
        WHERE e.buyer_id = o.buyer_id AND e.paid_at < o.created_at AND el.merchant_id = l.merchant_id
        AND el.kind = 'item')
FROM orders_order o
JOIN (SELECT DISTINCT order_id, merchant_id FROM orders_orderline
    WHERE kind = 'item' AND order_id = ANY(%(orders)s)) l ON l.order_id = o.id
LEFT JOIN orders_ordersource s ON s.order_id = o.id AND s.merchant_id = l.merchant_id
LEFT JOIN codes_code c ON c.id = s.last_id
LEFT JOIN stores_store st ON st.id = c.store_id
"""
# A coupon is of a campaign; a campaign that lowers prices by itself is named.
_DISCOUNTS = """
SELECT l.order_id, l.merchant_id, l.id,
    CASE WHEN d.source ~ '^automatic:[1-9][0-9]{0,17}$' THEN substr(d.source, 11)::bigint
    ELSE k.campaign_id END,
    d.funder = 'merchant:' || l.merchant_id, d.amount_fen
FROM orders_orderline l JOIN orders_orderdiscount d ON d.line_id = l.id
LEFT JOIN campaigns_coupon k ON k.id = CASE
    WHEN d.source ~ '^coupon:[1-9][0-9]{0,17}$' THEN substr(d.source, 8)::bigint END
WHERE l.kind = 'item' AND l.order_id = ANY(%(orders)s)
"""
_USES = """
SELECT v.order_line_ref, SUM(v.uses_total),
    SUM(COALESCE(r.earned, 0) + CASE WHEN v.state = 'expired'
        THEN v.uses_total - v.uses_used ELSE 0 END),
    MIN(r.came_at)
FROM vouchers_voucher v LEFT JOIN LATERAL (
    SELECT SUM(uses - returned_uses) FILTER (WHERE released_at IS NOT NULL) AS earned,
        MIN(occurred_at) FILTER (WHERE returned_uses < uses) AS came_at
    FROM vouchers_redemption WHERE voucher_id = v.id AND undone_at IS NULL) r ON true
WHERE v.order_number = ANY(%(numbers)s) GROUP BY v.order_line_ref
"""
_EARNED = """
SELECT v.order_number, v.merchant_id,
    -COALESCE(SUM(e.amount_fen) FILTER (WHERE e.purpose = 'value'), 0),
    COALESCE(SUM(e.amount_fen) FILTER (WHERE e.purpose = 'commission'), 0),
    COALESCE(SUM(e.amount_fen) FILTER (WHERE e.purpose = 'referral'), 0)
FROM vouchers_voucher v JOIN payments_ledgerentry e ON e.voucher_ref = v.id
WHERE v.order_number = ANY(%(numbers)s) AND e.account = 'payable' AND e.merchant_id = v.merchant_id
GROUP BY v.order_number, v.merchant_id
"""


class Part(NamedTuple):
    """One order at one merchant: the fields of `OrderPart`, its buyer, and its campaigns with their discounts."""

    order_id: int
    merchant_id: int
    buyer_id: int
    code_id: int | None
    day: dt.date
    state: str
    is_new: bool
    came_at: dt.datetime | None
    came_again: bool
    received_fen: int
    refunded_fen: int
    earned_fen: int
    own_fen: int
    commission_fen: int
    reward_fen: int
    given_fen: int
    campaigns: dict[int, int]


def read_parts(order_ids: Collection[int]) -> list[Part]:
    """The parts of these orders; six statements, however many they are.

    ``came_again`` is told among these orders alone: whoever asks names all those of their buyers that count.
    """
    asked = {"orders": list(order_ids), "zone": DEFAULT_ZONE}
    base = _rows(_BASE, asked)
    asked["numbers"] = sorted({row[2] for row in base})
    discounts = _Discounts(_rows(_DISCOUNTS, asked))
    lines = _lines(order_ids)
    uses = {row[0]: row[1:] for row in _rows(_USES, asked)}
    earned = {(row[0], row[1]): row[2:] for row in _rows(_EARNED, asked)}
    of_codes = _campaigns_of_codes({row[5] for row in base if row[5]})
    found = []
    for order_id, merchant_id, number, buyer_id, state, code_id, day, is_new in base:
        mine = lines[order_id, merchant_id]
        used = [uses[line] for line in mine.ids if line in uses]
        given = discounts.given(order_id, merchant_id) if state in SOLD else {}
        counted = dict.fromkeys(discounts.campaigns[order_id, merchant_id], 0)
        by_code = of_codes.get(code_id)
        if by_code is not None and by_code.since <= day:
            counted[by_code.campaign_id] = 0
        for campaign_id, fen in given.items():
            if campaign_id is not None:
                counted[campaign_id] = fen
        money = earned.get((number, merchant_id), (0, 0, 0))
        found.append(
            Part(
                *(order_id, merchant_id, buyer_id, code_id, day, state, is_new),
                min((row[2] for row in used if row[2]), default=None),
                False,
                *(mine.received_fen, mine.refunded_fen, int(money[0])),
                sum(
                    share(discounts.own[line], 0, int(uses[line][1]), int(uses[line][0]))
                    for line in mine.ids
                    if line in uses and discounts.own[line]
                ),
                *(int(money[1]), int(money[2])),
                sum(given.values()),
                counted,
            )
        )
    return _with_again(found)


class _Line(NamedTuple):
    ids: list[int]
    received_fen: int
    refunded_fen: int


class _Discounts:
    """Discounts of a batch of orders: by line what the merchant bears, by part what each campaign gave."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self.own: dict[int, int] = defaultdict(int)
        self.campaigns: dict[Key, set[int]] = defaultdict(set)
        self._given: dict[Key, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
        for order_id, merchant_id, line_id, campaign_id, is_own, fen in rows:
            if is_own:
                self.own[line_id] += fen
            if campaign_id is not None:
                self.campaigns[order_id, merchant_id].add(campaign_id)
            self._given[order_id, merchant_id][campaign_id] += fen

    def given(self, order_id: int, merchant_id: int) -> dict[int | None, int]:
        """What each campaign took off, under None what no campaign did."""
        return self._given[order_id, merchant_id]


def _lines(order_ids: Collection[int]) -> dict[Key, _Line]:
    """Lines, received and refunded money (orders/net.py) of each part."""
    rows = OrderLine.objects.filter(order__in=order_ids, kind=OrderLine.Kind.ITEM).order_by()
    sums = with_net(rows).values_list(
        "order_id", "merchant_id", "pk", "received_fen", "refunded_fen"
    )
    found: dict[Key, _Line] = {}
    for order_id, merchant_id, line_id, received, refunded in sums:
        kept = found.get((order_id, merchant_id), _Line([], 0, 0))
        found[order_id, merchant_id] = _Line(
            [*kept.ids, line_id],
            kept.received_fen + received,
            kept.refunded_fen + refunded,
        )
    return found


def _with_again(parts: list[Part]) -> list[Part]:
    """Whether a guest came to the same merchant with another order, later and within AGAIN."""
    came: dict[Key, list[dt.datetime]] = defaultdict(list)
    for part in parts:
        if part.came_at:
            came[part.buyer_id, part.merchant_id].append(part.came_at)
    return [
        part._replace(
            came_again=any(
                part.came_at < later <= part.came_at + AGAIN
                for later in came[part.buyer_id, part.merchant_id]
            )
        )
        if part.came_at
        else part
        for part in parts
    ]


def _campaigns_of_codes(code_ids: set[int]) -> dict[int, CampaignCode]:
    if not code_ids:
        return {}
    return {row.code_id: row for row in CampaignCode.objects.filter(code__in=code_ids)}


def _rows(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return cursor.fetchall()
