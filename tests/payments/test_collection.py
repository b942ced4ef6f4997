"""Statements of zero and below: collected, carried, written off; who did it and by which transfer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from kernel.clock import at, now
from kernel.errors import NotFound
from members.models import User
from payments.agreements import WRITE_OFF
from payments.errors import CollectionReferenceUsed, StatementNotIssued, StatementNotOwed
from payments.models import LedgerEntry, Statement
from payments.next_steps import word_next
from payments.services import settlement
from payments.services.collection import (
    carry_statement,
    collect_statement,
    write_off_statement,
)
from payments.services.payouts import send_payout
from payments.services.settlement import settle_all, settle_merchant
from stores.errors import ApprovalGone, SecondPersonNeeded
from stores.models import Merchant
from stores.services.approvals import approve, ask, waiting_for
from tests.factories import make_merchant, make_user
from tests.payments.books import account_totals, earn, take_back

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 5, 1)


def settle(merchant: Merchant, *, days: int = 0) -> Statement:
    made = settle_merchant(
        merchant_id=merchant.pk, day=DAY + dt.timedelta(days=days), cutoff_at=now()
    )
    assert made is not None
    return made


def owing(fen: int = 9_000) -> Statement:
    merchant = make_merchant()
    take_back(merchant, fen * 10 // 9)
    return settle(merchant)


@pytest.fixture
def desk() -> tuple[User, User]:
    return make_user("operator"), make_user("operator")


def test_what_is_owed_is_collected_once_by_one_transfer(desk: tuple[User, User]) -> None:
    by, _other = desk
    first, second = owing(), owing()
    done = collect_statement(statement_id=first.pk, bank_reference=" BOC  77 ", collected_by=by)
    assert (done.state, done.collected_reference, done.closed_by) == ("collected", "BOC 77", by)
    first.refresh_from_db()
    assert (first.state, first.closed_by) == ("collected", by) and first.closed_at
    with pytest.raises(CollectionReferenceUsed), transaction.atomic():
        collect_statement(statement_id=second.pk, bank_reference="boc-77", collected_by=by)
    with pytest.raises(StatementNotOwed):
        collect_statement(statement_id=first.pk, bank_reference="BOC 78", collected_by=by)
    with pytest.raises(NotFound):
        collect_statement(statement_id=0, bank_reference="BOC 79", collected_by=by)
    with pytest.raises(NotFound):
        collect_statement(statement_id=second.pk, bank_reference="BOC 79", collected_by=make_user())
    assert account_totals()["settled"] == 9_000
    assert account_totals()["bank"] == 9_000


def test_what_is_carried_stands_on_the_next_statement(desk: tuple[User, User]) -> None:
    statement = owing()
    with pytest.raises(NotFound):
        carry_statement(statement_id=statement.pk, carried_by=make_user())
    carried = carry_statement(statement_id=statement.pk, carried_by=desk[0])
    assert (carried.state, carried.closed_by) == ("carried", desk[0])
    assert "is taken off the next" in word_next(carried, desk=True, decides=True, viewer=desk[0])
    following = settle(carried.merchant, days=1)
    told = word_next(carried, desk=True, decides=True, viewer=desk[0])
    assert f"was taken off the statement {following.number}" in told
    assert (following.carried_fen, following.net_fen, following.state) == (9_000, -9_000, "issued")
    with pytest.raises(StatementNotOwed):
        carry_statement(statement_id=statement.pk, carried_by=desk[0])


def test_a_write_off_takes_two_people_and_is_the_platform_s_loss(desk: tuple[User, User]) -> None:
    by, other = desk
    statement = owing()
    with pytest.raises(SecondPersonNeeded):
        write_off_statement(statement_id=statement.pk, by=by, approved_by=by)
    with pytest.raises(NotFound):
        write_off_statement(statement_id=statement.pk, by=make_user(), approved_by=by)
    asked = ask(kind=WRITE_OFF, payload={"statement": statement.pk}, by=by)
    assert asked is not None
    approve(approval_id=asked.pk, digest=asked.digest, by=other)
    statement.refresh_from_db()
    assert (statement.state, statement.closed_by, statement.approved_by) == ("lost", by, other)
    assert account_totals()["loss"] == 9_000
    assert account_totals()["settled"] == 0


@pytest.mark.parametrize("close", ["collect", "carry"])
def test_a_request_to_give_up_what_is_closed_otherwise_is_over(
    desk: tuple[User, User], close: str
) -> None:
    by, other = desk
    statement, another = owing(), owing()
    asked = ask(kind=WRITE_OFF, payload={"statement": statement.pk}, by=by)
    stays = ask(kind=WRITE_OFF, payload={"statement": another.pk}, by=by)
    assert asked is not None and stays is not None
    if close == "collect":
        collect_statement(statement_id=statement.pk, bank_reference="BOC 7", collected_by=by)
    else:
        carry_statement(statement_id=statement.pk, carried_by=by)
    asked.refresh_from_db()
    assert (asked.state, list(waiting_for(other))) == ("withdrawn", [stays])
    with pytest.raises(ApprovalGone):
        approve(approval_id=asked.pk, digest=asked.digest, by=other)


def test_a_person_who_closes_it_at_the_same_moment_does_not_cost_the_settlement(
    desk: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = owing()
    asked = ask(kind=WRITE_OFF, payload={"statement": statement.pk}, by=desk[0])
    assert asked is not None

    def overtaken(*, statement_id: int, carried_by: User | None) -> Statement:
        collect_statement(statement_id=statement_id, bank_reference="BOC 7", collected_by=desk[1])
        return carry_statement(statement_id=statement_id, carried_by=carried_by)

    monkeypatch.setattr(settlement, "carry_statement", overtaken)
    earn(statement.merchant, 30_000)
    following = settle(statement.merchant, days=1)
    statement.refresh_from_db()
    assert (statement.state, following.carried_fen, following.net_fen) == ("collected", 0, 27_000)


def test_a_statement_of_nothing_is_produced_and_closed() -> None:
    merchant = make_merchant()
    with at(now() - dt.timedelta(days=1)):
        earn(merchant, 10_000)
        take_back(merchant, 10_000)
    assert settle_all() == 1
    statement = Statement.objects.get()
    assert (statement.net_fen, statement.state) == (0, "zero")
    assert (statement.gross_fen, statement.returns_fen) == (10_000, 10_000)
    with pytest.raises(StatementNotIssued):
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="BOC 1")
    with pytest.raises(StatementNotOwed):
        collect_statement(statement_id=statement.pk, bank_reference="BOC 1", collected_by=None)
    assert LedgerEntry.objects.filter(settlement_line=None, account="payable").count() == 0
    assert settle_all() == 0  # nothing is due any more
    assert Statement.objects.count() == 1
