"""The store pages as a visitor sees them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from kernel import clock
from stores.services.stores import HolidayInput, set_hours
from tests.factories import make_city, make_limited_offer, make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db
MONDAY_NOON = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)  # 12:00 in Shanghai


def page(client, url, **cookies):
    for name, value in cookies.items():
        client.cookies[name] = value
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_the_chosen_city_and_says_who_is_open(client) -> None:
    city = make_city(featured=True, name_en="Linwan")
    store = make_store(city=city, name_en="Noodle House", always_open=False)
    set_hours(store=store, hours=[(0, dt.time(10), dt.time(22))])
    make_store(name_en="Far away")
    with clock.at(MONDAY_NOON):
        html = page(client, "/stores/")
    assert "Stores in Linwan" in html
    assert "Noodle House" in html
    assert "Open now" in html
    assert "10:00–22:00" in html
    assert "Far away" not in html
    with clock.at(MONDAY_NOON + dt.timedelta(hours=11)):
        assert "Closed now" in page(client, "/stores/")
        assert "No store fits" in page(client, "/stores/?open_now=on")


def test_near_me_sorts_by_distance_over_all_cities_and_is_remembered(client) -> None:
    make_city(featured=True)
    make_store(name_en="Close", latitude=30.0, longitude=120.0)
    make_store(name_en="Closer", latitude=30.0, longitude=120.005)
    html = page(client, "/stores/?near=30.0,120.01")
    assert html.index("Closer") < html.index("Close</a>")
    assert "480 m" in html
    again = page(client, "/stores/")
    assert "480 m" in again or "490 m" in again, "the cookie keeps the rounded position"
    assert " m</span>" not in page(client, "/stores/?near=none&city=")
    assert client.cookies["near"].value == ""


@pytest.mark.parametrize("near", ["100,200", "a,b", "1", "nan,nan", ""])
def test_a_senseless_position_is_ignored(client, near) -> None:
    make_store(name_en="Here anyway")
    assert "Here anyway" in page(client, f"/stores/?near={near}")


def test_choosing_a_city_is_remembered_and_leads_back(client) -> None:
    make_city(featured=True, slug="one", name_en="One")
    two = make_city(featured=True, slug="two", name_en="Two")
    make_store(city=two, name_en="In Two")
    assert "In Two" not in page(client, "/stores/")
    response = client.post(reverse("choose_city"), {"city": "two", "next": "/stores/"})
    assert response.url == "/stores/"
    assert "In Two" in page(client, "/stores/")
    evil = client.post(reverse("choose_city"), {"city": "two", "next": "https://evil.example/"})
    assert evil.url == "/"
    unknown = client.post(reverse("choose_city"), {"city": "nowhere", "next": "/"}, follow=True)
    assert "We do not know this city" in unknown.content.decode()


def test_pages_of_stores_follow_each_other(client) -> None:
    city, merchant = make_city(featured=True), make_merchant()
    for number in range(25):
        make_store(city=city, merchant=merchant, name_en=f"Branch {number:02}")
    first = client.get("/stores/")
    second = client.get(f"/stores/{first.context['next_url']}")
    shown = [card["name"] for r in (first, second) for card in r.context["store_cards"]]
    assert shown == [f"Branch {number:02}" for number in range(25)]
    assert client.get("/stores/?cursor=broken").url == "/stores/"


def test_a_store_page_tells_hours_way_services_and_deals(client) -> None:
    store = make_store(
        name_en="Lighthouse",
        phone="+86 571 8888 0000 ext 3",
        services=["wifi", "own thing"],
        postcode="310000",
        always_open=False,
        latitude=30.25,
        longitude=120.16,
    )
    set_hours(
        store=store,
        hours=[(0, dt.time(11), dt.time(14)), (0, dt.time(17), dt.time(21))],
        holidays=[HolidayInput(dt.date(2026, 6, 2), note_en="Stocktaking")],
    )
    deal = make_product(merchant=store.merchant, title_en="Dinner for two")
    make_product(stores=[make_store(merchant=store.merchant)], title_en="Only elsewhere")
    with clock.at(MONDAY_NOON):
        html = page(client, f"/stores/{store.pk}/")
    ranges = (f'<span class="unbroken">{hours}</span>' for hours in ("11:00–14:00", "17:00–21:00"))
    assert ", ".join(ranges) in html, "a line may break between two ranges only"
    assert "Stocktaking" in html
    assert 'href="https://maps.apple.com/?daddr=30.250000,120.160000"' in html
    assert 'href="tel:+8657188880000' in html
    assert "Free Wi-Fi" in html
    assert "own thing" in html
    assert "Dinner for two" in html
    assert f"/products/{deal.pk}/" in html
    assert "Only elsewhere" not in html
    assert "closes at 14:00" in html
    assert "Asia/Shanghai" not in html
    assert 'data-copy="30.25000, 120.16000"' in html
    assert "map__drawing" in html


def test_a_store_page_begins_with_the_way_and_the_deals(client) -> None:
    store = make_store(phone="0571 8888 0000")
    make_product(merchant=store.merchant, title_en="Dinner for two")
    html = page(client, f"/stores/{store.pk}/").split("<h1>")[1]
    order = [store.address, "Route", "tel:", "Dinner for two", 'id="hours"', 'id="way"']
    assert [html.index(mark) for mark in order] == sorted(html.index(mark) for mark in order)


def test_the_search_of_the_page_searches_stores(client) -> None:
    make_store(city=make_city(featured=True), name_en="Noodle House")
    html = page(client, "/stores/?open_now=on&q=noodle")
    assert html.count('role="search"') == 1
    form = html.split('role="search"')[1].split("</form>")[0]
    assert 'action="/stores/"' in form
    assert 'name="open_now" value="on"' in form
    assert 'value="noodle"' in form


def test_the_zone_is_named_in_words_only_where_clocks_differ(client) -> None:
    make_city(featured=True, time_zone="Asia/Shanghai")
    same = make_store(time_zone="Asia/Singapore")
    away = make_store(time_zone="America/New_York")
    with clock.at(MONDAY_NOON):
        assert "Local time of the store" not in page(client, f"/stores/{same.pk}/")
        html = page(client, f"/stores/{away.pk}/")
    assert "Local time of the store: Eastern Time." in html
    assert "America/New_York" not in html.split('id="hours"')[1].split("</section>")[0]


def test_filters_of_the_stores_are_taken_away_one_by_one(client) -> None:
    make_store(city=make_city(featured=True), name_en="Noodle House")
    response = client.get("/stores/?near=30.25,120.16&q=noodle&open_now=on")
    chips = {chip["label"]: chip["url"] for chip in response.context["chips"]}
    assert chips == {
        "Open now": "?near=30.25%2C120.16&q=noodle",
        "From my position": "?near=none&q=noodle&open_now=on",
        "“noodle”": "?near=30.25%2C120.16&open_now=on",
    }


def test_unknown_hours_are_said_plainly(client) -> None:
    store = make_store(always_open=False)
    assert "has not told us its hours" in page(client, f"/stores/{store.pk}/")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (MONDAY_NOON, "Closed now</span> <span>opens on Wednesday at 10:00</span>"),
        (MONDAY_NOON + dt.timedelta(days=1), "Closed now</span> <span>opens tomorrow at 10:00"),
        (
            MONDAY_NOON + dt.timedelta(days=2),
            'Open now</span> <span><span class="unbroken">10:00–02:00</span></span>',
        ),
        (MONDAY_NOON + dt.timedelta(days=2, hours=13), "Open now</span> <span>closes at 02:00"),
    ],
)
def test_a_day_off_is_not_said_twice_but_until_when(client, moment, said) -> None:
    store = make_store(name_en="Night Kitchen", always_open=False)
    set_hours(store=store, hours=[(2, dt.time(10), dt.time(2))])
    with clock.at(moment):
        html = page(client, "/stores/?city=")
    assert said in html
    assert "<span>Closed</span>" not in html


def test_what_is_not_open_for_business_is_not_found(client) -> None:
    hidden = make_store(merchant=make_merchant(state="suspended"))
    assert client.get(f"/stores/{hidden.pk}/").status_code == 404
    assert client.get("/stores/999999/").status_code == 404
    assert client.get("/stores/?merchant=nobody").status_code == 404


def test_stores_of_one_merchant(client) -> None:
    store = make_store(name_en="Ours")
    make_store(name_en="Theirs", city=store.city)
    html = page(client, f"/stores/?merchant={store.merchant.slug}&city=")
    assert f"Stores of {store.merchant.name_en}" in html
    assert "Ours" in html
    assert "Theirs" not in html


def test_chinese_visitors_read_chinese(client) -> None:
    store = make_store(name_en="Lighthouse", name_zh="灯塔店")
    response = client.get(f"/stores/{store.pk}/", headers={"accept-language": "zh-CN"})
    assert "灯塔店" in response.content.decode()


@pytest.mark.parametrize("stores", [2, 25])
def test_the_pages_cost_the_same_at_any_size(client, stores, django_assert_max_num_queries) -> None:
    city, merchant = make_city(featured=True), make_merchant()
    made = [make_store(city=city, merchant=merchant) for _ in range(stores)]
    for _ in range(stores):
        make_limited_offer(make_product(merchant=merchant), price_fen=100)
    client.force_login(merchant.applicant)
    client.get("/stores/")
    with django_assert_max_num_queries(6):  # one of them: whether the owner has a counter
        client.get("/stores/?near=30.25,120.16&q=store&open_now=on")
    with django_assert_max_num_queries(9):
        client.get(f"/stores/{made[0].pk}/?near=30.25,120.16")
