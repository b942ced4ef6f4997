from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kernel import clock
from kernel.errors import NotFound
from kernel.outbox.models import OutboxEvent
from payments.models import Account, LedgerEntry, SettlementLine, Statement
from payments.parties import MERCHANT, Party
from payments.services.ledger import Entry, merchant_balance, post
from payments.services.payouts import send_payout
from payments.services.settlement import settle_all, settle_merchant
from payments.tasks import settle_merchants
from stores.models import Merchant
from tests.factories import make_merchant
from tests.payments.books import earn, is_posted, shanghai, take_back

DAY = dt.date(2026, 5, 1)
pytestmark = pytest.mark.django_db


def _settle(merchant: Merchant, *, day: dt.date = DAY, hour: int = 23) -> Statement | None:
    return settle_merchant(merchant_id=merchant.pk, day=day, cutoff_at=shanghai(day, hour))


def _earn_at(merchant: Merchant, value_fen: int, hour: int, *, day: dt.date = DAY) -> int:
    with clock.at(shanghai(day, hour)):
        return earn(merchant, value_fen)


def test_a_statement_says_what_was_redeemed_kept_returned_and_owed() -> None:
    merchant = make_merchant()
    with clock.at(shanghai(DAY, 12)):
        owed = earn(merchant, 10_000) + earn(merchant, 5_000, kind="forfeit")
        owed -= take_back(merchant, 2_000)
    statement = _settle(merchant)
    assert statement is not None
    assert (statement.gross_fen, statement.commission_fen) == (15_000, 1_500 - 200)
    assert (statement.returns_fen, statement.net_fen) == (2_000, owed)
    assert statement.net_fen == (
        statement.gross_fen - statement.commission_fen - statement.returns_fen
    )


def test_the_net_is_the_sum_of_its_lines_and_moves_to_settled() -> None:
    merchant = make_merchant()
    _earn_at(merchant, 9_999, 9)
    _earn_at(merchant, 1, 10)
    statement = _settle(merchant)
    assert statement is not None
    lines = SettlementLine.objects.filter(statement=statement)
    assert -lines.aggregate(fen=Sum("entry__amount_fen"))["fen"] == statement.net_fen
    assert is_posted(f"settle:{statement.number}")
    balance = merchant_balance(merchant.pk)
    assert (balance.payable_fen, balance.settled_fen) == (0, statement.net_fen)
    assert OutboxEvent.objects.get().payload == {"statement_id": statement.pk}


def test_settling_twice_gives_the_same_statement() -> None:
    merchant = make_merchant()
    _earn_at(merchant, 10_000, 9)
    first = _settle(merchant)
    _earn_at(merchant, 10_000, 10)
    assert _settle(merchant) == first
    assert Statement.objects.count() == 1
    assert merchant_balance(merchant.pk).payable_fen == 9_000


def test_what_comes_after_the_cutoff_waits_for_the_next_statement() -> None:
    merchant = make_merchant()
    _earn_at(merchant, 10_000, 9)
    _earn_at(merchant, 20_000, 15)
    first = _settle(merchant, hour=12)
    second = _settle(merchant, day=DAY + dt.timedelta(days=1))
    assert first is not None
    assert second is not None
    assert (first.net_fen, second.net_fen) == (9_000, 18_000)


def test_a_missed_night_is_caught_up() -> None:
    merchant = make_merchant()
    for age in range(3):
        _earn_at(merchant, 1_000, 9, day=DAY - dt.timedelta(days=age))
    statement = _settle(merchant)
    assert statement is not None
    assert statement.net_fen == 2_700


def test_nothing_to_receive_gives_no_statement() -> None:
    assert _settle(make_merchant()) is None


def test_what_returns_leave_owing_makes_the_next_statement_smaller() -> None:
    merchant = make_merchant()
    _earn_at(merchant, 10_000, 9)
    first = _settle(merchant)
    assert first is not None
    send_payout(statement_id=first.pk, sent_by=None, bank_reference="TRF-1")
    next_day, third_day = (DAY + dt.timedelta(days=age) for age in (1, 2))
    with clock.at(shanghai(next_day, 9)):
        take_back(merchant, 10_000)
    assert merchant_balance(merchant.pk).payable_fen == -9_000
    second = _settle(merchant, day=next_day)
    assert second is not None and second.net_fen == -9_000
    _earn_at(merchant, 30_000, 9, day=third_day)
    third = _settle(merchant, day=third_day)
    assert third is not None
    assert third.net_fen == 27_000 - 9_000
    assert (third.gross_fen, third.returns_fen, third.carried_fen) == (30_000, 0, 9_000)
    second.refresh_from_db()
    assert (second.state, second.closed_by) == ("carried", None)
    assert merchant_balance(merchant.pk).settled_fen == third.net_fen


def test_earnings_of_others_and_other_accounts_are_left_alone() -> None:
    merchant, other = make_merchant(), make_merchant()
    _earn_at(merchant, 10_000, 9)
    _earn_at(other, 50_000, 9)
    statement = _settle(merchant)
    assert statement is not None
    assert statement.net_fen == 9_000
    assert merchant_balance(other.pk).payable_fen == 45_000
    entries = LedgerEntry.objects.filter(settlement_line__statement=statement)
    assert set(entries.values_list("account", "merchant_id")) == {("payable", merchant.pk)}


def test_an_entry_is_on_one_statement_only() -> None:
    merchant = make_merchant()
    _earn_at(merchant, 10_000, 9)
    statement = _settle(merchant)
    entry = LedgerEntry.objects.filter(settlement_line__isnull=False)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        SettlementLine.objects.create(statement=statement, entry=entry)


def test_a_merchant_that_does_not_exist() -> None:
    with pytest.raises(NotFound):
        settle_merchant(merchant_id=0, day=DAY, cutoff_at=timezone.now())


def test_settling_takes_the_same_queries_for_one_entry_and_a_hundred() -> None:
    few, many = make_merchant(), make_merchant()
    _earn_at(few, 1_000, 9)
    for _again in range(100):
        _earn_at(many, 1_000, 9)
    counts = []
    for merchant, net_fen in ((few, 900), (many, 90_000)):
        with CaptureQueriesContext(connection) as queries:
            statement = _settle(merchant)
        assert statement is not None
        assert statement.net_fen == net_fen
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_the_nightly_run_settles_the_last_whole_day_of_every_merchant() -> None:
    merchants = [make_merchant() for _ in range(3)]
    for merchant in merchants[:2]:
        _earn_at(merchant, 10_000, 23)
        _earn_at(merchant, 10_000, 0, day=DAY + dt.timedelta(days=1))
    with clock.at(shanghai(DAY + dt.timedelta(days=1), 2, 10)):
        assert settle_merchants() == 2
        settle_merchants()
    statements = list(Statement.objects.values_list("day", "net_fen"))
    assert statements == [(DAY, 9_000), (DAY, 9_000)]


def test_a_merchant_that_cannot_be_settled_does_not_stop_the_others() -> None:
    broken, fine = make_merchant(), make_merchant()
    for merchant in (broken, fine):
        _earn_at(merchant, 10_000, 9)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.merchant_id = {broken.pk} THEN RAISE EXCEPTION 'no'; END IF;"
            " RETURN NEW; END $$;"
            " CREATE TRIGGER refuse BEFORE INSERT ON payments_statement"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    assert settle_all(day=DAY) == 1
    assert Statement.objects.get().merchant == fine


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.parametrize("days", [1, 8])
def test_settlers_side_by_side_give_one_statement(days: int) -> None:
    """Of one day, or each of a day of its own: the entries are on one statement."""
    merchant = make_merchant()
    for _again in range(20):
        _earn_at(merchant, 1_000, 9)
    start = threading.Barrier(8)
    failures: list[Exception] = []

    def settle(age: int) -> None:
        try:
            start.wait()
            _settle(merchant, day=DAY + dt.timedelta(days=age % days))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle, args=(age,)) for age in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    statement = Statement.objects.get()
    assert (statement.net_fen, statement.lines.count()) == (18_000, 40)
    assert merchant_balance(merchant.pk).payable_fen == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_earning_while_settling_is_on_a_statement_once() -> None:
    """What commits between the sum and the lines waits: the net is always Σ of its lines."""
    merchant = make_merchant()
    _earn_at(merchant, 1_000, 9)
    stop = threading.Event()

    def keep_earning() -> None:
        try:
            while not stop.is_set():
                _earn_at(merchant, 100, 10)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep_earning) for _ in range(3)]
    for thread in threads:
        thread.start()
    statements = []
    for age in range(500):
        if statement := _settle(merchant, day=DAY + dt.timedelta(days=age)):
            statements.append(statement)
        if len(statements) == 5:
            break
    stop.set()
    for thread in threads:
        thread.join()
    assert len(statements) == 5
    if last := _settle(merchant, day=DAY + dt.timedelta(days=1000)):
        statements.append(last)
    for statement in statements:
        total = statement.lines.aggregate(fen=Sum("entry__amount_fen"))["fen"]
        assert statement.net_fen == -total
    balance = merchant_balance(merchant.pk)
    assert balance.payable_fen == 0
    assert balance.settled_fen == sum(statement.net_fen for statement in statements)


def test_an_unkeyed_adjustment_is_not_settled() -> None:
    """Only the three events of docs/money.md earn; anything else is for people to explain."""
    merchant = make_merchant()
    with transaction.atomic():
        post(
            kind="other",
            key="other:1",
            entries=[
                Entry(Account.BANK, 5, "value", "bank", "gift:1"),
                Entry(Account.PAYABLE, -5, "value", "bank", "gift:1", Party(MERCHANT, merchant.pk)),
            ],
        )
    with clock.at(clock.now() + dt.timedelta(days=2)):
        assert settle_all() == 0


def test_a_day_that_is_not_over_has_no_statement() -> None:
    """What is earned until midnight belongs on it, and would be left out."""
    with pytest.raises(ValueError, match="not over"):
        settle_all(day=timezone.localdate())
