"""What the audit of money must see, each error planted by itself in the books of a small shop."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from kernel.clock import at, now
from orders.models import OrderDiscount
from payments.models import LedgerEntry, Statement
from payments.parties import merchant_key
from payments.services.bills import fetch_bill
from payments.services.payouts import send_payout
from payments.services.reconcile import reconcile_bill
from payments.services.settlement import settle_merchant
from tests.factories import Cast, cast, make_order, make_product, offer_of, pay_order, redeem
from tests.orders.payers import broken, buy, delivery, with_fee
from vouchers.models import Redemption, Voucher, VoucherComponent
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_redemption

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Cast:
    """Two vouchers that platform, points and a partner pay parts of; one is used and released."""
    people = cast()
    product = make_product(merchant=people.merchant, stores=[people.store], price_fen=5_000)
    partner = merchant_key(people.other_merchant.pk)
    used, _kept = buy(
        ("platform", 700),
        ("points", 300),
        (partner, 400),
        buyer=people.buyer,
        offer=offer_of(product),
        quantity=2,
    )
    redeem(used, store=people.store, staff=people.clerk)
    assert broken() == []
    return people


def planted(statement: str, *values: str | int) -> list[str]:
    """What the audit names once ``statement`` has changed the books past every trigger."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing was wrong before
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount == 1, statement
        cursor.execute("SET LOCAL session_replication_role = origin")
    return [f"{code} {subject}" for code, subject, *_rest in broken()]


def first(**which: object) -> int:
    return LedgerEntry.objects.filter(**which).earliest("pk").pk


@pytest.mark.parametrize("party", ["partner:3", "merchant:03", "merchant:999999", "person:999999"])
def test_an_entry_of_a_party_that_there_is_not(shop: Cast, party: str) -> None:
    entry = first(account="promotions")
    found = planted("UPDATE payments_ledgerentry SET party = %s WHERE id = %s", party, entry)
    assert f"entry_parties ledger entry {entry}" in found


def test_an_entry_that_names_another_merchant_than_its_own(shop: Cast) -> None:
    entry, other = first(account="escrow"), merchant_key(shop.other_merchant.pk)
    found = planted("UPDATE payments_ledgerentry SET party = %s WHERE id = %s", other, entry)
    assert f"entry_parties ledger entry {entry}" in found


@pytest.mark.parametrize("party", ["partner:3", "merchant:999999", "person:999999"])
def test_a_discount_a_component_and_a_fee_of_nobody(shop: Cast, party: str) -> None:
    line = with_fee(make_order(), "platform", 100).lines.get(kind="fee").pk
    discount = OrderDiscount.objects.earliest("pk").pk
    component = VoucherComponent.objects.filter(kind="funder").earliest("pk").pk
    for table, column, row, name in (
        ("orders_orderline", "payee", line, "order line"),
        ("orders_orderdiscount", "funder", discount, "discount"),
        ("vouchers_vouchercomponent", "party", component, "component"),
    ):
        found = planted(f"UPDATE {table} SET {column} = %s WHERE id = %s", party, row)
        assert f"payers_parties {name} {row}" in found


# What an entry says


def of(account: str, **more: object) -> int:
    return LedgerEntry.objects.filter(account=account, **more).latest("pk").pk


@pytest.fixture
def busy(shop: Cast) -> Cast:
    """With a refund, a statement, a payout, a fee of an order, and a bill beside it."""
    buyer = shop.buyer
    pay_order(
        make_order(
            buyer, offer_of(make_product(stores=[shop.store])), fees=[delivery("platform", 9)]
        )
    )
    refund_voucher(owner=buyer, voucher_id=Voucher.objects.filter(state="active").latest("pk").pk)
    redemption = Redemption.objects.get()
    later = redemption.undo_until + dt.timedelta(days=2)
    with at(later):
        release_redemption(redemption_id=redemption.pk)
        statement = settle_merchant(merchant_id=shop.merchant.pk, day=later.date(), cutoff_at=later)
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="BOC-1")
        reconcile_bill(bill=fetch_bill(gateway="sandbox", day=now().date() - dt.timedelta(days=2)))
    assert broken() == []
    return shop


@pytest.mark.parametrize(
    ("account", "said"),
    [
        ("gateway", {"subject": "payment:P0"}),
        ("gateway", {"custodian": "other"}),
        ("gateway", {"purpose": "gift"}),
        ("gateway", {"purpose": "commission"}),
        ("bank", {"custodian": "books"}),
        ("bank", {"subject": "payout:O0"}),
        ("escrow", {"subject": "voucher:999999"}),
        ("escrow", {"subject": "line:999999"}),
        ("escrow", {"subject": "tip:1"}),
        ("pending", {"custodian": "bank"}),
        ("commission", {"custodian": "sandbox"}),
        ("refund_due", {"subject": "refund:R0"}),
        ("refund_due", {"custodian": "bank"}),
        ("settled", {"subject": "statement:S0"}),
        ("settled", {"custodian": "sandbox"}),
        ("promotions", {"purpose": "dues"}),
        ("clearing", {"subject": "voucher:1"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.items())),
)
def test_an_entry_that_says_what_it_must_not(
    busy: Cast, account: str, said: dict[str, str]
) -> None:
    ((column, value),) = said.items()
    entry = of(account)
    found = planted(f"UPDATE payments_ledgerentry SET {column} = %s WHERE id = %s", value, entry)
    assert {f"entry_chart ledger entry {entry}", f"own_subjects ledger entry {entry}"} & set(found)


def test_an_entry_about_another_merchant_s_statement_or_another_voucher(busy: Cast) -> None:
    other = Statement.objects.create(
        number="S9",
        merchant=busy.other_merchant,
        day="2026-01-01",
        cutoff_at=now(),
        gross_fen=1,
        commission_fen=0,
        returns_fen=0,
        net_fen=1,
    )
    for account, subject in (
        ("settled", f"statement:{other.number}"),
        ("payable", f"statement:{other.number}"),
        ("escrow", f"voucher:{Voucher.objects.earliest('pk').pk}"),
    ):
        entry = of(account)
        found = planted(
            "UPDATE payments_ledgerentry SET subject = %s WHERE id = %s", subject, entry
        )
        assert f"own_subjects ledger entry {entry}" in found, account


def test_a_refund_booked_for_another_voucher(busy: Cast) -> None:
    entry, voucher = of("refund_due"), Voucher.objects.earliest("pk").pk
    found = planted(
        "UPDATE payments_ledgerentry SET voucher_ref = %s WHERE id = %s", voucher, entry
    )
    assert f"own_subjects ledger entry {entry}" in found


def test_an_entry_that_was_put_among_those_from_before_months(busy: Cast) -> None:
    entry = of("bank")
    found = planted("UPDATE payments_ledgerentry SET month = '2000-01-01' WHERE id = %s", entry)
    assert f"ledger_months ledger entry {entry}" in found


def test_a_component_whose_money_is_elsewhere_than_its_payment(busy: Cast) -> None:
    component = VoucherComponent.objects.filter(kind="tender").earliest("pk").pk
    found = planted(
        "UPDATE vouchers_vouchercomponent SET custodian = 'other' WHERE id = %s", component
    )
    assert f"component_custodian component {component}" in found


def test_a_voucher_that_asked_somebody_else_for_its_commission(busy: Cast) -> None:
    voucher = Voucher.objects.earliest("pk").pk
    found = planted("UPDATE vouchers_voucher SET commission_rate = 0.4 WHERE id = %s", voucher)
    assert f"commission_frozen voucher {voucher}" in found
