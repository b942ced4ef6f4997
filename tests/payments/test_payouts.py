from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from kernel import clock
from kernel.errors import NotFound
from payments.agreements import PAYOUT, Step, at_step, count_issued, step_of, with_requests
from payments.errors import (
    BankReferenceNeeded,
    BankReferenceUsed,
    PayoutNotSent,
    StatementNotIssued,
)
from payments.models import Account, Payout, Statement
from payments.services.ledger import merchant_balance
from payments.services.payouts import return_payout, send_payout
from payments.services.settlement import settle_merchant
from stores.services.approvals import ask
from tests.factories import make_merchant, make_user
from tests.payments.books import account_totals, agree_to_payout, earn, is_posted, shanghai

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)


@pytest.fixture
def statement() -> Statement:
    merchant = make_merchant()
    with clock.at(shanghai(DAY, 12)):
        earn(merchant, 10_000)
    made = settle_merchant(merchant_id=merchant.pk, day=DAY, cutoff_at=shanghai(DAY, 23))
    assert made is not None
    return made


def test_a_payout_sends_the_whole_statement(statement: Statement) -> None:
    operator = make_user("operator")
    agree_to_payout(statement, asked_by=operator)
    payout = send_payout(statement_id=statement.pk, sent_by=operator, bank_reference="ICBC 1")
    statement.refresh_from_db()
    assert (statement.state, payout.state) == ("paid", "sent")
    assert (payout.amount_fen, payout.sent_by, payout.bank_reference) == (9_000, operator, "ICBC 1")
    assert is_posted(f"payout:{payout.number}")
    assert merchant_balance(statement.merchant_id).settled_fen == 0
    assert account_totals()[Account.BANK] == -9_000


def test_lists_by_step_hold_what_each_statement_says_of_itself(statement: Statement) -> None:
    operator = make_user("operator")

    def steps() -> tuple[Step, list[Step]]:
        own = step_of(with_requests(Statement.objects.all()).get())
        rows = Statement.objects.all()
        found = [step for step in Step if at_step(rows, step).exists()]
        counted = [step for step, number in count_issued(rows).items() if number]
        assert counted == [step for step in found if rows.filter(state="issued").exists()]
        return own, found

    assert steps() == (Step.ASK, [Step.ASK])
    ask(kind=PAYOUT, payload={"statement": statement.pk}, by=operator)
    assert steps() == (Step.AGREE, [Step.AGREE])
    with clock.at(clock.now() + dt.timedelta(days=8)):
        assert steps() == (Step.ASK, [Step.ASK]), "nobody agreed in time"
    agree_to_payout(statement, asked_by=operator)
    assert steps() == (Step.TRANSFER, [Step.TRANSFER])
    send_payout(statement_id=statement.pk, sent_by=operator, bank_reference="ICBC 1")
    assert steps() == (Step.SENT, [Step.SENT])
    Statement.objects.update(state="issued", net_fen=-5)
    assert steps() == (Step.COLLECT, [Step.COLLECT])
    Statement.objects.update(state="carried")
    assert steps() == (Step.CLOSED, [Step.CLOSED])


def test_who_works_alone_transfers_what_is_not_below_zero(
    statement: Statement, settings: Any
) -> None:
    settings.APPROVALS = False
    rows = Statement.objects.all()
    for net_fen, step in ((9_000, Step.TRANSFER), (-5, Step.COLLECT)):
        rows.update(net_fen=net_fen)
        assert step_of(with_requests(rows).get()) == step
        assert [each for each in Step if at_step(rows, each).exists()] == [step]
        assert {each for each, number in count_issued(rows).items() if number} == {step}


def test_what_is_left_to_do_is_counted_in_one_query(
    statement: Statement, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        count_issued(Statement.objects.all())


def test_a_statement_is_paid_out_once(statement: Statement) -> None:
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    with pytest.raises(StatementNotIssued):
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-2")
    assert Payout.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.create(
            number="O1", statement=statement, merchant=statement.merchant, amount_fen=1
        )


def test_a_payout_that_the_bank_returned_is_owed_again_and_sent_anew(statement: Statement) -> None:
    operator = make_user("operator")
    first = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    returned = return_payout(payout_id=first.pk, by=operator)
    statement.refresh_from_db()
    assert (returned.state, statement.state) == ("returned", "issued")
    assert (returned.returned_by, returned.returned_at is None) == (operator, False)
    assert is_posted(f"payout-returned:{first.number}")
    assert merchant_balance(statement.merchant_id).settled_fen == 9_000
    assert account_totals()[Account.BANK] == 0
    second = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    assert second.number != first.number
    assert account_totals()[Account.BANK] == -9_000


def test_a_payout_is_returned_once(statement: Statement) -> None:
    payout = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    return_payout(payout_id=payout.pk, by=None)
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    with pytest.raises(PayoutNotSent):
        return_payout(payout_id=payout.pk, by=None)
    statement.refresh_from_db()
    assert statement.state == "paid"


def test_what_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        send_payout(statement_id=0, sent_by=None, bank_reference="TRF-1")
    with pytest.raises(NotFound):
        return_payout(payout_id=0, by=None)


@pytest.mark.parametrize("reference", ["", "  ", "A1", "x" * 81, "TRF\x00-1", "TRF\u202e-1"])
def test_a_payout_names_its_transfer_at_the_bank(statement: Statement, reference: str) -> None:
    with pytest.raises(BankReferenceNeeded):
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference=reference)
    statement.refresh_from_db()
    assert statement.state == "issued"
    assert not Payout.objects.exists()


def test_a_reference_is_kept_as_one_line(statement: Statement) -> None:
    payout = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="  ICBC \n  77 ")
    assert payout.bank_reference == "ICBC 77"


def another_statement() -> Statement:
    merchant = make_merchant(name_en="Lantern Row")
    with clock.at(shanghai(DAY, 12)):
        earn(merchant, 5_000)
    made = settle_merchant(merchant_id=merchant.pk, day=DAY, cutoff_at=shanghai(DAY, 23))
    assert made is not None
    return made


@pytest.mark.parametrize(
    "spelling", ["ICBC 2026-77", "icbc2026 77", "ＩＣＢＣ－２０２６－７７", " ICBC/2026/77."]
)
def test_a_reference_names_one_transfer_however_it_is_spelled(
    statement: Statement, spelling: str
) -> None:
    other = another_statement()
    first = send_payout(statement_id=other.pk, sent_by=None, bank_reference="ICBC 2026-77")
    for _ in range(2):  # neither while it is sent nor after the bank returned it
        with pytest.raises(BankReferenceUsed) as refused:
            send_payout(statement_id=statement.pk, sent_by=None, bank_reference=spelling)
        if Payout.objects.get().state == "sent":
            return_payout(payout_id=first.pk, by=None)
    for fact in (first.number, "Lantern Row", "¥45.00"):
        assert fact in str(refused.value)
    statement.refresh_from_db()
    assert (statement.state, Payout.objects.count()) == ("issued", 1)


def test_references_that_differ_in_a_digit_are_two_transfers(statement: Statement) -> None:
    send_payout(statement_id=another_statement().pk, sent_by=None, bank_reference="工行-77-1")
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="工行-77-2")
    assert Payout.objects.count() == 2


def test_the_same_payout_again_is_the_same_payout(statement: Statement) -> None:
    first = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="TRF-1")
    again = send_payout(statement_id=statement.pk, sent_by=None, bank_reference="trf 1")
    assert (again.pk, Payout.objects.count()) == (first.pk, 1)
    assert account_totals()[Account.BANK] == -9_000


def test_doubled_references_of_an_older_release_are_left_and_taken(statement: Statement) -> None:
    """The first payout of a reference keeps it; the others are books that nobody rewrites."""
    rows = []
    for number, other in enumerate([another_statement(), another_statement()]):
        row = send_payout(statement_id=other.pk, sent_by=None, bank_reference=f"OLD-{number}")
        Payout.objects.filter(pk=row.pk).update(bank_reference="OLD 7", reference_key=None)
        rows.append(row)
    with connection.schema_editor() as editor:
        import_module("payments.migrations.0002_payout_reference").fill(apps, editor)
    assert [Payout.objects.get(pk=row.pk).reference_key for row in rows] == ["old7", None]
    with pytest.raises(BankReferenceUsed):
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="old-7")
