"""GET stores and stores/ID."""

from __future__ import annotations

import datetime as dt

import pytest

from kernel import clock
from stores.services.stores import set_hours
from tests.factories import make_city, make_merchant, make_store

pytestmark = pytest.mark.django_db
API = "/api/v1/stores"
MONDAY_NOON = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)


def found(client, **params) -> list[str]:
    response = client.get(API, params)
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


def test_near_radius_city_open_now_and_words(client) -> None:
    city = make_city(slug="linwan")
    close = make_store(name_en="Close", latitude=30.0, longitude=120.0, city=city)
    make_store(name_en="Far", latitude=31.0, longitude=120.0)
    set_hours(store=close, hours=[(0, dt.time(10), dt.time(11))])
    assert found(client, near="31,120") == ["Far", "Close"]
    assert found(client, near="30.0,120.0", radius=1000) == ["Close"]
    assert found(client, city="linwan") == ["Close"]
    assert found(client, q="far") == ["Far"]
    with clock.at(MONDAY_NOON):
        assert found(client, open_now="true") == ["Far"]


def test_a_row_tells_what_an_app_needs(client) -> None:
    store = make_store(latitude=30.0, longitude=120.0, phone="123")
    row = client.get(API, {"near": "30.01,120.0"}).json()["results"][0]
    assert row["id"] == store.pk
    assert row["merchant"] == {"slug": store.merchant.slug, "name": store.merchant.name_en}
    assert row["open_now"] is True
    assert row["hours_today"] == "Open 24 hours"
    assert 1100 <= row["distance_metres"] <= 1125
    assert row["rating"] is None
    assert client.get(API).json()["results"][0]["distance_metres"] is None


def test_cursor_pages(client) -> None:
    merchant = make_merchant()
    made = [make_store(merchant=merchant).pk for _ in range(5)]
    seen, url = [], f"{API}?page_size=2"
    while url:
        body = client.get(url).json()
        seen += [row["id"] for row in body["results"]]
        url = body["next"]
    assert seen == made
    assert client.get(body["previous"]).json()["results"][-1]["id"] == made[3]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"near": "91,0"}, "near"),
        ({"near": "here"}, "near"),
        ({"near": "nan,nan"}, "near"),
        ({"radius": 100}, "near"),
        ({"near": "1,1", "radius": 0}, "radius"),
        ({"near": "1,1", "radius": "far"}, "radius"),
        ({"city": "nowhere"}, "city"),
        ({"merchant": "nobody"}, "merchant"),
        ({"open_now": "perhaps"}, "open_now"),
        ({"page_size": 101}, "page_size"),
        ({"cursor": "x"}, "cursor"),
        ({"q": "x" * 101}, "q"),
    ],
)
def test_a_wrong_parameter_is_named(client, params, field) -> None:
    response = client.get(API, params)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(response.json()["fields"]) == [field]


def test_detail_has_the_week_and_the_services(client) -> None:
    store = make_store(services=["wifi"], latitude=30.0, longitude=120.0)
    with clock.at(MONDAY_NOON):
        body = client.get(f"{API}/{store.pk}", {"near": "30,120"}).json()
    assert body["distance_metres"] == 0
    assert body["services"] == [{"key": "wifi", "name": "Free Wi-Fi"}]
    assert [day["day"] for day in body["week"]][:2] == ["2026-06-01", "2026-06-02"]
    assert body["week"][0]["spans"] == [{"opens": "00:00", "closes": "00:00"}]


def test_nobody_elses_secret_store(client) -> None:
    hidden = make_store(merchant=make_merchant(state="suspended"))
    response = client.get(f"{API}/{hidden.pk}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
