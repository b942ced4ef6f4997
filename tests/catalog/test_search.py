"""Find products in two languages, by place and price, in every order, page by page."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from catalog.search import ORDERS, ProductQuery, find_products, places, places_sql
from catalog.services.products import update_product
from kernel import clock
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.words import MatchesRowByRow, matches, query_text, vector_text, words
from stores.places import Point
from stores.services.stores import set_hours
from tests.factories import make_category, make_city, make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db
HERE = Point(30.0, 120.0)
MONDAY_NOON = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)


def titles(cursor: str = "", size: int = 24, **query) -> list[str]:
    page = find_products(ProductQuery(**query), cursor=cursor, size=size)
    return [product.title_en for product in page.rows]


def store_at(metres: int, **fields):
    return make_store(latitude=HERE.latitude + metres / 111_200, longitude=HERE.longitude, **fields)


# Words ---------------------------------------------------------------------------------


def test_words_are_cut_alike_in_both_languages() -> None:
    assert words("T-LIGHT Café ＡＢＣ１２") == ["t", "light", "cafe", "abc12"]
    assert {"北京", "烤鸭", "北京烤鸭", "鸭"} <= set(words("北京烤鸭"))
    assert "和服" not in words("产品和服务"), "no pair over the edge of a word"
    assert query_text("latte cof") == "'latte' & 'cof':*"
    assert query_text("咖啡") == "'咖啡'"
    assert query_text("") == query_text("… !?") == ""
    assert vector_text(("a b a", "A"), ("b", "D")) == "'a':1A,3A 'b':2A,4D"


def test_part_of_a_dish_that_no_dictionary_knows_is_found() -> None:
    make_product(title_en="Drinks", title_zh="冰拿铁与桂花乌龙奶茶")
    for text in ("拿铁", "冰拿铁", "茶", "奶茶", "桂花乌龙", "乌龙茶"):
        assert titles(text=text) == ["Drinks"], text
    for text in ("红茶", "拿铁咖啡", "铁桂"):
        assert titles(text=text) == [], text


def test_nothing_typed_can_break_the_query() -> None:
    make_product(title_en="O'Brien's \\ set: 50% & more | (new) * <b>")
    for text in ("o'brien", "\\", "50%", "a' & | ! <-> (", "'; drop table", "brien's set", "\x00"):
        titles(text=text)
    assert titles(text="o'brien's SET 50") != []


def test_titles_brands_shelves_contents_and_descriptions_are_found() -> None:
    merchant = make_merchant(name_en="Harbour Roasters", name_zh="港湾咖啡馆")
    category = make_category(
        name_en="Drinks", name_zh="饮品", parent=make_category(name_en="Coffee", name_zh="咖啡")
    )
    make_product(
        merchant=merchant,
        category=category,
        title_en="Pour-over for two",
        title_zh="双人手冲体验",
        description_zh="配一份巴斯克蛋糕",
        included=[{"name_en": "Cheesecake", "name_zh": "巴斯克", "quantity": 1, "value_fen": 1}],
    )
    make_product(title_en="Haircut", title_zh="理发")
    for text in (
        "pour over", "POUR", "手冲", "双人", "harbour", "roast", "港湾", "drinks", "coffee",
        "饮品", "咖啡", "cheesecake", "巴斯克", "蛋糕", "harbour 手冲 two",
    ):  # fmt: skip
        assert titles(text=text) == ["Pour-over for two"], text
    for text in ("haircut two", "茶", "pourer"):
        assert titles(text=text) == [], text


def test_title_matches_come_before_better_sold_others() -> None:
    make_product(title_en="Cake set", description_en="with latte")
    make_product(title_en="Iced latte")
    make_product(title_en="Hot latte")
    for title, sold in (("Cake set", 900), ("Iced latte", 5), ("Hot latte", 50)):
        Product.objects.filter(title_en=title).update(sales_count=sold)
    assert titles(text="latte") == ["Hot latte", "Iced latte", "Cake set"]
    assert titles(text="latte", sort="sales") == ["Cake set", "Hot latte", "Iced latte"]
    first = find_products(ProductQuery(text="latte"), size=2)
    assert titles(text="latte", cursor=first.next) == ["Cake set"]
    second = find_products(ProductQuery(text="latte"), cursor=first.next, size=2)
    assert titles(text="latte", cursor=second.previous, size=2) == ["Hot latte", "Iced latte"]


def test_a_new_title_is_found_at_once() -> None:
    product = make_product(title_en="Old")
    update_product(product=product, title_en="Massage")
    assert titles(text="massage") == ["Massage"]
    assert titles(text="old") == []


# Filters -------------------------------------------------------------------------------


def test_price_shelf_and_brand() -> None:
    category = make_category()
    child = make_category(parent=category)
    cheap = make_product(title_en="cheap", price_fen=1000, category=child)
    make_product(title_en="dear", price_fen=9000, merchant=cheap.merchant)
    assert titles(min_price_fen=1000, max_price_fen=1000) == ["cheap"]
    assert titles(min_price_fen=1001) == ["dear"]
    assert titles(categories=(category.pk, child.pk)) == ["cheap"]
    assert set(titles(merchant_id=cheap.merchant_id)) == {"cheap", "dear"}


def test_a_place_is_met_by_a_store_where_the_product_can_be_used() -> None:
    city, merchant = make_city(), make_merchant()
    here, away = store_at(100, merchant=merchant, city=city), store_at(9000, merchant=merchant)
    make_product(merchant=merchant, title_en="everywhere")
    make_product(merchant=merchant, title_en="here", stores=[here])
    make_product(merchant=merchant, title_en="away", stores=[away])
    assert set(titles(city=city)) == {"everywhere", "here"}
    assert set(titles(near=HERE, radius_metres=500)) == {"everywhere", "here"}
    assert set(titles(near=HERE, radius_metres=20_000)) == {"everywhere", "here", "away"}
    assert titles(near=HERE, radius_metres=50) == []


def test_open_city_and_radius_must_hold_for_one_store() -> None:
    city, merchant = make_city(), make_merchant()
    closed_here = store_at(100, merchant=merchant, city=city, always_open=False)
    set_hours(store=closed_here, hours=[(0, dt.time(18), dt.time(22))])
    store_at(9000, merchant=merchant)  # open, elsewhere
    make_product(merchant=merchant, title_en="dinner")
    with clock.at(MONDAY_NOON):
        assert titles(open_at=MONDAY_NOON) == ["dinner"]
        assert titles(open_at=MONDAY_NOON, city=city) == []
        assert titles(open_at=MONDAY_NOON, near=HERE, radius_metres=500) == []
        evening = MONDAY_NOON + dt.timedelta(hours=7)
        assert titles(open_at=evening, city=city) == ["dinner"]


def test_what_is_not_on_sale_is_never_found() -> None:
    make_product(state="draft")
    make_product(merchant=make_store(merchant=make_merchant(state="suspended")).merchant)
    assert titles() == []


# Orders and pages ----------------------------------------------------------------------


@pytest.fixture
def shelf_of_nine():
    """Nine products with ties in everything, at stores 1 to 3 km away."""
    merchants = [store_at(metres).merchant for metres in (1000, 2000, 3000)]
    for number in range(9):
        product = make_product(
            merchant=merchants[number % 3], title_en=f"p{number}", price_fen=1000 + number // 3
        )
        Product.objects.filter(pk=product.pk).update(
            sales_count=number // 4, rating_score=number % 2 * 450
        )


KEYS = {
    "relevance": lambda p: (-p.sales_count, -p.pk),
    "sales": lambda p: (-p.sales_count, -p.pk),
    "price": lambda p: (p.price_fen, p.pk),
    "-price": lambda p: (-p.price_fen, -p.pk),
    "rating": lambda p: (-p.rating_score, -p.pk),
    "newest": lambda p: -p.pk,
}


@pytest.mark.parametrize("sort", sorted(ORDERS))
def test_every_order_pages_forth_and_back_without_repeat_or_gap(sort, shelf_of_nine) -> None:
    query = ProductQuery(sort=sort, near=HERE)
    whole = [p.pk for p in find_products(query, size=50).rows]
    assert len(set(whole)) == 9
    if sort in KEYS:
        assert whole == [p.pk for p in sorted(Product.objects.all(), key=KEYS[sort])]
    pages, cursor = [], ""
    while not pages or cursor:
        page = find_products(query, cursor=cursor, size=4)
        pages.append([p.pk for p in page.rows])
        cursor = page.next
    assert [pk for rows in pages for pk in rows] == whole
    assert [len(rows) for rows in pages] == [4, 4, 1]
    back = find_products(query, cursor=page.previous, size=4)
    assert [p.pk for p in back.rows] == pages[1]
    start = find_products(query, cursor=back.previous, size=4)
    assert ([p.pk for p in start.rows], start.previous) == (pages[0], "")


def test_a_page_does_not_shift_when_products_come_and_go(shelf_of_nine) -> None:
    query = ProductQuery(sort="newest")
    first = find_products(query, size=4)
    make_product(title_en="just now")
    Product.objects.filter(pk=first.rows[0].pk).update(state="archived")
    second = find_products(query, cursor=first.next, size=4)
    assert [p.title_en for p in second.rows] == ["p4", "p3", "p2", "p1"]


def test_the_nearest_usable_store_gives_the_distance() -> None:
    merchant = make_merchant()
    near, middle, far = (store_at(metres, merchant=merchant) for metres in (500, 2000, 8000))
    make_product(merchant=merchant, title_en="any")
    make_product(merchant=merchant, title_en="far", stores=[far])
    make_product(merchant=merchant, title_en="middle", stores=[far, middle])
    page = find_products(ProductQuery(near=HERE, sort="distance"))
    assert [(p.title_en, p.nearest_store["id"]) for p in page.rows] == [
        ("any", near.pk),
        ("middle", middle.pk),
        ("far", far.pk),
    ]


def test_by_distance_looks_further_when_the_neighbourhood_has_too_little(monkeypatch) -> None:
    monkeypatch.setattr("catalog.nearby.STORES_IN_BALL", (1, 2))
    for metres in (100, 5000, 90_000, 4_000_000):
        make_product(stores=[store_at(metres)], title_en=f"{metres} m")
    expected = ["100 m", "5000 m", "90000 m", "4000000 m"]
    assert titles(near=HERE, sort="distance") == expected
    assert titles(near=HERE, sort="distance", text="90000") == ["90000 m"]
    first = find_products(ProductQuery(near=HERE, sort="distance"), size=1)
    assert titles(near=HERE, sort="distance", cursor=first.next, size=2) == expected[1:3]


def test_by_distance_without_a_place_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        find_products(ProductQuery(sort="distance"))
    assert "near" in refusal.value.extra["fields"]


def test_a_cursor_of_another_order_is_refused(shelf_of_nine) -> None:
    cursor = find_products(ProductQuery(sort="price"), size=2).next
    for sort in ("sales", "distance", "-price"):
        with pytest.raises(InvalidInput):
            find_products(ProductQuery(sort=sort, near=HERE), cursor=cursor)


def test_the_indexes_carry_the_orders(shelf_of_nine) -> None:
    indexes = {
        "sales": "product_by_sales",
        "price": "product_by_price",
        "-price": "product_by_price",
        "rating": "product_by_rating",
    }
    for sort, index in indexes.items():
        page = find_products(ProductQuery(sort=sort), size=2)
        with connection.cursor() as cursor, connection.execute_wrapper(_explain(cursor)) as _:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            _plans.clear()
            find_products(ProductQuery(sort=sort), cursor=page.next, size=2)
        assert index in _plans[0]
        assert "ROW(" in _plans[0].split("Index Cond")[1].splitlines()[0], (
            "the cursor is a condition"
        )


_plans: list[str] = []


def _explain(cursor):
    def wrapper(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            with connection.cursor() as own:
                own.cursor.execute(f"EXPLAIN {sql}", params)
                _plans.append("\n".join(row[0] for row in own.cursor.fetchall()))
        return execute(sql, params, many, context)

    return wrapper


def test_common_and_rare_words_find_the_same_in_the_same_order(monkeypatch) -> None:
    for number in range(6):
        make_product(
            title_en=f"Noodles {number}" if number % 2 else f"Dish {number}",
            description_en="noodles with broth",
            price_fen=1000 + number,
        )
    make_product(title_en="Tea")
    wanted = [
        (text, sort) for text in ("noodles", "nood", "dish") for sort in ("relevance", "price")
    ]
    rare = [titles(text=text, sort=sort) for text, sort in wanted]
    assert len(rare[0]) == 6 and rare[0][0].startswith("Noodles")
    cache.clear()
    monkeypatch.setattr("kernel.words.MANY", 1)
    with CaptureQueriesContext(connection) as seen:
        assert [titles(text=text, sort=sort) for text, sort in wanted] == rare
    assert any("ts_match_vq" in query["sql"] for query in seen)


def test_kept_sql_of_places_says_what_the_queryset_says() -> None:
    """Every set of wishes, with values that Python takes for nothing."""
    moment = now()
    wishes = {
        "city": make_city(),
        "district": "Harbour",
        "near": Point(0.0, 0.0),
        "open_at": moment,
    }
    for size in range(len(wishes) + 1):
        for names in combinations(wishes, size):
            query = ProductQuery(
                **{name: wishes[name] for name in names},
                radius_metres=3000 if "near" in names else None,
            )
            rows = places(query).order_by().values_list("pk", "district_en")
            text, params = places_sql(query, "pk", "district_en")
            assert (text, tuple(params)) == rows.query.sql_with_params(), names


@pytest.mark.parametrize(("rows", "many"), [(2, False), (3, True), (4, True)])
def test_words_are_counted_to_the_limit_and_no_further(monkeypatch, rows: int, many: bool) -> None:
    monkeypatch.setattr("kernel.words.MANY", 3)
    for number in range(rows):
        make_product(title_en=f"Heron {number}")
    with CaptureQueriesContext(connection) as seen:
        found = matches(Product, "search_vector", "'heron'")
    assert isinstance(found, MatchesRowByRow) == many
    assert "LIMIT 3" in seen[0]["sql"]
