from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from payments.models import Account, LedgerEntry, LedgerTransaction, Purpose
from payments.parties import MERCHANT, PLATFORM, Party
from payments.services.ledger import Entry, merchant_balance, post
from tests.factories import make_merchant
from tests.payments.books import account_totals, is_posted

SAID = {
    "party": "platform",
    "custodian": "sandbox",
    "subject": "payment:P1",
    "purpose": Purpose.VALUE,
}


def _entry(
    account: str, fen: int, merchant_id: int | None = None, custodian: str = "sandbox"
) -> Entry:
    party = Party(MERCHANT, merchant_id) if merchant_id else PLATFORM
    return Entry(account, fen, Purpose.VALUE, custodian, "payment:P1", party)


def _pay(key: str = "pay:P1", fen: int = 500, merchant_id: int | None = None) -> int:
    with transaction.atomic():
        return post(
            kind="pay",
            key=key,
            entries=[_entry(Account.GATEWAY, fen), _entry(Account.UNCLAIMED, -fen)],
        )


@pytest.mark.django_db(transaction=True)
def test_database_refuses_an_unbalanced_transaction_at_commit() -> None:
    """Even SQL that goes round the service cannot commit a fen too many."""
    with pytest.raises(IntegrityError, match="off balance by 1 fen"), transaction.atomic():
        event = LedgerTransaction.objects.create(kind="pay", key="pay:P1")
        LedgerEntry.objects.create(transaction=event, account="gateway", amount_fen=501, **SAID)
        LedgerEntry.objects.create(transaction=event, account="unclaimed", amount_fen=-500, **SAID)
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_database_refuses_an_entry_added_to_a_balanced_transaction_later() -> None:
    event_id = _pay()
    with pytest.raises(IntegrityError, match="off balance"), transaction.atomic():
        LedgerEntry.objects.create(
            transaction_id=event_id, account=Account.FEES, amount_fen=7, **SAID
        )
    assert sum(account_totals().values()) == 0


@pytest.mark.django_db
def test_service_refuses_what_does_not_sum_to_zero() -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        post(kind="pay", key="pay:P1", entries=[_entry(Account.GATEWAY, 1)])
    with pytest.raises(ValueError, match="unbalanced"):
        post(kind="pay", key="pay:P1", entries=[])
    assert not is_posted("pay:P1")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_ledgerentry SET amount_fen = amount_fen * 2",
        "DELETE FROM payments_ledgerentry",
        "UPDATE payments_ledgertransaction SET kind = 'other'",
        "DELETE FROM payments_ledgertransaction",
    ],
)
def test_nothing_in_the_ledger_is_changed_or_deleted(statement: str) -> None:
    _pay()
    with (
        pytest.raises(DatabaseError, match="Cannot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert account_totals()[Account.GATEWAY] == 500


@pytest.mark.django_db
def test_an_event_is_booked_once() -> None:
    _pay()
    with pytest.raises(IntegrityError):
        _pay()
    assert account_totals()[Account.GATEWAY] == 500


@pytest.mark.django_db
def test_entries_of_nothing_are_left_out() -> None:
    with transaction.atomic():
        event_id = post(
            kind="fees",
            key="fees:1",
            entries=[
                _entry(Account.FEES, 3),
                _entry(Account.GATEWAY, -3),
                _entry(Account.COMMISSION, 0),
            ],
        )
    assert LedgerEntry.objects.filter(transaction_id=event_id).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "named"), [(Account.ESCROW, False), (Account.GATEWAY, True)])
def test_merchant_accounts_name_a_merchant_and_others_do_not(account: str, named: bool) -> None:
    merchant_id = make_merchant().pk if named else None
    with pytest.raises(IntegrityError), transaction.atomic():
        post(
            kind="pay",
            key="pay:P1",
            entries=[_entry(account, 5, merchant_id), _entry(Account.UNCLAIMED, -5)],
        )


@pytest.mark.django_db
def test_escrow_without_a_merchant_is_for_fees_of_the_platform_alone() -> None:
    fee = _entry(Account.ESCROW, -5)._replace(subject="line:17")
    with transaction.atomic():
        post(kind="pay", key="pay:P1", entries=[_entry(Account.GATEWAY, 5), fee])
    assert LedgerEntry.objects.get(account=Account.ESCROW).party == "platform"


@pytest.mark.django_db
def test_balance_of_a_merchant_is_its_own_in_one_query(django_assert_num_queries) -> None:
    merchant, other = make_merchant(), make_merchant()
    with transaction.atomic():
        post(
            kind="pay",
            key="pay:P1",
            entries=[
                _entry(Account.GATEWAY, 900),
                _entry(Account.ESCROW, -500, merchant.pk),
                _entry(Account.ESCROW, -400, other.pk),
            ],
        )
        post(
            kind="redeem",
            key="redeem:1",
            entries=[
                _entry(Account.ESCROW, 200, merchant.pk),
                _entry(Account.PENDING, -200, merchant.pk),
            ],
        )
    with django_assert_num_queries(1):
        balance = merchant_balance(merchant.pk)
    assert balance == (300, 200, 0, 0)


# Custodians ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_service_refuses_money_that_changes_its_custodian_in_silence() -> None:
    """Zero over all is not enough: the gateway's money does not become the bank's by an entry."""
    moved = [_entry(Account.BANK, 7, None, "bank"), _entry(Account.GATEWAY, -7)]
    with pytest.raises(ValueError, match="unbalanced"):
        post(kind="move", key="move:1", entries=moved)
    links = [_entry(Account.CLEARING, -7, None, "bank"), _entry(Account.CLEARING, 7)]
    with transaction.atomic():
        post(kind="move", key="move:1", entries=moved + links)
    assert account_totals()[Account.CLEARING] == 0


@pytest.mark.django_db
def test_service_refuses_clearing_that_leads_nowhere() -> None:
    """Each custodian sums to zero, and yet seven fen have gone from one to no other."""
    entries = [_entry(Account.GATEWAY, -7), _entry(Account.CLEARING, 7)]
    with pytest.raises(ValueError, match="unbalanced"):
        post(kind="move", key="move:1", entries=entries)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sides",
    [
        [("bank", "bank", 7), ("gateway", "sandbox", -7)],
        [("gateway", "sandbox", -7), ("clearing", "sandbox", 7)],
    ],
)
def test_database_refuses_the_same_at_commit(sides: list[tuple[str, str, int]]) -> None:
    with pytest.raises(IntegrityError, match="off balance"), transaction.atomic():
        event = LedgerTransaction.objects.create(kind="move", key="move:1")
        for account, custodian, fen in sides:
            LedgerEntry.objects.create(
                transaction=event,
                account=account,
                amount_fen=fen,
                **(SAID | {"custodian": custodian}),
            )
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("silent", ["party", "custodian", "subject", "purpose"])
def test_an_entry_that_does_not_say_all_is_refused(silent: str) -> None:
    event = LedgerTransaction.objects.create(kind="pay", key="pay:P1")
    with pytest.raises(IntegrityError, match="says_what_it_is"), transaction.atomic():
        LedgerEntry.objects.create(
            transaction=event, account="gateway", amount_fen=1, **(SAID | {silent: ""})
        )
