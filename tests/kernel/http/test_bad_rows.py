"""Rows that nobody can draw, written past every check, take no page of others down."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from catalog.cards import product_cards
from catalog.models import Offer, Product
from catalog.product_page import included_lines, note_texts
from catalog.search import ProductQuery, find_products
from kernel.clock import now
from kernel.watch.models import Incident
from stores.api import store_rows
from stores.cards import listed
from stores.models import City, Store, StoreHoliday
from stores.selectors import StoreQuery, find_stores
from tests.factories import (
    make_city,
    make_limited_offer,
    make_product,
    make_store,
    make_user,
    offer_of,
)

pytestmark = pytest.mark.django_db
ADMIN_LISTS = [
    "/admin/",
    "/admin/catalog/product/",
    "/admin/catalog/offer/",
    "/admin/stores/store/",
    "/admin/stores/merchant/",
    "/admin/orders/order/",
    "/admin/vouchers/voucher/",
]


def run(sql: str, *params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def shared_pages(product: Product, store: Store) -> list[str]:
    return [
        "/",
        "/products/?city=",
        "/products/?city=&open_now=1",
        f"/products/?city={store.city.slug}&near=30.25,120.16",
        f"/products/{product.pk}/",
        f"/products/{product.pk}/stores/",
        "/stores/?city=",
        "/stores/?city=&open_now=1",
        f"/stores/{store.pk}/",
        "/api/v1/products",
        "/api/v1/products?open_now=1",
        f"/api/v1/products/{product.pk}",
        f"/api/v1/products/{product.pk}/stores",
        "/api/v1/stores",
        "/api/v1/stores?open_now=1",
        f"/api/v1/stores/{store.pk}",
        "/sitemap.xml",
    ]


def all_answer(client, product: Product, store: Store) -> None:
    answers = {path: client.get(path).status_code for path in shared_pages(product, store)}
    client.force_login(make_user("operator"))
    answers |= {path: client.get(path).status_code for path in ADMIN_LISTS}
    assert answers == dict.fromkeys(answers, 200)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("0001-12-31 23:54:17+00 BC", "2150-01-01 00:00:00+00"),
        ("4000-01-01 00:00:00+00 BC", "infinity"),
        ("-infinity", "250000-06-01 00:00:00+00"),
        ("0001-01-01 00:00:00+00", "9999-12-31 23:59:59+00"),
    ],
)
def test_a_price_of_a_time_that_no_calendar_here_has_runs_and_takes_no_page_down(
    client, starts, ends
) -> None:
    good, bad = make_product(), make_product()
    limited = make_limited_offer(bad, price_fen=100)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE catalog_offer DROP CONSTRAINT offer_moments_bounded")  # an older release
    run(
        "UPDATE catalog_offer SET starts_at = %s, ends_at = %s WHERE id = %s",
        starts,
        ends,
        limited.pk,
    )
    run("UPDATE catalog_offer SET created_at = 'infinity' WHERE id = %s", offer_of(good).pk)
    run("UPDATE catalog_product SET created_at = '0044-03-15 BC' WHERE id = %s", bad.pk)
    all_answer(client, bad, bad.merchant.stores.get())
    assert Offer.objects.running().filter(pk=limited.pk).exists()
    stored = Offer.objects.get(pk=limited.pk)
    assert stored.starts_at == dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def test_every_day_that_the_database_may_hold_is_read() -> None:
    store = make_store()
    for text in ("0001-12-31 BC", "infinity", "-infinity", "12000-02-03", "2026-11-28"):
        run("INSERT INTO stores_storeholiday (store_id, date, note_en, note_zh)"
            " VALUES (%s, %s, '', '')", store.pk, text)  # fmt: skip
    days = list(StoreHoliday.objects.order_by("date").values_list("date", flat=True))
    first, last = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
    assert days == [first, first, dt.date(2026, 11, 28), last, last]


def test_a_holiday_of_no_calendar_takes_no_page_down(client) -> None:
    store = make_store()
    for text in ("0001-12-31 BC", "12000-02-03", "infinity"):
        run("INSERT INTO stores_storeholiday (store_id, date, note_en, note_zh)"
            " VALUES (%s, %s, '', '')", store.pk, text)  # fmt: skip
    all_answer(client, make_product(stores=[store]), store)


@pytest.mark.parametrize(
    "zone",
    ["localtime", "Mars/Olympus", "CST", "Nowhere+3", "posix/Asia/Shanghai", "", "Asia/shanghai "],
)
def test_the_database_refuses_a_zone_that_it_or_python_does_not_know(zone) -> None:
    store = make_store()
    for table, row in (("stores_store", store.pk), ("stores_city", store.city_id)):
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            run(f"UPDATE {table} SET time_zone = %s WHERE id = %s", zone, row)
    for good in ("America/Port-au-Prince", "America/Argentina/Buenos_Aires", "UTC", "PRC"):
        run("UPDATE stores_store SET time_zone = %s WHERE id = %s", good, store.pk)


def let_any_zone_in(table: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DROP CONSTRAINT {table}_known_zone")


def test_zones_of_an_older_release_are_healed_with_a_note() -> None:
    store = make_store(city=make_city(time_zone="Asia/Tokyo"))
    city = make_city()
    for table, row in (("stores_store", store.pk), ("stores_city", city.pk)):
        let_any_zone_in(table)
        run(f"UPDATE {table} SET time_zone = 'localtime' WHERE id = %s", row)
    for table in ("stores_city", "stores_store"):
        for step in import_module("stores.migrations.0005_known_zones").steps(table):
            run(step.sql)
    store.refresh_from_db()
    city.refresh_from_db()
    assert (store.time_zone, city.time_zone) == ("Asia/Tokyo", "Asia/Shanghai")
    subjects = set(Incident.objects.values_list("subject", flat=True))
    assert subjects == {f"store:{store.pk}", f"city:{city.pk}"}


def test_a_store_that_cannot_be_drawn_is_left_out_of_list_and_map_and_reported(client) -> None:
    make_store(name_en="Good place"), make_store(name_en="Bad place"), make_store(name_en="Third")
    good, bad, third = find_stores(StoreQuery()).rows
    bad.week_rows = [{"weekday": 0, "opens": "noon", "closes": None}]
    found = listed([good, bad, third], moment=now(), near=None)
    assert [(card["number"], card["id"]) for card in found.cards] == [(1, good.pk), (2, third.pk)]
    assert found.map["count"] == 2
    assert [row["id"] for row in store_rows([good, bad, third])] == [good.pk, third.pk]
    kinds = Incident.objects.open().filter(subject=f"store:{bad.pk}").values_list("kind", flat=True)
    assert set(kinds) == {"stores.card", "stores.api"}
    client.force_login(make_user("operator"))
    assert "left out or skipped" in client.get("/admin/").content.decode()


def test_a_shop_that_closes_at_24_closes_at_midnight(client) -> None:
    store = make_store()
    run(
        "UPDATE stores_storehours SET opens = '08:00', closes = '24:00' WHERE store_id = %s",
        store.pk,
    )
    all_answer(client, make_product(stores=[store]), store)
    assert {str(hours.closes) for hours in store.hours.all()} == {"00:00:00"}
    assert "08:00–00:00" in client.get(f"/stores/{store.pk}/").content.decode()


def test_a_product_whose_card_cannot_be_drawn_is_left_out_and_reported() -> None:
    make_product(title_en="One"), make_product(title_en="Two")
    one, two = find_products(ProductQuery(), size=5).rows
    one.category = None
    assert [card["title"] for card in product_cards([one, two])] == [two.title]
    assert Incident.objects.get().subject == f"product:{one.pk}"


def test_what_has_no_shape_is_left_out_of_what_a_buyer_gets() -> None:
    product = make_product()
    product.included = [17, None, {"name_en": 4}, {"name_en": "Tea", "quantity": 2}]
    product.notes = ["x", {"en": 5}, {"en": "Knock twice"}]
    assert [line["name"] for line in included_lines(product)] == ["Tea"]
    assert note_texts(product) == ["Knock twice"]
    product.included = product.notes = {"name_en": "not a list"}
    assert included_lines(product)[1:] == note_texts(product)[1:] == []


@pytest.mark.parametrize("district", ["Bell\x1fTower", 'A "b" \\ \x1e,{}', "[null]"])
def test_a_district_of_any_characters_is_one_district(client, district) -> None:
    store = make_store(city=City.objects.get(pk=make_store().city_id))
    run("UPDATE stores_store SET district_en = %s, district_zh = %s WHERE id = %s",
        district, district, store.pk)  # fmt: skip
    product = make_product(stores=[store])
    all_answer(client, product, store)
    answer = client.get("/products/", {"city": store.city.slug, "district": district})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("included", '[{"name_en": "Cake", "quantity": 1, "value_fen": 1e27}]'),
        ("provenance", '{"farm": [1, 2]}'),
    ],
)
def test_what_a_product_says_of_itself_in_another_shape_takes_no_page_down(client, column, value):
    product = make_product()
    run(f"UPDATE catalog_product SET {column} = %s::jsonb WHERE id = %s", value, product.pk)
    all_answer(client, product, product.merchant.stores.get())
