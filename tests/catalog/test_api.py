"""GET products and products/ID as an integrator reads them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from catalog.models import Product
from catalog.services.products import VariantInput, add_variant
from catalog.services.stock import Wanted, take_stock
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    make_user,
    offer_of,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/products"


def found(client, **params) -> list[str]:
    response = client.get(API, params)
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def test_words_shelf_city_place_price_and_order(client) -> None:
    category, city = make_category(slug="coffee"), make_city(slug="linwan")
    store = make_store(city=city, latitude=30.0, longitude=120.0)
    make_product(
        merchant=store.merchant,
        title_en="Latte",
        title_zh="拿铁",
        price_fen=1800,
        category=category,
    )
    away = make_store(latitude=31.0, longitude=120.0)
    make_product(merchant=away.merchant, title_en="Haircut", title_zh="理发", price_fen=9800)
    assert found(client, q="latte") == found(client, q="拿铁") == ["Latte"]
    assert found(client, category="coffee") == found(client, city="linwan") == ["Latte"]
    assert found(client, merchant=away.merchant.slug) == ["Haircut"]
    assert found(client, min_price_fen=1801) == ["Haircut"]
    assert found(client, max_price_fen=1800) == ["Latte"]
    assert found(client, sort="price") == ["Latte", "Haircut"]
    assert found(client, sort="-price") == ["Haircut", "Latte"]
    assert found(client, near="31,120", sort="distance") == ["Haircut", "Latte"]
    assert found(client, near="31,120", radius=1000) == ["Haircut"]
    assert found(client, open_now=1, q="latte") == ["Latte"]


def test_a_row_tells_what_a_card_needs(client) -> None:
    store = make_store(name_en="Corner", latitude=30.0, longitude=120.0)
    product = make_product(merchant=store.merchant, price_fen=6800, list_price_fen=9800)
    limited = make_limited_offer(product, price_fen=4900)
    row = client.get(API, {"near": "30.01,120"}).json()["results"][0]
    assert (row["id"], row["price_fen"], row["list_price_fen"]) == (product.pk, 4900, 9800)
    assert dt.datetime.fromisoformat(row["ends_at"]) == limited.ends_at
    assert (row["nearest_store"], row["sold_out"], row["rating"]) == ("Corner", False, None)
    assert 1100 <= row["distance_metres"] <= 1125
    plain = client.get(API).json()["results"][0]
    assert (plain["nearest_store"], plain["distance_metres"]) == ("", None)


def test_cursor_pages_in_every_order(client) -> None:
    merchant = make_merchant()
    make_store(merchant=merchant)
    made = {make_product(merchant=merchant).pk for _ in range(5)}
    for sort in ("relevance", "price", "-price", "sales", "rating", "distance"):
        seen, url = [], f"{API}?page_size=2&sort={sort}&near=30,120"
        while url:
            body = client.get(url).json()
            seen += [row["id"] for row in body["results"]]
            url = body["next"]
        assert len(seen) == 5, sort
        assert set(seen) == made, sort
        assert len(client.get(body["previous"]).json()["results"]) == 2


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"category": "nothing"}, "category"),
        ({"city": "nowhere"}, "city"),
        ({"merchant": "nobody"}, "merchant"),
        ({"near": "x"}, "near"),
        ({"sort": "distance"}, "near"),
        ({"radius": 5}, "near"),
        ({"sort": "newest"}, "sort"),
        ({"sort": "random"}, "sort"),
        ({"min_price_fen": -1}, "min_price_fen"),
        ({"min_price_fen": "1.5"}, "min_price_fen"),
        ({"max_price_fen": "x"}, "max_price_fen"),
        ({"min_price_fen": 5, "max_price_fen": 4}, "max_price_fen"),
        ({"page_size": 0}, "page_size"),
        ({"cursor": "zzz"}, "cursor"),
        ({"q": "x" * 101}, "q"),
    ],
)
def test_a_wrong_parameter_is_named(client, params, field) -> None:
    response = client.get(API, params)
    assert response.status_code == 400
    body = response.json()
    assert body["code"] == "invalid"
    assert list(body["fields"]) == [field]


def test_detail_has_offers_with_what_remains_and_stores_with_distance(client) -> None:
    merchant = make_merchant()
    near = make_store(merchant=merchant, name_en="Near", latitude=30.0, longitude=120.0)
    far = make_store(merchant=merchant, name_en="Far", latitude=30.1, longitude=120.0)
    unknown = make_store(merchant=merchant, always_open=False)
    product = make_product(
        merchant=merchant, stock=10, price_fen=6800, list_price_fen=9800, stores=[near, far]
    )
    limited = make_limited_offer(product, price_fen=4900, quota=4, per_person_limit=2)
    endless = add_variant(product=product, choice=VariantInput("Any day", "", 12800, None))
    with transaction.atomic():
        take_stock(buyer_id=make_user().pk, wanted=[Wanted(limited.pk, limited.variant_id, 1)])
    body = client.get(f"{API}/{product.pk}", {"near": "30,120"}).json()
    offers = {offer["id"]: offer for offer in body["offers"]}
    assert list(offers) == [limited.pk, offer_of(product).pk, endless.offers.get().pk]
    assert offers[limited.pk] == {
        "id": limited.pk,
        "kind": "limited",
        "variant": limited.variant_id,
        "variant_name": "",
        "price_fen": 4900,
        "list_price_fen": 9800,
        "was_fen": None,  # nothing is known yet of the days before it
        "starts_at": offers[limited.pk]["starts_at"],
        "ends_at": offers[limited.pk]["ends_at"],
        "remaining": 3,
        "per_person_limit": 2,
    }
    assert offers[offer_of(product).pk]["remaining"] == 9
    assert offers[endless.offers.get().pk]["remaining"] is None
    assert [(s["name"], s["open_now"]) for s in body["stores"]] == [("Near", True), ("Far", True)]
    assert body["stores"][0]["distance_metres"] == 0
    assert 11_000 < body["stores"][1]["distance_metres"] < 11_200
    assert unknown.pk not in [store["id"] for store in body["stores"]]


def test_the_least_of_quota_and_stock_remains(client) -> None:
    product = make_product(stock=2)
    limited = make_limited_offer(product, price_fen=1, quota=50)
    body = client.get(f"{API}/{product.pk}").json()
    assert {offer["id"]: offer["remaining"] for offer in body["offers"]}[limited.pk] == 2


def test_detail_carries_the_terms(client) -> None:
    product = make_product(
        included=[{"name_en": "Soup", "name_zh": "汤", "quantity": 2, "value_fen": 500}],
        blackout=[{"weekdays": [6]}],
        notes=[{"en": "Book ahead", "zh": "请预约"}],
        provenance={"farm_en": "Tidal"},
        refund_rule="days",
        refund_days=7,
    )
    body = client.get(f"{API}/{product.pk}", headers={"accept-language": "zh-CN"}).json()
    assert body["title"] == product.title_zh
    assert body["included"] == [{"name": "汤", "quantity": 2, "value_fen": 500, "total_fen": 1000}]
    assert body["terms"]["blackout"] == [{"weekdays": [6]}]
    assert body["terms"]["notes"] == ["请预约"]
    assert (body["terms"]["refund_rule"], body["terms"]["refund_days"]) == ("days", 7)
    assert body["provenance"] == {"farm_en": "Tidal"}


def test_all_stores_of_a_product_by_pages(client) -> None:
    merchant = make_merchant()
    made = [make_store(merchant=merchant).pk for _ in range(3)]
    product = make_product(merchant=merchant)
    body = client.get(f"{API}/{product.pk}/stores", {"page_size": 2}).json()
    assert [row["id"] for row in body["results"]] == made[:2]
    assert [row["id"] for row in client.get(body["next"]).json()["results"]] == made[2:]


def test_what_is_not_on_sale_is_not_found(client) -> None:
    draft = make_product(state="draft")
    for address in (f"{API}/{draft.pk}", f"{API}/{draft.pk}/stores", f"{API}/99999999"):
        response = client.get(address)
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


@pytest.mark.parametrize("count", [2, 30])
def test_the_api_costs_the_same_at_any_size(client, count, django_assert_max_num_queries) -> None:
    merchant = make_merchant()
    for _ in range(count):
        make_store(merchant=merchant)
        make_limited_offer(make_product(merchant=merchant), price_fen=1)
    product = Product.objects.latest("id")
    with django_assert_max_num_queries(3):  # which products, their facts, their prices
        assert len(client.get(API, {"page_size": 100}).json()["results"]) == count
    with django_assert_max_num_queries(4):
        client.get(API, {"near": "30,120", "sort": "distance", "open_now": 1})
    with django_assert_max_num_queries(2):
        assert len(client.get(f"{API}/{product.pk}?near=30,120").json()["stores"]) == count
