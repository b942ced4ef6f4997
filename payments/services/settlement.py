"""Statements: what a merchant has earned and is to be paid. A day is a day in Asia/Shanghai."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from django.db import connection, transaction
from django.db.models import Sum

from kernel.clock import now
from kernel.errors import NotFound
from kernel.ids import new_number
from kernel.outbox.services import publish
from kernel.watch.services import try_each
from payments.days import day_bounds, last_whole_day
from payments.errors import StatementNotOwed
from payments.models import Account, LedgerEntry, Statement
from payments.parties import merchant_key
from payments.services import moves, postings
from payments.services.collection import carry_statement
from stores.models import Merchant

SETTLED_KINDS = ["release", "forfeit", "return", "carry"]
"""The kinds of transactions whose payable entries a statement holds; ``settle`` itself moves them on."""

# One statement sees one snapshot: what is summed is what gets a line, whatever commits
# meanwhile. Amounts: a credit is negative. The purpose says what an entry is for; a return
# gives back what a release or forfeit has brought.
_SETTLE = """
WITH due AS MATERIALIZED (
    SELECT entry.month, entry.id, entry.amount_fen, entry.custodian, entry.purpose, booked.kind
    FROM payments_ledgerentry entry
    JOIN payments_ledgertransaction booked ON booked.id = entry.transaction_id
    WHERE entry.merchant_id = %(merchant)s AND entry.account = 'payable'
      AND booked.kind = ANY(%(kinds)s) AND (booked.occurred_at <= %(cutoff)s OR booked.kind = 'carry')
      AND NOT EXISTS (SELECT 1 FROM payments_settlementline line
          WHERE line.entry_id = entry.id AND line.entry_month = entry.month)
), totals AS (
    SELECT
        COALESCE(-SUM(amount_fen) FILTER (WHERE purpose = 'value' AND kind <> 'return'), 0) AS gross,
        COALESCE(SUM(amount_fen) FILTER (WHERE purpose = 'commission'), 0) AS commission,
        COALESCE(SUM(amount_fen) FILTER (WHERE purpose = 'value' AND kind = 'return'), 0) AS returned,
        COALESCE(SUM(amount_fen) FILTER (WHERE purpose = 'dues'), 0) AS dues,
        COALESCE(-SUM(amount_fen) FILTER (WHERE purpose = 'referral'), 0) AS referral,
        COALESCE(SUM(amount_fen) FILTER (WHERE kind = 'carry'), 0) AS carried,
        COALESCE(-SUM(amount_fen), 0) AS net, COUNT(*) AS entries
    FROM due
), made AS (
    INSERT INTO payments_statement (number, merchant_id, day, cutoff_at, gross_fen,
        commission_fen, returns_fen, dues_fen, referral_fen, carried_fen, net_fen, state, issued_at)
    SELECT %(number)s, %(merchant)s, %(day)s, %(cutoff)s, gross, commission, returned, dues,
        referral, carried, net, CASE net WHEN 0 THEN 'zero' ELSE 'issued' END, %(now)s
    FROM totals WHERE entries > 0
    ON CONFLICT (merchant_id, day) DO NOTHING
    RETURNING id
), lines AS (
    INSERT INTO payments_settlementline (statement_id, entry_month, entry_id)
    SELECT made.id, due.month, due.id FROM made CROSS JOIN due
)
SELECT made.id, due.custodian, -SUM(due.amount_fen) FROM made CROSS JOIN due
GROUP BY made.id, due.custodian ORDER BY due.custodian
"""


def settle_merchant(*, merchant_id: int, day: dt.date, cutoff_at: dt.datetime) -> Statement | None:
    """Issue the merchant's statement of ``day`` over everything earned up to ``cutoff_at``.

    Takes in every payable entry of a release, forfeit or return without a settlement line,
    older days included; posts ``settle:STATEMENT``; outbox "statement.issued"
    {statement_id}. Locks the merchant row, so a second settler waits and then finds the
    statement: it is returned, there is one per merchant and day. None when nothing is due.
    What comes to nothing gets a statement of zero, which is closed; what returns and dues leave
    owing a negative one. A negative one that only returns have made is carried into this one
    first: the merchant goes on selling, and nobody has to ask it for money. What is owed for
    others' discounts waits for a person (payments.services.collection). A fixed number of
    queries, however many entries, and three for each statement carried. Raises NotFound.
    """
    with transaction.atomic():
        locked = Merchant.objects.select_for_update(of=("self",), no_key=True)
        if not locked.filter(pk=merchant_id).exists():
            raise NotFound
        _carry_returns(merchant_id, day, cutoff_at)
        statement_id, owed = _issue(merchant_id, day, cutoff_at)
        if statement_id is None:
            return Statement.objects.filter(merchant_id=merchant_id, day=day).first()
        statement = Statement.objects.get(pk=statement_id)
        if any(row.amount_fen for row in owed):
            postings.settle(
                statement_number=statement.number,
                merchant_id=merchant_id,
                net_fen=statement.net_fen,
                owed=owed,
            )
        publish("statement.issued", statement_id=statement.pk)
    return statement


def _carry_returns(merchant_id: int, day: dt.date, cutoff_at: dt.datetime) -> None:
    """Carry what returns alone have left owing, where the merchant has earned something since."""
    owing = Statement.objects.filter(
        merchant_id=merchant_id, state=Statement.State.ISSUED, net_fen__lt=0, dues_fen__lte=0
    )
    ids = list(owing.order_by("pk").values_list("pk", flat=True))
    if not ids or Statement.objects.filter(merchant_id=merchant_id, day=day).exists():
        return
    earned = LedgerEntry.objects.filter(
        merchant_id=merchant_id,
        account=Account.PAYABLE,
        settlement_line=None,
        transaction__kind__in=SETTLED_KINDS,
        transaction__occurred_at__lte=cutoff_at,
    )
    if earned.exists():
        for statement_id in ids:
            with suppress(StatementNotOwed):  # a person has closed it at this moment
                carry_statement(statement_id=statement_id, carried_by=None)


def _issue(
    merchant_id: int, day: dt.date, cutoff_at: dt.datetime
) -> tuple[int | None, list[moves.Owed]]:
    """The new statement's id and what its lines come to at each custodian; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "merchant": merchant_id,
                "kinds": SETTLED_KINDS,
                "cutoff": cutoff_at,
                "day": day,
                "number": new_number("S"),
                "now": now(),
            },
        )
        rows = cursor.fetchall()
    owed = [moves.Owed(custodian, int(fen)) for _statement, custodian, fen in rows]
    return (rows[0][0] if rows else None), owed


def settle_all(*, day: dt.date | None = None) -> int:
    """Settle every merchant with a payable balance and return how many statements there are.

    ``day`` defaults to the last whole day. The cutoff is its end. Each merchant is a
    transaction of its own; one that fails is reported and does not stop the others. A night that
    was missed is caught up by the next one: a statement covers everything that is not on one yet.
    Raises ValueError for a day that is not over: what is earned later belongs on its statement.
    """
    if day is None:
        day = last_whole_day()
    cutoff_at = day_bounds(day)[1] - dt.timedelta(microseconds=1)
    if cutoff_at > now():
        raise ValueError(f"{day} is not over yet")
    statements = try_each(
        _merchants_to_settle(cutoff_at),
        lambda merchant_id: settle_merchant(merchant_id=merchant_id, day=day, cutoff_at=cutoff_at),
        kind="payments.settle",
        subject=merchant_key,
    )
    return sum(statement is not None for statement in statements)


def _merchants_to_settle(cutoff_at: dt.datetime) -> list[int]:
    """Merchants with anything on their payable account, or with entries of late that come to nothing.

    The first from the covering index alone, the second from the events of two days.
    """
    payable = LedgerEntry.objects.filter(account=Account.PAYABLE, merchant__isnull=False)
    owed = payable.order_by().values_list("merchant_id").annotate(balance=Sum("amount_fen"))
    late = payable.filter(
        transaction__kind__in=SETTLED_KINDS,
        transaction__occurred_at__gt=cutoff_at - dt.timedelta(days=2),
        transaction__occurred_at__lte=cutoff_at,
        settlement_line=None,
    )
    found = {merchant_id for merchant_id, balance in owed if balance}
    return sorted(found.union(late.order_by().values_list("merchant_id", flat=True)))
