"""Two settlers, two payouts: a merchant is paid once for what was earned once."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from kernel.clock import at, now
from payments.models import Payout, SettlementLine, Statement
from payments.services.payouts import return_payout, send_payout
from payments.services.settlement import settle_merchant
from stores.models import Merchant
from tests.races.books import at_the_counter, balance, broken, times
from tests.races.together import refusals, together, won
from tests.races.unguarded import compare_and_set, meeting, without_constraint
from vouchers.services.release import release_redemption

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

STATEMENT = compare_and_set(Statement, "state")
TODAY = dt.date(2026, 5, 1)

_transfers = itertools.count(100)


def merchant_with_earnings() -> Merchant:
    """A merchant who is owed 6800 fen less commission."""
    counter = at_the_counter(price_fen=6800)
    redemption = counter.redeem()
    with at(redemption.undo_until):
        assert release_redemption(redemption_id=redemption.pk)
    return counter.voucher.merchant


def settle(merchant: Merchant, day: dt.date = TODAY) -> Callable[[], Statement | None]:
    cutoff_at = now() + dt.timedelta(days=1)
    return lambda: settle_merchant(merchant_id=merchant.pk, day=day, cutoff_at=cutoff_at)


def pay_out(statement: Statement, reference: str = "") -> Callable[[], Any]:
    """Each call with a transfer of its own, unless ``reference`` names one."""
    return lambda: send_payout(
        statement_id=statement.pk,
        sent_by=None,
        bank_reference=reference or f"TRF-{next(_transfers)}",
    )


def issued_statement() -> Statement:
    statement = settle(merchant_with_earnings())()
    assert statement is not None
    return statement


def test_parallel_settlers_of_one_day_issue_one_statement() -> None:
    merchant = merchant_with_earnings()

    answers = together(times(8, settle(merchant)))

    statement = Statement.objects.get()
    assert {answer.pk for answer in answers} == {statement.pk}
    assert (balance("settled"), balance("payable")) == (statement.net_fen, 0)
    assert broken() == set()


def test_parallel_settlers_of_different_days_settle_each_entry_once() -> None:
    merchant = merchant_with_earnings()

    answers = together([settle(merchant, TODAY + dt.timedelta(days=number)) for number in range(8)])

    statement = Statement.objects.get()
    assert [answer for answer in answers if answer] == [statement]
    assert SettlementLine.objects.values("entry").distinct().count() == statement.lines.count()
    assert balance("settled") == statement.net_fen
    assert broken() == set()


def test_parallel_payouts_of_one_statement_send_the_money_once() -> None:
    statement = issued_statement()

    answers = together(times(8, pay_out(statement)))

    assert len(won(answers)) == 1
    assert refusals(answers) == {"statement_already_paid": 7}
    assert Payout.objects.get().amount_fen == statement.net_fen
    assert (balance("settled"), balance("bank")) == (0, statement.net_fen)
    assert broken() == set()


def test_a_payout_is_returned_once_and_may_be_sent_again() -> None:
    statement = issued_statement()
    payout = pay_out(statement)()

    answers = together(
        [
            *times(6, lambda: return_payout(payout_id=payout.pk, by=None)),
            *times(6, pay_out(statement)),
        ]
    )

    told = refusals(answers)
    assert told["payout_already_returned"] == 5
    assert told["statement_already_paid"] in {5, 6}
    live = Payout.objects.filter(state=Payout.State.SENT)
    assert live.count() == 6 - told["statement_already_paid"]
    statement.refresh_from_db()
    assert (statement.state == Statement.State.PAID) == live.exists()
    assert broken() == set()


def test_parallel_payouts_with_one_reference_record_one_transfer() -> None:
    statements = [issued_statement(), issued_statement()]

    answers = together([pay_out(statement, "ICBC 77") for statement in statements])

    assert len(won(answers)) == 1
    assert refusals(answers) == {"bank_reference_used": 1}
    assert Payout.objects.count() == 1
    assert broken() == set()


def test_one_payout_sent_many_times_at_once_is_one_payout() -> None:
    statement = issued_statement()

    answers = together(times(6, pay_out(statement, "ICBC 78")))

    assert {answer.pk for answer in won(answers)} == {Payout.objects.get().pk}
    assert len(won(answers)) == 6
    assert broken() == set()


# Controls ------------------------------------------------------------------------------


def test_control_without_guards_one_entry_is_settled_on_two_days() -> None:
    merchant = merchant_with_earnings()
    jobs = [settle(merchant), settle(merchant, TODAY + dt.timedelta(days=1))]

    with without_constraint("payments_settlementline", "settled_at_most_once"):
        # Reading and writing is one statement there: they meet behind it, before the ledger.
        answers = meeting(jobs, before="INSERT INTO payments_ledgertransaction")

        first, second = answers
        assert first.pk != second.pk
        assert first.net_fen == second.net_fen == -balance("payable")
        assert balance("settled") == 2 * first.net_fen
        assert "settled_once" in broken()


def test_control_without_guards_one_statement_is_paid_out_twice() -> None:
    statement = issued_statement()

    with without_constraint("payments_payout", "payout_one_live"):
        answers = meeting(times(2, pay_out(statement)), STATEMENT)

        assert len(won(answers)) == 2
        assert balance("bank") == 2 * statement.net_fen
        assert balance("settled") == -statement.net_fen
        assert "settled" in broken()
