"""The bill against our books against the vouchers; the sandbox's books are tampered with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from django.db import connection

from kernel import clock
from kernel.errors import NotFound
from payments import sides
from payments.errors import AlreadyResolved, BillNotReady, NoteMissing
from payments.models import (
    Account,
    GatewayBill,
    Payment,
    ReconciliationException,
    ReconciliationRun,
    Refund,
    SandboxRefund,
    SandboxTrade,
)
from payments.services.bills import fetch_bill
from payments.services.payments import record_success
from payments.services.reconcile import (
    days_to_reconcile,
    note_exception,
    reconcile_bill,
    reconcile_day,
    reconcile_due,
    report_message,
    resolve_exception,
)
from payments.services.refunds import refund_late_payment, send_refund
from payments.tasks import reconcile_bills
from tests.factories import make_user
from tests.payments.books import (
    account_totals,
    ask_refund,
    decide_payment,
    make_paid_payment,
    no_vouchers,
    read,
    shanghai,
    start_payment,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)
NEXT = dt.date(2026, 5, 2)


def _pay(
    hour: int = 12, minute: int = 0, *, amount_fen: int = 10_000, day: dt.date = DAY
) -> Payment:
    with clock.at(shanghai(day, hour, minute)):
        return make_paid_payment(amount_fen=amount_fen)


def _refund(payment: Payment, amount_fen: int, *, day: dt.date = DAY) -> Refund:
    with clock.at(shanghai(day, 14)):
        refund = ask_refund(payment, amount_fen=amount_fen)
        send_refund(refund_id=refund.pk)
    refund.refresh_from_db()
    return refund


def _run(day: dt.date = DAY, *, on: dt.date | None = None, **options) -> ReconciliationRun:
    with clock.at(shanghai(on or day + dt.timedelta(days=1), 10, 20)):
        return reconcile_day(gateway="sandbox", day=day, **options)


def _open() -> list[tuple[str, str, int | None, int | None]]:
    return list(
        ReconciliationException.objects.open().values_list(
            "kind", "subject", "expected_fen", "actual_fen"
        )
    )


# Agreement ------------------------------------------------------------------------------


def test_books_that_agree_match_line_by_line() -> None:
    payment = _pay()
    _pay(23, 59)
    _refund(payment, 3_000)
    run = _run()
    assert (run.payments_matched, run.refunds_matched, run.exceptions_found) == (2, 1, 0)
    assert _open() == []


def test_a_day_without_business_agrees() -> None:
    run = _run()
    assert (run.payments_matched, run.refunds_matched, run.exceptions_found) == (0, 0, 0)


def test_a_payment_across_midnight_counts_by_the_gateways_moment() -> None:
    """Paid at 23:59:59, its notification comes after midnight."""
    with clock.at(shanghai(DAY, 23, 50)):
        payment = start_payment()
    with clock.at(shanghai(DAY, 23, 59, 59)):
        message = decide_payment(payment)
    with clock.at(shanghai(NEXT, 0, 0, 2)):
        record_success(payment=payment, notification=read(message))
    assert _run(DAY).exceptions_found == 0
    assert _run(NEXT).exceptions_found == 0


def test_a_number_on_the_neighbouring_bill_is_not_missing() -> None:
    payment = _pay(0, 0)
    _run(DAY)
    Payment.objects.update(succeeded_at=shanghai(NEXT, 0, 0, 1))
    assert _run(NEXT).exceptions_found == 0
    assert payment.number


# Each kind of difference ----------------------------------------------------------------


def test_on_the_bill_but_not_in_our_books() -> None:
    _pay()
    SandboxTrade.objects.update(out_trade_no="P-STRANGE")
    run = _run()
    kinds = {(kind, subject): (ours, theirs) for kind, subject, ours, theirs in _open()}
    assert kinds[("missing_here", "P-STRANGE")] == (None, 10_000)
    assert (run.payments_matched, run.exceptions_found) == (0, 2)


def test_in_our_books_but_not_on_the_bill() -> None:
    payment = _pay()
    SandboxTrade.objects.update(state="failed")
    _run()
    assert _open() == [("missing_there", payment.number, 10_000, None)]


def test_amounts_differ() -> None:
    payment = _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    run = _run()
    assert _open() == [("amount", payment.number, 10_000, 9_900)]
    assert run.payments_matched == 0


def test_paid_there_but_not_here() -> None:
    with clock.at(shanghai(DAY, 12)):
        payment = start_payment()
        decide_payment(payment)  # its notification never came
    _run()
    assert _open() == [("state", payment.number, 10_000, 10_000)]


def test_paid_under_another_number_of_the_gateway() -> None:
    payment = _pay()
    SandboxTrade.objects.update(trade_no="SBT-OTHER")
    _run()
    assert _open() == [("state", payment.number, 10_000, 10_000)]
    assert ReconciliationException.objects.get().note == f"{payment.gateway_trade_no} ≠ SBT-OTHER"


def test_vouchers_are_worth_less_than_was_paid() -> None:
    fine, wrong = _pay(), _pay()
    asked: list[int] = []

    def totals(payment_ids: Sequence[int]) -> dict[int, int]:
        asked.extend(payment_ids)
        return {fine.pk: 10_000, wrong.pk: 8_000}

    run = _run(voucher_totals=totals)
    assert sorted(asked) == sorted([fine.pk, wrong.pk])
    assert _open() == [("vouchers", wrong.number, 10_000, 8_000)]
    assert (run.payments_matched, run.exceptions_found) == (2, 1)


def test_a_payment_without_any_voucher() -> None:
    payment = _pay()
    _run(voucher_totals=lambda _ids: {})
    assert _open() == [("vouchers", payment.number, 10_000, 0)]


def test_a_late_payment_needs_no_vouchers() -> None:
    with clock.at(shanghai(DAY, 12)):
        payment = start_payment()
        record_success(payment=payment, notification=read(decide_payment(payment)))
        send_refund(refund_id=refund_late_payment(payment=payment).pk)
    run = _run(voucher_totals=lambda _ids: {})
    assert (run.payments_matched, run.refunds_matched, run.exceptions_found) == (1, 1, 0)


@pytest.mark.parametrize(
    ("tamper", "kind", "ours", "theirs"),
    [
        ({"amount_fen": 2_999}, "amount", 3_000, 2_999),
        ({"refund_no": "SBF-OTHER"}, "state", 3_000, 3_000),
        ({"done_at": shanghai(DAY + dt.timedelta(days=9), 9)}, "missing_there", 3_000, None),
        ({"out_refund_no": "R-STRANGE"}, "missing_here", None, 3_000),
    ],
)
def test_refunds_are_compared_the_same_way(tamper, kind, ours, theirs) -> None:
    refund = _refund(_pay(), 3_000)
    SandboxRefund.objects.update(**tamper)
    run = _run()
    subject = tamper.get("out_refund_no", refund.number)
    assert (kind, subject, ours, theirs) in _open()
    assert (run.payments_matched, run.refunds_matched) == (1, 0)


def test_done_there_but_not_here() -> None:
    payment = _pay()
    with clock.at(shanghai(DAY, 14)):
        refund = ask_refund(payment, amount_fen=3_000)
        send_refund(refund_id=refund.pk)
    Refund.objects.update(state="accepted", succeeded_at=None)
    _run()
    assert _open() == [("state", refund.number, 3_000, 3_000)]


def test_another_gateways_payment_with_the_number_is_not_ours() -> None:
    payment = _pay()
    Payment.objects.update(gateway="alipay")
    _run()
    assert _open() == [("missing_here", payment.number, None, 10_000)]


# The work list --------------------------------------------------------------------------


def test_a_difference_ages_until_it_is_gone_and_then_resolves_itself() -> None:
    payment = _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    _run()
    _run(on=DAY + dt.timedelta(days=5))
    exception = ReconciliationException.objects.get()
    with clock.at(shanghai(DAY + dt.timedelta(days=5), 11)):
        assert exception.age_days == 4
    SandboxTrade.objects.update(amount_fen=10_000)
    run = _run(on=DAY + dt.timedelta(days=6))
    exception.refresh_from_db()
    assert (run.payments_matched, run.exceptions_found) == (1, 0)
    assert (exception.state, exception.resolved_by) == ("resolved", None)
    assert "no difference" in exception.note
    assert exception.subject == payment.number


def test_a_difference_that_comes_back_is_open_again_and_young() -> None:
    _pay()
    for age, amount_fen in ((1, 9_900), (2, 10_000), (3, 9_900)):
        SandboxTrade.objects.update(amount_fen=amount_fen)
        _run(on=DAY + dt.timedelta(days=age))
    exception = ReconciliationException.objects.get()
    assert exception.state == "open"
    assert exception.found_at == shanghai(DAY + dt.timedelta(days=3), 10, 20)
    assert exception.resolved_at is None


def test_what_a_person_resolved_stays_resolved_unless_the_amounts_change() -> None:
    _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    _run()
    operator = make_user("operator")
    exception_id = ReconciliationException.objects.get().pk
    resolve_exception(exception_id=exception_id, note=" Bank's mistake ", resolved_by=operator)
    _run()
    exception = ReconciliationException.objects.get()
    assert (exception.state, exception.note) == ("resolved", "Bank's mistake")
    assert exception.resolved_by == operator
    SandboxTrade.objects.update(amount_fen=1)
    _run()
    assert [row[3] for row in _open()] == [1]


def test_resolving_needs_a_reason_and_happens_once() -> None:
    _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    _run()
    exception_id = ReconciliationException.objects.get().pk
    with pytest.raises(NoteMissing):
        resolve_exception(exception_id=exception_id, note=" ", resolved_by=None)
    resolve_exception(exception_id=exception_id, note="ok", resolved_by=None)
    with pytest.raises(AlreadyResolved):
        resolve_exception(exception_id=exception_id, note="ok", resolved_by=None)
    with pytest.raises(NotFound):
        resolve_exception(exception_id=0, note="ok", resolved_by=None)


def test_without_the_third_leg_its_differences_are_left_open() -> None:
    _pay()
    _run(voucher_totals=lambda _ids: {})
    _run()
    assert [row[0] for row in _open()] == ["vouchers"]


def test_what_is_found_later_is_another_row_or_written_below() -> None:
    """A bill that agrees says nothing about a message that did not, nor the other way round."""
    payment = _pay()
    say = {"gateway": "sandbox", "number": payment.number, "expected_fen": 10_000}
    with clock.at(shanghai(DAY, 13)):
        report_message(actual_fen=1, note="E1: 1 CNY", **say)
        report_message(actual_fen=2, note="E2: 2 CNY", **say)
        report_message(actual_fen=2, note="E2: 2 CNY", **say)
    SandboxTrade.objects.update(amount_fen=9_900)
    _run()
    assert _open() == [
        ("message", payment.number, 10_000, 1),
        ("amount", payment.number, 10_000, 9_900),
    ]
    SandboxTrade.objects.update(amount_fen=10_000)
    _run()
    message = ReconciliationException.objects.open().get()
    assert (message.kind, message.note) == ("message", "E1: 1 CNY\nE2: 2 CNY")


def test_what_people_wrote_stays_whatever_is_found_next() -> None:
    _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    _run()
    exception = ReconciliationException.objects.get()
    note_exception(exception_id=exception.pk, note="Called the bank")
    SandboxTrade.objects.update(amount_fen=9_000, trade_no="SBT-OTHER")
    _run()
    exception.refresh_from_db()
    assert (exception.note, exception.actual_fen) == ("Called the bank", 9_000)
    state = ReconciliationException.objects.get(kind="state")
    assert state.note.endswith("≠ SBT-OTHER")  # a row of its own
    SandboxTrade.objects.update(amount_fen=10_000)
    _run()
    exception.refresh_from_db()
    assert exception.note.startswith("Called the bank\n") and "no difference" in exception.note


def test_a_payment_and_a_refund_that_a_bill_calls_by_one_number_are_two_differences() -> None:
    _refund(_pay(), 4_000)
    SandboxTrade.objects.update(out_trade_no="X-1")
    SandboxRefund.objects.update(out_refund_no="X-1")
    _run()
    strange = {row[1]: row[3] for row in _open() if row[0] == "missing_here"}
    assert strange == {"X-1": 10_000, "refund X-1": 4_000}


# Fees -----------------------------------------------------------------------------------


def test_fees_are_booked_once() -> None:
    payment = _pay(amount_fen=10_000)
    _refund(payment, 5_000)
    _run()
    _run()
    totals = account_totals()
    assert totals[Account.FEES] == 60 - 30
    assert totals[Account.GATEWAY] == 10_000 - 5_000 - 30


def test_a_corrected_bill_replaces_lines_and_books_the_difference() -> None:
    _pay(amount_fen=10_000)
    _run()
    for amount_fen, fee_fen in ((20_000, 120), (10_000, 60), (20_000, 120)):
        SandboxTrade.objects.update(amount_fen=amount_fen)
        _run()
        assert account_totals()[Account.FEES] == fee_fen
    bill = GatewayBill.objects.get()
    assert [line.amount_fen for line in bill.lines.all()] == [20_000]


def test_fees_of_a_day_of_nothing_are_not_booked() -> None:
    _run()
    assert account_totals()[Account.FEES] == 0


# Fetching and the night -----------------------------------------------------------------


def test_fetching_twice_keeps_one_bill() -> None:
    _pay()
    with clock.at(shanghai(NEXT, 10)):
        first = fetch_bill(gateway="sandbox", day=DAY)
        again = fetch_bill(gateway="sandbox", day=DAY)
    assert (first.pk, first.lines.count()) == (again.pk, 1)
    assert reconcile_bill(bill=again).payments_matched == 1


def test_a_day_that_is_not_over_has_no_bill() -> None:
    with clock.at(shanghai(DAY, 23)), pytest.raises(BillNotReady):
        fetch_bill(gateway="sandbox", day=DAY)
    assert not GatewayBill.objects.exists()


def test_the_night_catches_up_with_the_nights_that_were_missed() -> None:
    for age in (0, 3, 40):
        _pay(day=DAY - dt.timedelta(days=age))
    with clock.at(shanghai(NEXT, 10, 20)):
        days = days_to_reconcile(gateway="sandbox")
        assert (len(days), days[0], days[-1]) == (30, DAY - dt.timedelta(days=29), DAY)
        assert reconcile_due() == 30
        assert days_to_reconcile(gateway="sandbox") == []
        assert reconcile_due() == 0
    runs = ReconciliationRun.objects.filter(payments_matched=1)
    assert set(runs.values_list("bill__day", flat=True)) == {DAY, DAY - dt.timedelta(days=3)}


def test_a_day_with_open_differences_is_compared_again() -> None:
    _pay()
    SandboxTrade.objects.update(amount_fen=9_900)
    with clock.at(shanghai(NEXT, 10, 20)):
        reconcile_due(days=3)
        assert days_to_reconcile(gateway="sandbox", days=3) == [DAY]
        SandboxTrade.objects.update(amount_fen=10_000)
        assert reconcile_due(days=3) == 1
        assert days_to_reconcile(gateway="sandbox", days=3) == []


def test_a_day_that_fails_does_not_stop_the_others() -> None:
    _pay()
    day_before = DAY - dt.timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF NEW.day = '{day_before}' THEN RAISE EXCEPTION 'no'; END IF;"
            " RETURN NEW; END $$;"
            " CREATE TRIGGER refuse BEFORE INSERT ON payments_gatewaybill"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    with clock.at(shanghai(NEXT, 10, 20)):
        assert reconcile_due(days=2) == 1
        assert days_to_reconcile(gateway="sandbox", days=2) == [day_before]


def test_the_task_asks_the_vouchers_room(monkeypatch) -> None:
    payment = _pay()
    monkeypatch.setattr(sides, "_registered", [no_vouchers])
    with clock.at(shanghai(NEXT, 10, 20)):
        assert reconcile_bills() == 30
    assert _open() == [("vouchers", payment.number, 10_000, 0)]
