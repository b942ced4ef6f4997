"""Stores by distance, word, city and hour; pages by cursor; indexes in use."""

from __future__ import annotations

import pytest
from django.db import connection

from kernel.clock import now
from kernel.errors import InvalidInput
from stores.models import Store
from stores.places import Point
from stores.selectors import StoreQuery, find_stores, first_stores
from stores.services.stores import update_store
from tests.factories import make_city, make_merchant, make_store

pytestmark = pytest.mark.django_db
HERE = Point(31.2304, 121.4737)


def names(query: StoreQuery, **options) -> list[str]:
    return [store.name_en for store in find_stores(query, **options).rows]


@pytest.fixture
def street():
    """Stores north of a point, at about 1, 2, 3 … kilometres."""
    merchant, city = make_merchant(), make_city(latitude=31.23, longitude=121.47)
    return [
        make_store(
            merchant=merchant,
            city=city,
            name_en=f"km {number}",
            name_zh="",
            latitude=HERE.latitude + number / 111.2,
            longitude=HERE.longitude,
        )
        for number in (3, 1, 4, 2, 5)
    ]


def test_nearest_first_with_true_distances(street) -> None:
    rows = find_stores(StoreQuery(near=HERE)).rows
    assert [store.name_en for store in rows] == ["km 1", "km 2", "km 3", "km 4", "km 5"]
    for number, store in enumerate(rows, start=1):
        assert store.distance_metres == pytest.approx(number * 1000, rel=0.01)


def test_radius_leaves_out_what_is_further(street) -> None:
    assert names(StoreQuery(near=HERE, radius_metres=2500)) == ["km 1", "km 2"]
    assert names(StoreQuery(near=HERE, radius_metres=500)) == []


def test_the_date_line_and_the_poles_are_no_edge() -> None:
    fiji = make_store(latitude=-17.0, longitude=179.99)
    assert [s.pk for s in Store.objects.within(-17.0, -179.99, 5000)] == [fiji.pk]
    pole = make_store(latitude=89.99, longitude=0)
    assert [s.pk for s in Store.objects.within(89.99, 180, 5000)] == [pole.pk]


def test_pages_by_distance_neither_repeat_nor_hide(street) -> None:
    query, seen, cursor = StoreQuery(near=HERE), [], ""
    for _ in range(3):
        page = find_stores(query, cursor=cursor, size=2)
        seen += [store.name_en for store in page.rows]
        cursor = page.next
    assert seen == ["km 1", "km 2", "km 3", "km 4", "km 5"]
    assert cursor == ""
    back = find_stores(query, cursor=page.previous, size=2)
    assert [store.name_en for store in back.rows] == ["km 3", "km 4"]
    assert find_stores(query, cursor=back.previous, size=2).previous == ""


def test_stores_at_one_spot_are_paged_by_id() -> None:
    city, merchant = make_city(), make_merchant()
    made = [make_store(city=city, merchant=merchant).pk for _ in range(5)]
    query = StoreQuery(near=Point(city.latitude, city.longitude))
    first = find_stores(query, size=3)
    second = find_stores(query, size=3, cursor=first.next)
    assert [store.pk for store in (*first.rows, *second.rows)] == made


def test_a_cursor_of_something_else_is_refused(street) -> None:
    by_distance = find_stores(StoreQuery(near=HERE), size=2).next
    for cursor in (by_distance, "nonsense", "W10", by_distance[:-4]):
        with pytest.raises(InvalidInput) as refusal:
            find_stores(StoreQuery(), cursor=cursor)
        assert "cursor" in refusal.value.extra["fields"]


def test_words_in_both_languages_find_a_store() -> None:
    merchant = make_merchant(name_en="Harbour Roasters", name_zh="港湾咖啡")
    store = make_store(
        merchant=merchant, name_en="Lighthouse branch", name_zh="灯塔店", address_zh="人民路88号"
    )
    make_store(name_en="Somewhere else", name_zh="别处")
    for words in ("lighthouse", "LIGHT", "harbour roasters", "咖啡", "灯塔", "人民路", "港湾 灯塔"):
        assert names(StoreQuery(text=words)) == [store.name_en], words
    for words in ("harbour espresso", "茶", "...", "house"):
        assert names(StoreQuery(text=words)) == [], words


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("centre", [None, HERE])
@pytest.mark.parametrize("in_city", [False, True])
def test_the_row_of_a_search_has_the_first_stores_of_the_list(
    street, monkeypatch, in_city, centre, many
) -> None:
    monkeypatch.setattr("kernel.words._are_many", lambda *_asked: many)
    update_store(store=street[0], name_en="Elsewhere")
    make_store(city=make_city(), name_en="km 6")
    city = street[0].city if in_city else None
    query = StoreQuery(text="km", city=city, centre=centre)
    listed = find_stores(query, size=5).rows
    row = first_stores(query, size=5)
    assert [store.pk for store in row] == [store.pk for store in listed]
    assert len(row) == (4 if in_city else 5)
    assert [store.week_rows for store in row] == [store.week_rows for store in listed]


def test_a_renamed_store_is_found_by_its_new_name() -> None:
    store = make_store(name_en="Old name")
    update_store(store=store, name_en="Newport")
    assert names(StoreQuery(text="newport")) == ["Newport"]
    assert names(StoreQuery(text="old")) == []


def test_city_and_open_now_and_brand_limit() -> None:
    city, merchant = make_city(), make_merchant()
    open_store = make_store(city=city, merchant=merchant, name_en="open")
    make_store(city=city, merchant=merchant, name_en="unknown hours", always_open=False)
    make_store(name_en="elsewhere")
    assert names(StoreQuery(city=city)) == ["open", "unknown hours"]
    assert names(StoreQuery(city=city, open_at=now())) == ["open"]
    assert names(StoreQuery(merchant_id=open_store.merchant_id, open_at=now())) == ["open"]


def test_closed_stores_and_suspended_merchants_are_not_shown() -> None:
    make_store(merchant=make_merchant(state="suspended"))
    closed = make_store()
    Store.objects.filter(pk=closed.pk).update(state=Store.State.CLOSED)
    assert names(StoreQuery()) == []


def plan(stores, *without: str) -> str:
    sql, params = stores.query.sql_with_params()
    with connection.cursor() as cursor:
        for way in ("seqscan", *without):  # a handful of rows needs no index
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        found = "\n".join(row[0] for row in cursor.fetchall())
        for way in ("seqscan", *without):
            cursor.execute(f"SET LOCAL enable_{way} = on")
    return found


def test_the_position_index_serves_radius_nearest_and_a_brands_nearest(street) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE stores_store")  # the index functions must work there too
    assert "Index" in plan(Store.objects.within(*HERE, 3000))
    assert "_position" in plan(Store.objects.within(*HERE, 3000))
    nearest = plan(Store.objects.nearest_first(*HERE)[:5])
    assert "Order By: ((ll_to_earth" in nearest
    assert "store_search" in plan(Store.objects.matching("harbour"), "indexscan")
    with connection.cursor() as cursor:  # which of the two is cheaper depends on the numbers
        cursor.execute("DROP INDEX store_position")
    of_brand = Store.objects.filter(merchant=street[0].merchant).nearest_first(*HERE)[:1]
    assert "store_merchant_position" in plan(of_brand, "sort")
