"""What the audit of money must see, each error planted by itself in the books of a small shop."""

from __future__ import annotations

import pytest
from django.db import connection

from orders.models import OrderDiscount
from payments.models import LedgerEntry
from payments.parties import merchant_key
from tests.factories import Cast, cast, make_order, make_product, offer_of, redeem
from tests.orders.payers import broken, buy, with_fee
from vouchers.models import VoucherComponent

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
