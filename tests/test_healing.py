"""A database that an older release filled heals when it is migrated."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from catalog.models import Offer, Product
from catalog.services.products import check_product
from insights.invariants import INVARIANTS
from kernel.bounds import FIRST_MOMENT, LAST_MOMENT, field_problems
from kernel.watch.models import Incident
from stores.models import City, Merchant, Store
from tests.factories import make_limited_offer, make_product, make_store, make_voucher
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db
CATALOG = import_module("catalog.migrations.0006_heal")
STORES = import_module("stores.migrations.0004_heal")
CATALOG_TEXTS = import_module("catalog.migrations.0011_texts_bounded")
STORES_TEXTS = import_module("stores.migrations.0009_texts_bounded")


CHECKS = {
    "catalog_offer": ("offer_moments_bounded", "offer_price_bounded"),
    "catalog_product": ("product_validity_bounded", "product_uses_bounded"),
}


@pytest.fixture(autouse=True)
def older_release(db) -> None:
    """The tables as they stood before their bounds became CHECKs; rolled back with the test."""
    for table, names in CHECKS.items():
        for name in names:
            sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


class Editor:
    connection = connection


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def heal() -> None:
    CATALOG.heal(apps, Editor)
    STORES.heal(apps, Editor)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("0001-01-01 00:00 BC", "2026-12-01"),
        ("0001-01-01", "0002-01-01"),
        ("2026-01-01", "9999-12-31"),
        ("5000-01-01", "9999-12-31"),
    ],
)
def test_a_price_of_another_age_heals(starts, ends) -> None:
    offer = make_limited_offer(make_product(), price_fen=100)
    sql(
        "UPDATE catalog_offer SET starts_at = %s, ends_at = %s WHERE id = %s",
        starts,
        ends,
        offer.pk,
    )
    heal()
    offer = Offer.objects.get(pk=offer.pk)
    assert FIRST_MOMENT <= offer.starts_at < offer.ends_at < LAST_MOMENT
    assert not field_problems(offer)
    assert Incident.objects.get(kind="catalog.healed").subject == f"offer:{offer.pk}"


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ({"blackout": [{"from": "2026-01-01", "to": "9999-12-31"}]}, "active"),
        ({"blackout": [{"weekdays": [1]}, {"from": "soon"}]}, "draft"),
        ({"included": [{"name_en": "Tea", "quantity": 0, "value_fen": -5}]}, "active"),
        ({"included": [{"name_en": "Tea", "value_fen": 10**27}]}, "active"),
        ({"included": {"name_en": "Tea"}}, "draft"),
        ({"validity_days": 32_000}, "active"),
    ],
)
def test_a_product_out_of_bounds_heals(parts, state) -> None:
    product = make_product()
    Product.objects.filter(pk=product.pk).update(**parts)
    heal()
    product.refresh_from_db()
    check_product(product)
    assert product.state == state
    assert Incident.objects.get(kind="catalog.healed").subject == f"product:{product.pk}"


@pytest.mark.parametrize("zone", ["localtime", "Factory", "Nowhere/At_All"])
def test_a_zone_that_the_database_does_not_know_heals(zone) -> None:
    store = make_store(time_zone="Asia/Tokyo")
    City.objects.filter(pk=store.city_id).update(time_zone="Europe/Paris")
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE stores_store DROP CONSTRAINT stores_store_known_zone")
    Store.objects.filter(pk=store.pk).update(time_zone=zone)
    heal()
    store.refresh_from_db()
    assert store.time_zone == "Europe/Paris"


def test_a_separator_inside_a_name_heals() -> None:
    store = make_store()
    Store.objects.filter(pk=store.pk).update(district_zh="钟\x1f楼", name_en="A\nB")
    heal()
    store.refresh_from_db()
    assert (store.district_zh, store.name_en) == ("钟 楼", "A B")
    assert not field_problems(store)


def test_a_text_without_end_is_cut_and_the_whole_stays_in_the_history() -> None:
    product = make_product()
    Product.objects.filter(pk=product.pk).update(description_zh="长" * 12_000)
    merchant = product.merchant
    Merchant.objects.filter(pk=merchant.pk).update(story_en="s" * 5000)
    for module in (CATALOG_TEXTS, STORES_TEXTS):
        module.heal(apps, Editor)
    product.refresh_from_db()
    merchant.refresh_from_db()
    assert (len(product.description_zh), len(merchant.story_en)) == (10_000, 2000)
    assert not field_problems(product) and not field_problems(merchant)
    history = apps.get_model("catalog", "ProductEvent").objects.filter(pgh_obj_id=product.pk)
    assert max(len(row.description_zh) for row in history) == 12_000
    assert Incident.objects.filter(subject=f"product:{product.pk}").exists()


def test_good_rows_stay_as_they_are_and_a_second_time_changes_nothing() -> None:
    product, voucher = make_product(), make_voucher()
    before = Product.objects.values().get(pk=product.pk)
    heal()
    heal()
    assert Product.objects.values().get(pk=product.pk) == before
    assert not Incident.objects.exists()
    for invariant in INVARIANTS:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.code
    assert Voucher.objects.filter(pk=voucher.pk).exists()
