"""Where a bill and our books disagree, found by set-based queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from payments.days import day_bounds
from payments.gateways.base import get_gateway
from payments.models import GatewayBill, Payment, ReconciliationException, Refund

Kind = ReconciliationException.Kind
VoucherTotals = Callable[[Sequence[int]], dict[int, int]]
"""Payment ids → Σ prices of the vouchers each paid for, in fen; absent means none."""

_BATCH = 5000


class Finding(NamedTuple):
    """One difference; the amounts are in fen, None where a side has no such number."""

    kind: str
    subject: str
    expected_fen: int | None
    actual_fen: int | None
    note: str = ""


# How each kind of bill line finds its row in our books, and what to call its columns.
_BOOKS = {
    "payment": {
        "rows": "payments_payment book",
        "scope": "book.gateway = %(gateway)s",
        "number": "book.gateway_trade_no",
    },
    "refund": {
        "rows": "(payments_refund book JOIN payments_payment paid ON paid.id = book.payment_id)",
        "scope": "paid.gateway = %(gateway)s",
        "number": "book.gateway_refund_no",
    },
}

_ON_THE_BILL = """
SELECT checked.kind, line.our_number, book.amount_fen, line.amount_fen, {number}, line.gateway_number
FROM payments_billline line
LEFT JOIN {rows} ON book.number = line.our_number AND {scope}
CROSS JOIN LATERAL (VALUES
    ('missing_here', book.id IS NULL),
    ('state', book.state <> 'succeeded' OR {number} <> line.gateway_number),
    ('amount', book.amount_fen <> line.amount_fen)
) AS checked (kind, differs)
WHERE line.bill_id = %(bill)s AND line.kind = %(kind)s AND checked.differs
"""

# A payment close to midnight may stand on the neighbouring day's bill.
_IN_OUR_BOOKS = """
SELECT 'missing_there', book.number, book.amount_fen, NULL, {number}, {number}
FROM {rows}
WHERE {scope} AND book.state = 'succeeded'
  AND book.succeeded_at >= %(start)s AND book.succeeded_at < %(end)s
  AND NOT EXISTS (
    SELECT 1 FROM payments_billline line
    WHERE line.bill_id = ANY(%(near)s) AND line.kind = %(kind)s AND line.our_number = book.number
  )
"""


def compare_lines(bill: GatewayBill, *, kind: str) -> list[Finding]:
    """Compare the bill's payments, or its refunds, with ours, both ways. Three queries."""
    start, end = day_bounds(bill.day, get_gateway(bill.gateway).time_zone)
    values: dict[str, Any] = {
        "bill": bill.pk,
        "gateway": bill.gateway,
        "near": _bills_near(bill),
        "kind": kind,
        "start": start,
        "end": end,
    }
    found: list[Finding] = []
    with connection.cursor() as cursor:
        for query in (_ON_THE_BILL, _IN_OUR_BOOKS):
            cursor.execute(query.format(**_BOOKS[kind]), values)
            found += [_finding(*row) for row in cursor.fetchall()]
    return found


def _bills_near(bill: GatewayBill) -> list[int]:
    a_day = dt.timedelta(days=1)
    near = GatewayBill.objects.filter(
        gateway=bill.gateway, day__range=(bill.day - a_day, bill.day + a_day)
    )
    return list(near.values_list("pk", flat=True))


def _finding(
    kind: str,
    subject: str,
    expected_fen: int | None,
    actual_fen: int | None,
    our_gateway_number: str | None,
    billed_number: str,
) -> Finding:
    renumbered = kind == Kind.STATE and our_gateway_number not in ("", billed_number)
    note = f"{our_gateway_number} ≠ {billed_number}" if renumbered else ""
    return Finding(kind, subject, expected_fen, actual_fen, note)


def compare_vouchers(bill: GatewayBill, *, voucher_totals: VoucherTotals) -> list[Finding]:
    """Compare the bill's payments with the vouchers they paid for.

    What it paid of fees counts, too. A payment that came too late or twice was given back whole
    and has no vouchers.
    """
    found = []
    for batch in _paid_on(bill):
        totals = voucher_totals([payment_id for payment_id, _number, _fen in batch])
        found += [
            Finding(Kind.VOUCHERS, number, expected_fen, totals.get(payment_id, 0))
            for payment_id, number, expected_fen in batch
            if totals.get(payment_id, 0) != expected_fen
        ]
    return found


def _paid_on(bill: GatewayBill) -> Iterator[list[tuple[int, str, int]]]:
    """Batches of (payment id, number, fen that vouchers must cover) of the bill."""
    late = Refund.Reason.LATE_PAYMENT
    last_id = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT paid.id, paid.number, paid.amount_fen - COALESCE((
                    SELECT SUM(back.amount_fen) FROM payments_refund back
                    WHERE back.payment_id = paid.id AND back.reason = %s
                ), 0)::bigint
                FROM payments_billline line
                JOIN payments_payment paid
                  ON paid.number = line.our_number AND paid.gateway = %s AND paid.state = %s
                WHERE line.bill_id = %s AND line.kind = 'payment' AND paid.id > %s
                ORDER BY paid.id LIMIT %s
                """,
                [late, bill.gateway, Payment.State.SUCCEEDED, bill.pk, last_id, _BATCH],
            )
            batch = cursor.fetchall()
        if not batch:
            return
        yield batch
        last_id = batch[-1][0]
