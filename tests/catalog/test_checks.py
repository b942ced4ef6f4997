"""The database itself refuses what is out of bounds, whoever writes it; and the audit sees."""

from __future__ import annotations

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from insights.invariants import INVARIANTS
from tests.factories import make_limited_offer, make_product, offer_of, variant_of

pytestmark = pytest.mark.django_db


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "starts_at = '0044-03-15 00:00 BC'",
        "starts_at = '1999-12-31 23:59:59+00'",
        "starts_at = '-infinity'",
        "ends_at = '2200-01-01 00:00+00'",
        "ends_at = 'infinity'",
        "price_fen = 10000000001",
        "per_person_limit = 32768",
        "quota = 2147483648",
    ],
)
def test_the_database_refuses_a_price_out_of_bounds(change) -> None:
    offer = make_limited_offer(make_product(), price_fen=100)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        sql(f"UPDATE catalog_offer SET {change} WHERE id = {offer.pk}")


@pytest.mark.parametrize(
    "change",
    [
        "starts_at = '2000-01-01 00:00+00'",
        "ends_at = '2199-12-31 23:59:59+00'",
        "price_fen = 10000000000",
        "price_fen = 10000000001, active = false",
    ],
)
def test_the_database_takes_the_bounds_themselves(change) -> None:
    offer = make_limited_offer(make_product(), price_fen=100)
    sql(f"UPDATE catalog_offer SET {change} WHERE id = {offer.pk}")


@pytest.mark.parametrize("change", ["validity_days = 0", "validity_days = 3651", "uses = 1001"])
def test_the_database_refuses_terms_out_of_bounds(change) -> None:
    product = make_product()
    with pytest.raises(IntegrityError), transaction.atomic():
        sql(f"UPDATE catalog_product SET {change} WHERE id = {product.pk}")


@pytest.mark.parametrize("available", [-1, 2_147_483_648])
def test_the_database_refuses_a_stock_that_cannot_be(available) -> None:
    variant = variant_of(make_product())
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        sql(f"UPDATE catalog_stock SET available = {available} WHERE variant_id = {variant.pk}")


@pytest.mark.parametrize(
    ("code", "table", "check", "change"),
    [
        ("stock_not_negative", "catalog_stock", "stock_never_negative", "available = -1"),
        ("quota_kept", "catalog_offer", "offer_quota_never_exceeded", "quota = 2, quota_sold = 3"),
    ],
)
def test_the_audit_sees_stock_and_quota_even_without_the_checks(code, table, check, change) -> None:
    sql(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    product = make_product()
    row = variant_of(product) if table == "catalog_stock" else offer_of(product)
    key = "variant_id" if table == "catalog_stock" else "id"
    (rule,) = [invariant for invariant in INVARIANTS if invariant.code == code]
    assert findings(rule.sql) == []
    sql(f"UPDATE {table} SET {change} WHERE {key} = {row.pk}")
    (found,) = findings(rule.sql)
    assert found[0].endswith(f" {row.pk}")


def findings(statement: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
