"""The lists of the books: found by whole numbers, each row beside what it is about, in fixed queries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.clock import at, now
from members.models import User
from payments.ledger_search import transactions_found
from payments.models import LedgerEntry, LedgerTransaction, Payment, Payout, Refund, Statement
from payments.services.collection import (
    carry_statement,
    collect_statement,
    write_off_statement,
)
from payments.services.payouts import send_payout
from payments.services.settlement import settle_merchant
from payments.subjects import name_transactions
from tests.factories import (
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    offer_of,
    owner_of,
    redeem,
)
from tests.orders.payers import buy
from tests.payments.books import take_back
from vouchers.access import UNKNOWN_LIMIT
from vouchers.models import Redemption, Voucher
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_redemption

pytestmark = pytest.mark.django_db
TRANSACTIONS = "/admin/payments/ledgertransaction/"
ENTRIES = "/admin/payments/ledgerentry/"


@pytest.fixture
def used() -> Voucher:
    """A voucher that was redeemed, released, settled and paid out; its sister was sent back."""
    store = make_store()
    voucher = make_voucher(product=make_product(stores=[store], stock=50), quantity=2)
    sister = Voucher.objects.exclude(pk=voucher.pk).get()
    refund_voucher(owner=sister.owner, voucher_id=sister.pk)
    redemption = redeem(voucher, store=store)
    with at(redemption.undo_until):
        release_redemption(redemption_id=redemption.pk)
    later = now() + dt.timedelta(days=1)
    made = settle_merchant(merchant_id=voucher.merchant_id, day=now().date(), cutoff_at=later)
    assert made is not None
    send_payout(statement_id=made.pk, sent_by=None, bank_reference="ICBC 2026-77")
    make_voucher()  # of another order and business
    return voucher


def office(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def kinds(client: Client, term: str, url: str = TRANSACTIONS) -> list[str]:
    rows = client.get(url, {"q": term}).context["cl"].result_list
    return sorted({getattr(row, "transaction", row).kind for row in rows})


def test_the_books_are_searched_by_what_people_have_in_hand(used: Voucher) -> None:
    operator = office(make_user("operator"))
    payment, refund = Payment.objects.earliest("pk"), Refund.objects.get()
    statement, payout = Statement.objects.get(), Payout.objects.get()
    whole = ["pay", "redeem", "refund", "release"]
    assert kinds(operator, used.order_number) == whole
    assert kinds(operator, used.code) == ["pay", "redeem", "release"]
    assert kinds(operator, f"{used.code[:4]} {used.code[4:8]}-{used.code[8:]}") == kinds(
        operator, used.code
    )
    assert kinds(operator, payment.number) == ["pay", "refund"]
    assert kinds(operator, refund.number) == ["refund"]
    assert kinds(operator, statement.number.lower()) == ["payout", "settle"]
    assert kinds(operator, payout.number) == ["payout"]
    assert kinds(operator, "icbc 202677") == ["payout"]
    assert kinds(operator, payment.number[:-1]) == [], "a part of a number is none"
    assert kinds(operator, "") != []


def test_what_became_of_a_negative_statement_is_found_and_leads_to_it(used: Voucher) -> None:
    operator = office(make_user("operator"))
    closed = []
    for close in (collect, carry, write_off):
        take_back(merchant := make_merchant(), 10_000)
        later = now() + dt.timedelta(days=1)
        made = settle_merchant(merchant_id=merchant.pk, day=now().date(), cutoff_at=later)
        assert made is not None
        close(made)
        closed.append(made)
    assert kinds(operator, "boc-2026 88") == ["collect", "settle"]
    for statement, kind in zip(closed, ("collect", "carry", "write-off"), strict=True):
        assert kinds(operator, statement.number) == sorted([kind, "settle"])
        (row,) = LedgerTransaction.objects.filter(kind=kind)
        name_transactions([row])
        about: Any = row
        assert about.about == (statement.number, "payments_statement", statement.pk)


def collect(statement: Statement) -> None:
    collect_statement(statement_id=statement.pk, bank_reference="BOC 202688", collected_by=None)


def carry(statement: Statement) -> None:
    carry_statement(statement_id=statement.pk, carried_by=None)


def write_off(statement: Statement) -> None:
    write_off_statement(statement_id=statement.pk, by=None)


def test_a_merchant_finds_its_own_entries_alone(used: Voucher) -> None:
    owner = office(owner_of(used.merchant))
    assert kinds(owner, used.code, ENTRIES) == ["pay", "redeem", "release"]
    assert kinds(owner, Statement.objects.get().number, ENTRIES) == ["payout", "settle"]
    stranger = office(owner_of(make_store().merchant))
    for term in (used.code, used.order_number, Payment.objects.earliest("pk").number):
        assert kinds(stranger, term, ENTRIES) == []


def test_codes_are_not_guessed_here(used: Voucher, settings: Any) -> None:
    settings.RATE_LIMITS = True
    client = office(owner_of(used.merchant))
    for number in range(UNKNOWN_LIMIT):
        client.get(ENTRIES, {"q": f"{number:012d}"})
    page = client.get(ENTRIES, {"q": used.code})
    assert not page.context["cl"].result_list
    assert [str(message) for message in page.context["messages"]], "and why is said"


def links(client: Client, url: str) -> set[str]:
    return {
        row.about_url.split("/admin/")[1].rsplit("/", 3)[0]
        for row in client.get(url).context["cl"].result_list
        if row.about_url
    }


def test_each_row_leads_to_what_it_is_about_where_its_reader_may_go(used: Voucher) -> None:
    operator = office(make_user("operator"))
    assert links(operator, TRANSACTIONS) == {
        "payments/payment",
        "payments/payout",
        "payments/statement",
        "vouchers/redemption",
        "vouchers/voucher",
    }
    store = used.merchant.stores.get()
    owner, finance = owner_of(used.merchant), make_staff(store, role="finance")
    own = {"payments/payout", "payments/statement", "vouchers/redemption", "vouchers/voucher"}
    assert links(office(owner), ENTRIES) == own
    assert links(office(finance), ENTRIES) == {"payments/payout", "payments/statement"}
    for person in (owner, finance):
        client = office(person)
        for row in client.get(ENTRIES).context["cl"].result_list:
            if row.about_url:
                assert client.get(row.about_url).status_code == 200, row.about_url
    entry = LedgerEntry.objects.filter(transaction__kind="redeem", merchant=used.merchant).first()
    assert entry is not None
    page = office(owner).get(reverse("admin:payments_ledgerentry_change", args=[entry.pk]))
    redemption = Redemption.objects.get()
    link = reverse("admin:vouchers_redemption_change", args=[redemption.pk])
    assert link in page.content.decode()


def test_a_partner_is_led_to_no_voucher_of_another_merchant(used: Voucher) -> None:
    partner, product = make_merchant(), used.product
    assert product is not None
    (voucher,) = buy((f"merchant:{partner.pk}", 100), offer=offer_of(product))
    redemption = redeem(voucher, store=used.merchant.stores.get())
    with at(redemption.undo_until):
        release_redemption(redemption_id=redemption.pk)
    for person in (owner_of(partner), owner_of(used.merchant)):
        client = office(person)
        rows = client.get(ENTRIES).context["cl"].result_list
        for row in rows:
            assert not row.about_url or client.get(row.about_url).status_code == 200
            assert bool(row.about_url) == (person.pk != owner_of(partner).pk), row.about
        assert rows


def test_a_list_asks_as_much_for_many_rows_as_for_few(used: Voucher) -> None:
    client = office(make_user("operator"))

    def cost(url: str, **asked: Any) -> int:
        client.get(url, asked)
        with CaptureQueriesContext(connection) as queries:
            client.get(url, asked)
        return len(queries)

    few = [cost(TRANSACTIONS), cost(ENTRIES), cost(ENTRIES, q=used.order_number)]
    redeem(make_voucher(product=used.product))
    assert [cost(TRANSACTIONS), cost(ENTRIES), cost(ENTRIES, q=used.order_number)] == few


def test_a_search_reads_indexes_not_the_books(used: Voucher) -> None:
    person = make_user("operator")
    with CaptureQueriesContext(connection) as queries:
        found = transactions_found(used.order_number, person=person, merchants=None)
        assert transactions_found(Refund.objects.get().number, person=person, merchants=None)
        list(LedgerEntry.objects.filter(transaction__in=found))
        list(LedgerTransaction.objects.filter(pk__in=found))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # our tables are too small to mind
        for query in queries.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on payments_ledger" not in plan, plan
            assert "Seq Scan on payments_payment" not in plan, plan
            assert "Seq Scan on vouchers_voucher" not in plan, plan
