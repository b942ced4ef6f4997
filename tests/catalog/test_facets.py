"""The counts on the list's filters: what one tap leads to, exactly while that is cheap."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog import facets as room
from catalog.facets import facets
from catalog.search import ProductQuery, find_products
from kernel import clock
from stores.services.stores import set_hours
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
)

pytestmark = pytest.mark.django_db
MONDAY_NOON = dt.datetime(2026, 6, 1, 4, 0, tzinfo=dt.UTC)  # 12:00 in Shanghai


@pytest.fixture
def city():
    return make_city(featured=True, name_en="Linwan", latitude=30.0, longitude=120.0)


def store_in(city, district: str, *, hours: tuple[int, int] | None = None, **fields):
    store = make_store(
        city=city, district_en=district, district_zh=f"{district}区", always_open=False, **fields
    )
    opens, closes = hours or (9, 21)
    set_hours(store=store, hours=[(day, dt.time(opens), dt.time(closes)) for day in range(7)])
    return store


def page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_every_count_is_what_the_list_then_shows(city) -> None:
    """For each combination of filters the counted number is the number of deals found."""
    food, coffee = make_category(), make_category()
    harbour, tower = store_in(city, "Harbour"), store_in(city, "Tower", hours=(18, 23))
    both = make_merchant()
    stores = [store_in(city, "Harbour", merchant=both), store_in(city, "Tower", merchant=both)]
    make_product(stores=[harbour], category=food, price_fen=3000)
    make_product(stores=[tower], category=food, price_fen=8000)
    make_product(merchant=both, category=coffee, price_fen=3000)
    make_product(merchant=both, stores=stores[:1], category=coffee, price_fen=60000)
    make_product(title_en="Elsewhere")
    with clock.at(MONDAY_NOON):
        for city_asked in (city, None):
            for categories in ((), (food.pk,)):
                for high in (None, 5000):
                    for open_at in (None, MONDAY_NOON):
                        for district in ("", "Tower") if city_asked else ("",):
                            query = ProductQuery(
                                city=city_asked,
                                categories=categories,
                                max_price_fen=high,
                                open_at=open_at,
                                district=district,
                            )
                            counts = facets(query)
                            found = find_products(query).rows
                            assert counts.exact
                            assert counts.total == len(found), query


def test_an_option_ignores_its_own_kind_and_keeps_the_others(city) -> None:
    food, coffee = make_category(), make_category()
    harbour, tower = store_in(city, "Harbour"), store_in(city, "Tower", hours=(18, 23))
    make_product(stores=[harbour], category=food, price_fen=3000)
    make_product(stores=[tower], category=food, price_fen=8000)
    make_product(stores=[harbour], category=coffee, price_fen=3000)
    with clock.at(MONDAY_NOON):
        counts = facets(ProductQuery(city=city, categories=(food.pk,), max_price_fen=5000))
    assert counts.total == 1
    assert counts.categories() == {food.pk: 1, coffee.pk: 1}
    assert counts.between(5000, 10000) == 1
    assert counts.open_now() == 1
    assert [(d.key, d.deals) for d in counts.districts()] == [("Harbour", 1)]


def test_open_and_district_must_be_met_by_one_and_the_same_store(city) -> None:
    merchant = make_merchant()
    store_in(city, "Harbour", merchant=merchant)
    store_in(city, "Tower", merchant=merchant, hours=(18, 23))
    make_product(merchant=merchant)
    with clock.at(MONDAY_NOON):
        assert facets(ProductQuery(city=city, district="Tower")).open_now() == 0
        query = ProductQuery(city=city, open_at=MONDAY_NOON)
        assert [d.key for d in facets(query).districts()] == ["Harbour"]


def test_beyond_the_limit_figures_are_the_least_there_is(city, monkeypatch) -> None:
    monkeypatch.setattr(room, "MOST", 3)
    for number in range(6):
        make_product(stores=[make_store(city=city)], price_fen=1000 + number)
    counts = facets(ProductQuery(city=city))
    assert not counts.exact
    assert counts.shown(counts.between(None, 5000)) == "4+"
    assert counts.shown(0) == ""
    assert counts.total_text(6) == "At least 6 deals"


def test_many_are_told_as_more_than_999(monkeypatch) -> None:
    counts = facets(ProductQuery())
    monkeypatch.setattr(counts, "total", 1000)
    assert counts.total_text(24) == "More than 999 deals"
    assert counts.shown(1000) == "999+"
    assert counts.shown(999) == "999"


def test_counting_is_one_query_at_any_size(city, django_assert_num_queries) -> None:
    for number in range(12):
        make_product(stores=[store_in(city, f"D{number}")], title_en="Dinner")
    with django_assert_num_queries(1):
        facets(ProductQuery(text="dinner", city=city))


def test_the_list_shows_counts_results_in_words_and_filters_to_take_away(client, city) -> None:
    food = make_category(name_en="Hot pot")
    make_product(stores=[store_in(city, "Harbour")], category=food, price_fen=3000)
    make_product(stores=[store_in(city, "Tower")], price_fen=8000)
    html = " ".join(page(client, "/products/").split())
    assert "2 deals" in html
    assert 'Hot pot <span class="chip__count">1</span>' in html
    assert 'Tower <span class="chip__count">1</span>' in html
    url = f"/products/?category={food.slug}&district=Harbour&max_price=50&q=&sort=price"
    response = client.get(url)
    assert "1 deal<" in response.content.decode()
    active = {chip["label"]: chip["url"] for chip in response.context["active"]}
    assert list(active) == ["Harbour", "Up to ¥50"]
    assert active["Harbour"] == f"?category={food.slug}&max_price=50&sort=price"
    for label, without in active.items():
        assert label not in [
            chip["label"] for chip in client.get(f"/products/{without}").context["active"]
        ]
    assert response.context["clear_url"] == f"?category={food.slug}&sort=price"


def test_limited_offers_and_new_deals_have_a_list_of_their_own(client, city) -> None:
    store = make_store(city=city)
    make_product(merchant=store.merchant, title_en="Usual")
    make_limited_offer(make_product(merchant=store.merchant, title_en="Brief"), price_fen=100)
    make_product(merchant=store.merchant, title_en="Youngest")

    def shown(url: str) -> list[str]:
        return [card["title"] for card in client.get(url).context["cards"]]

    assert shown("/products/?limited=on") == ["Brief"]
    assert shown("/products/?sort=newest") == ["Youngest", "Brief", "Usual"]
    home = page(client, "/")
    assert "/products/?limited=on" in home
    assert "/products/?sort=newest" in home


def test_nothing_found_offers_to_take_the_filters_away(client, city) -> None:
    make_product(stores=[store_in(city, "Harbour")], price_fen=3000, title_en="Dinner")
    html = page(client, "/products/?q=dinner&min_price=1000")
    assert "0 deals" in html
    assert "Clear all filters" in html
    assert 'href="?q=dinner"' in html


def test_words_that_find_nothing_lead_on_without_rows_of_empty_filters(client, city) -> None:
    food = make_category(name_en="Hot pot")
    make_product(stores=[store_in(city, "Harbour")], category=food)
    html = page(client, "/products/?q=nothing+like+it")
    assert "Try another word, or fewer of them." in html
    assert f'href="?category={food.slug}"' in html, "the shelves, without the words"
    for empty in ("All <span", "Best match", "Filters", "Clear all filters"):
        assert empty not in html, empty
    assert "Best match" not in page(client, "/products/?q=dinner"), "one deal needs no order"


@pytest.mark.parametrize(("most", "exact"), [(4, True), (3, False)])
def test_figures_are_exact_up_to_the_limit_itself(
    city, monkeypatch, most: int, exact: bool
) -> None:
    monkeypatch.setattr(room, "MOST", most)
    for number in range(4):
        make_product(stores=[make_store(city=city)], price_fen=1000 + number)
    assert facets(ProductQuery(city=city)).exact == exact


def test_an_unknown_district_is_said_and_limits_nothing(client, city) -> None:
    there = make_product(stores=[store_in(city, "Harbour")])
    asked = {"city": city.slug, "district": "Atlantis"}
    answer = client.get("/products/", asked, headers={"accept-language": "en"})
    assert "We know no district “Atlantis”" in answer.content.decode()
    assert there.title in answer.content.decode()
    assert "&amp;district=Atlantis" not in answer.context["list_html"]
    refused = client.get("/api/v1/products", asked)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["district"])
    alone = client.get("/api/v1/products", {"district": "Harbour"})
    assert (alone.status_code, list(alone.json()["fields"])) == (400, ["district"])


@pytest.mark.parametrize("name", ["Harbour", "Harbour区"])
def test_a_district_is_asked_for_by_either_of_its_names(client, city, name) -> None:
    there = make_product(stores=[store_in(city, "Harbour")])
    make_product(stores=[store_in(city, "Tower")])
    asked = {"city": city.slug, "district": name}
    rows = client.get("/api/v1/products", asked).json()["results"]
    assert [row["id"] for row in rows] == [there.pk]
    page = client.get("/products/", asked).content.decode()
    assert there.title in page
    assert "left-out" not in page
