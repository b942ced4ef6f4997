"""Three-way reconciliation: the gateway's bill ↔ payments and refunds ↔ vouchers.

What differs becomes a ReconciliationException, a work list that ages until a person, or a
later comparison that finds the difference gone, resolves it.
"""

from __future__ import annotations

import datetime as dt
import itertools

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, Sum, TextField, Value, When
from django.db.models.functions import Concat, Left
from django.utils.translation import gettext as _

from kernel.bounds import MAX_NOTE_CHARS, check_note
from kernel.clock import now
from kernel.errors import NotFound
from kernel.watch.services import try_each
from members.models import User
from payments.days import last_whole_day
from payments.errors import AlreadyResolved, NoteMissing
from payments.gateways.base import get_gateway
from payments.models import (
    BillLine,
    GatewayBill,
    ReconciliationException,
    ReconciliationRun,
)
from payments.services import postings
from payments.services.bills import fetch_bill
from payments.services.differences import (
    Finding,
    Kind,
    VoucherTotals,
    compare_lines,
    compare_vouchers,
)

State = ReconciliationException.State
MAX_SUBJECT = 64


def reconcile_bill(
    *, bill: GatewayBill, voucher_totals: VoucherTotals | None = None
) -> ReconciliationRun:
    """Compare a bill with our books, write what differs, resolve what does not any more.

    One transaction that locks the bill; safe to repeat. Posts the bill's fees to the ledger
    once (``fees:GATEWAY:DAY``). ``voucher_totals`` maps payment ids to Σ voucher prices in
    fen; without it the third leg is not compared. A difference that a person resolved stays
    resolved unless its amounts change.
    """
    with transaction.atomic():
        bill = GatewayBill.objects.select_for_update(of=("self",)).get(pk=bill.pk)
        payments = compare_lines(bill, kind="payment")
        refunds = _told_apart(payments, compare_lines(bill, kind="refund"))
        found = payments + refunds
        if voucher_totals is not None:
            found += compare_vouchers(bill, voucher_totals=voucher_totals)
        kept = _keep_findings(bill.gateway, bill.day, found)
        _resolve_gone(bill, kept, with_vouchers=voucher_totals is not None)
        postings.gateway_fees(
            gateway=bill.gateway,
            day=bill.day,
            fees_fen=bill.lines.aggregate(fen=Sum("fee_fen"))["fen"] or 0,
        )
        lines = dict(bill.lines.order_by().values_list("kind").annotate(Count("id")))
        run, _made = ReconciliationRun.objects.update_or_create(
            bill=bill,
            defaults={
                "ran_at": now(),
                "payments_matched": lines.get(BillLine.Kind.PAYMENT, 0) - _unmatched(payments),
                "refunds_matched": lines.get(BillLine.Kind.REFUND, 0) - _unmatched(refunds),
                "exceptions_found": len(found),
            },
        )
    return run


def reconcile_day(
    *, gateway: str, day: dt.date, voucher_totals: VoucherTotals | None = None
) -> ReconciliationRun:
    """Fetch the bill of ``day`` (again) and compare it. Raises what `fetch_bill` raises."""
    bill = fetch_bill(gateway=gateway, day=day)
    return reconcile_bill(bill=bill, voucher_totals=voucher_totals)


def reconcile_due(*, voucher_totals: VoucherTotals | None = None, days: int = 30) -> int:
    """Reconcile every gateway's days that wait for it; return how many were done.

    A day that fails (no bill yet, gateway away) is reported, stays waiting, and does not stop
    the others; neither does a gateway whose days can't even be listed.
    """

    def reconcile(item: tuple[str, dt.date]) -> None:
        gateway, day = item
        reconcile_day(gateway=gateway, day=day, voucher_totals=voucher_totals)

    waiting = try_each(
        settings.PAYMENT_GATEWAYS,
        lambda gateway: [(gateway, day) for day in days_to_reconcile(gateway=gateway, days=days)],
        kind="payments.reconcile",
        subject=lambda gateway: f"gateway:{gateway}",
    )
    done = try_each(
        itertools.chain.from_iterable(waiting),
        reconcile,
        kind="payments.reconcile",
        subject=lambda item: f"gateway:{item[0]}:{item[1]}",
    )
    return len(done)


def days_to_reconcile(*, gateway: str, days: int = 30) -> list[dt.date]:
    """Whole days of the last ``days`` that were never compared or have open differences."""
    last = last_whole_day(get_gateway(gateway).time_zone)
    recent = [last - dt.timedelta(days=age) for age in reversed(range(days))]
    compared = set(
        ReconciliationRun.objects.filter(
            bill__gateway=gateway, bill__day__gte=recent[0]
        ).values_list("bill__day", flat=True)
    )
    unsettled = set(
        ReconciliationException.objects.filter(
            gateway=gateway, day__gte=recent[0], state=State.OPEN
        ).values_list("day", flat=True)
    )
    return [day for day in recent if day not in compared or day in unsettled]


def resolve_exception(
    *, exception_id: int, note: str, resolved_by: User | None
) -> ReconciliationException:
    """Settle a difference by hand, with a reason.

    One compare-and-set open → resolved. Raises NotFound, NoteMissing, AlreadyResolved, InvalidInput.
    """
    reason = check_note(note, field="note")
    if not reason:
        raise NoteMissing
    found = ReconciliationException.objects.filter(pk=exception_id)
    won = found.filter(state=State.OPEN).update(
        state=State.RESOLVED, note=reason, resolved_at=now(), resolved_by=resolved_by
    )
    exception = found.first()
    if exception is None:
        raise NotFound
    if not won:
        raise AlreadyResolved
    return exception


def note_exception(*, exception_id: int, note: str) -> None:
    """Keep a note on a difference that is looked into. Raises NotFound, AlreadyResolved, InvalidInput."""
    found = ReconciliationException.objects.filter(pk=exception_id)
    if found.filter(state=State.OPEN).update(note=check_note(note, field="note")):
        return
    raise AlreadyResolved if found.exists() else NotFound


def report_message(
    *, gateway: str, number: str, expected_fen: int | None, actual_fen: int, note: str
) -> None:
    """Put a gateway's message whose amount is not ours on the work list, by our ``number``.

    One row per number and day: what a second message says is written below the first. Joins
    the caller's transaction.
    """
    today = now().astimezone(get_gateway(gateway).time_zone).date()
    found = [Finding(Kind.MESSAGE, number, expected_fen, actual_fen, note)]
    _keep_findings(gateway, today, found)


def _told_apart(payments: list[Finding], refunds: list[Finding]) -> list[Finding]:
    """A bill may call a payment and a refund by the same number: these are two differences."""
    taken = {(finding.kind, finding.subject) for finding in payments}
    return [
        finding._replace(subject=f"refund {finding.subject}"[:MAX_SUBJECT])
        if (finding.kind, finding.subject) in taken
        else finding
        for finding in refunds
    ]


def _unmatched(found: list[Finding]) -> int:
    """How many lines of the bill have a difference."""
    return len({finding.subject for finding in found if finding.kind != Kind.MISSING_THERE})


def _keep_findings(gateway: str, day: dt.date, found: list[Finding]) -> list[int]:
    """Write the differences, each once per (gateway, day, kind, number); return their ids.

    One that a comparison had resolved is open again and ages from now on; one that a person
    resolved is opened again only when its amounts are others than the ones judged. Notes are
    added to, never replaced: what people wrote stays.
    """
    if not found:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_reconciliationexception AS old
                (gateway, day, kind, subject, expected_fen, actual_fen, note, state, found_at)
            SELECT %(gateway)s, %(day)s, kind, subject, expected_fen, actual_fen, note, 'open', %(now)s
            FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(expected)s::bigint[],
                        %(actual)s::bigint[], %(notes)s::text[])
                AS found (kind, subject, expected_fen, actual_fen, note)
            ON CONFLICT (gateway, day, kind, subject) DO UPDATE SET
                expected_fen = EXCLUDED.expected_fen,
                actual_fen = CASE WHEN old.kind = 'message' AND old.state = 'open'
                    THEN old.actual_fen ELSE EXCLUDED.actual_fen END,
                note = CASE WHEN position(EXCLUDED.note in old.note) > 0 THEN old.note
                    ELSE left(concat_ws(E'\n', nullif(old.note, ''), EXCLUDED.note), %(most)s) END,
                state = 'open',
                found_at = CASE WHEN old.state = 'open' THEN old.found_at ELSE EXCLUDED.found_at END,
                resolved_at = NULL,
                resolved_by_id = NULL
            WHERE old.state = 'open' OR old.resolved_by_id IS NULL
                OR (old.expected_fen, old.actual_fen)
                    IS DISTINCT FROM (EXCLUDED.expected_fen, EXCLUDED.actual_fen)
            RETURNING id
            """,
            {
                "gateway": gateway,
                "day": day,
                "now": now(),
                "most": MAX_NOTE_CHARS,
                "kinds": [str(finding.kind) for finding in found],
                "subjects": [finding.subject for finding in found],
                "expected": [finding.expected_fen for finding in found],
                "actual": [finding.actual_fen for finding in found],
                "notes": [finding.note for finding in found],
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _resolve_gone(bill: GatewayBill, still_there: list[int], *, with_vouchers: bool) -> None:
    gone = (
        ReconciliationException.objects.filter(gateway=bill.gateway, day=bill.day, state=State.OPEN)
        .exclude(pk__in=still_there)
        .exclude(kind=Kind.MESSAGE)
    )
    if not with_vouchers:
        gone = gone.exclude(kind=Kind.VOUCHERS)
    text = _("A later comparison found no difference any more.")
    gone.update(
        state=State.RESOLVED,
        note=Left(
            Case(
                When(note="", then=Value(text, output_field=TextField())),
                default=Concat("note", Value(f"\n{text}"), output_field=TextField()),
                output_field=TextField(),
            ),
            MAX_NOTE_CHARS,
        ),
        resolved_at=now(),
    )
