"""A ledger entry is known by (month, id): the table could be split by months as it stands."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from kernel import clock
from payments.days import month_of
from payments.models import EARLIER, LedgerEntry, SettlementLine
from payments.services.settlement import settle_merchant
from tests.factories import make_merchant
from tests.payments.books import earn, shanghai

pytestmark = pytest.mark.django_db


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def books() -> None:
    """Entries of two months and of before, some of them settled."""
    merchant = make_merchant()
    with clock.at(shanghai(dt.date(2026, 3, 31), 12)):
        earn(merchant, 10_000)
    last = dt.date(2026, 3, 31)
    with clock.at(shanghai(dt.date(2026, 4, 1), 9)):
        settle_merchant(
            merchant_id=merchant.pk, day=last, cutoff_at=shanghai(dt.date(2026, 4, 1), 0)
        )
    with clock.at(shanghai(dt.date(2026, 4, 2), 12)):
        earn(merchant, 5_000)
    sql("SET LOCAL session_replication_role = replica")  # the ledger is append only
    sql(
        "UPDATE payments_ledgerentry SET month = '2000-01-01' WHERE id IN (SELECT id FROM"
        " payments_ledgerentry WHERE id NOT IN (SELECT entry_id FROM payments_settlementline)"
        " ORDER BY id LIMIT 2)"
    )
    sql("SET LOCAL session_replication_role = origin")


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (shanghai(dt.date(2026, 4, 1), 7), dt.date(2026, 3, 1)),  # the months are those of UTC
        (shanghai(dt.date(2026, 4, 1), 8), dt.date(2026, 4, 1)),
        (shanghai(dt.date(2026, 12, 31), 12), dt.date(2026, 12, 1)),
    ],
)
def test_an_entry_is_in_the_month_of_its_transaction(moment: dt.datetime, month: dt.date) -> None:
    with clock.at(moment):
        earn(make_merchant(), 10_000)
    assert month_of(moment) == month
    assert set(LedgerEntry.objects.values_list("month", flat=True)) == {month}


def test_a_release_that_names_no_month_writes_that_of_now(books: None) -> None:
    entry = LedgerEntry.objects.first()
    assert entry is not None
    for sign in (1, -1):
        LedgerEntry.objects.create(
            transaction_id=entry.transaction_id,
            account="fees",
            amount_fen=sign,
            party="platform",
            custodian="books",
            subject="bill:1",
            purpose="fee",
        )
    written = set(LedgerEntry.objects.filter(account="fees").values_list("month", flat=True))
    assert len(written) == 1
    assert abs(written.pop() - dt.datetime.now(dt.UTC).date()) <= dt.timedelta(days=31)


def test_a_line_that_names_no_month_gets_that_of_its_entry(books: None) -> None:
    line = SettlementLine.objects.select_related("entry")[0]
    sql(f"DELETE FROM payments_settlementline WHERE id = {line.pk}")
    sql(
        "INSERT INTO payments_settlementline (statement_id, entry_id)"
        f" VALUES ({line.statement_id}, {line.entry_id})"
    )
    again = SettlementLine.objects.get(entry_id=line.entry_id)
    assert again.entry_month == line.entry.month == dt.date(2026, 3, 1)


def test_a_line_names_an_entry_by_both_parts_of_its_key(books: None) -> None:
    line = SettlementLine.objects.all()[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"UPDATE payments_settlementline SET entry_month = '2026-04-01' WHERE id = {line.pk}")
        sql("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_table_can_be_split_by_months_as_it_stands(books: None) -> None:
    """With the same keys, indexes and checks; settlement's foreign key can point to it."""
    sql(
        "CREATE TABLE by_month (LIKE payments_ledgerentry INCLUDING ALL) PARTITION BY RANGE (month)"
    )
    for number, (first, after) in enumerate(
        [
            ("MINVALUE", "'2026-01-01'"),
            ("'2026-01-01'", "'2026-04-01'"),
            ("'2026-04-01'", "'2027-01-01'"),
        ]
    ):
        sql(
            f"CREATE TABLE by_month_{number} PARTITION OF by_month"
            f" FOR VALUES FROM ({first}) TO ({after})"
        )
    sql("INSERT INTO by_month SELECT * FROM payments_ledgerentry")
    sql("CREATE TABLE lines (LIKE payments_settlementline INCLUDING ALL)")
    sql("INSERT INTO lines SELECT * FROM payments_settlementline")
    sql("ALTER TABLE lines ADD FOREIGN KEY (entry_month, entry_id) REFERENCES by_month (month, id)")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM by_month_0), (SELECT count(*) FROM by_month_1),"
            " (SELECT count(*) FROM by_month_2), (SELECT count(*) FROM lines)"
        )
        earlier, first, second, lines = cursor.fetchone()
    months = list(LedgerEntry.objects.values_list("month", flat=True))
    assert earlier == months.count(EARLIER) == 2
    assert (first, second) == (
        months.count(dt.date(2026, 3, 1)),
        months.count(dt.date(2026, 4, 1)),
    )
    assert min(first, second, lines) > 0
    with pytest.raises(IntegrityError):  # a settled entry stays
        sql("DELETE FROM by_month WHERE (month, id) IN (SELECT entry_month, entry_id FROM lines)")
    with pytest.raises(DatabaseError):  # the control: an id alone is no key of such a table
        sql("CREATE TABLE by_id (id bigint PRIMARY KEY, month date) PARTITION BY RANGE (month)")


def _keys() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN"
            " ('payments_ledgerentry'::regclass, 'payments_settlementline'::regclass)"
        )
        return set(cursor.fetchall())


def test_books_of_a_release_without_months_get_the_same_keys(books: None) -> None:
    """A shop that ran 0004 when it knew no months: 0011 does it all."""
    upgrade = import_module("payments.migrations.0011_entries_by_month")
    keys, lines = _keys(), set(SettlementLine.objects.values_list("entry_id", flat=True))
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("DROP TRIGGER pgtrigger_settlement_line_month_cd8d7 ON payments_settlementline")
    with connection.schema_editor() as editor:
        upgrade.by_id(apps, editor)
        assert _keys() != keys
        for _again in range(2):  # the second time there is nothing left to do
            upgrade.by_month(apps, editor)
    assert _keys() == keys
    assert set(LedgerEntry.objects.values_list("month", flat=True)) == {EARLIER}
    assert set(SettlementLine.objects.values_list("entry__pk", flat=True)) == lines
