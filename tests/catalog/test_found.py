"""Words that no deal has find the deals of the stores that have them: a place, an address, a name."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.facets import facets
from catalog.found import find_deals
from catalog.search import ProductQuery, find_products
from stores.place_words import place_query, short_place
from tests.factories import make_category, make_city, make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db
HEADING = "Deals of stores that match"


@pytest.fixture
def town() -> Any:
    """Two brands: one with a store at the mill and one at the gate, one at the gate alone."""
    city = make_city(slug="town", name_en="Town", featured=True)
    otter, finch = make_merchant(name_en="Otter"), make_merchant(name_en="Finch")
    mill = make_store(
        merchant=otter, city=city, name_en="Otter One", name_zh="水獭", district_en="Old Mill",
        district_zh="荷湖区", address_en="7 Weaver Lane", address_zh="织匠巷 7 号",
    )  # fmt: skip
    gate = {"city": city, "district_en": "East Gate", "district_zh": "东门"}
    make_store(merchant=otter, name_en="Otter Two", name_zh="水獭二", **gate)
    make_store(merchant=finch, name_en="Finch Place", name_zh="燕雀", **gate)
    tea = make_category(slug="tea")
    make_product(merchant=otter, stores=[mill], title_en="Soup at the mill", price_fen=2000)
    make_product(merchant=otter, title_en="Soup anywhere", price_fen=5000)
    make_product(merchant=finch, title_en="Tea", title_zh="茶", category=tea, price_fen=900)
    return city


def titles(text: str, **asked: Any) -> set[str]:
    return {row.title_en for row in find_deals(ProductQuery(text=text, **asked)).page.rows}


@pytest.mark.parametrize("words", ["old mill", "荷湖区", "荷湖", "荷湖區", "Weaver Lane", "织匠巷"])
def test_a_place_finds_what_can_be_used_there(town, words) -> None:
    assert titles(words) == {"Soup at the mill", "Soup anywhere"}


@pytest.mark.parametrize("words", ["east gate", "东门", "东门区", "東門區", "东门镇"])
def test_a_deal_that_names_other_stores_is_not_among_them(town, words) -> None:
    assert titles(words) == {"Soup anywhere", "Tea"}


@pytest.mark.parametrize("words", ["东门", "东门区", "東門鎮"])
def test_the_list_of_stores_knows_a_place_with_or_without_its_kind(client, town, words) -> None:
    assert len(client.get("/stores/", {"q": words}).context["store_cards"]) == 2


def test_words_that_a_deal_has_find_deals_alone(town) -> None:
    make_store(merchant=make_merchant(), city=town, name_en="Tea House")
    found = find_deals(ProductQuery(text="tea"))
    assert not found.by_store
    assert [row.title_en for row in found.page.rows] == ["Tea"]


def test_a_filter_that_hides_every_deal_with_the_words_does_not_turn_to_stores(town) -> None:
    make_store(merchant=make_merchant(), city=town, name_en="Tea House")
    make_product(
        merchant=town.stores.get(name_en="Tea House").merchant, title_en="Cake", price_fen=60_000
    )
    assert titles("tea", min_price_fen=50_000) == set()


def test_filters_hold_for_the_deals_of_stores(town) -> None:
    assert titles("东门", max_price_fen=1000) == {"Tea"}
    assert titles("东门", merchant_id=town.stores.get(name_en="Finch Place").merchant_id) == {"Tea"}
    assert titles("东门", city=town) == {"Soup anywhere", "Tea"}
    assert titles("东门", city=make_city(slug="far")) == set()


@pytest.mark.parametrize("words", ["nowhere", "…", "东 荷湖", "\x00"])
def test_words_that_nobody_has_find_nothing(town, words) -> None:
    assert titles(words) == set()


def test_the_figures_are_those_of_the_deals_shown(town) -> None:
    found = find_deals(ProductQuery(text="东门", city=town))
    assert facets(found.query).total == len(found.page.rows) == 2


def test_the_list_says_that_these_are_deals_of_stores(client, town) -> None:
    html = client.get("/products/?q=东门&city=town").content.decode()
    assert HEADING in html
    assert "2 deals" in html
    assert "No deal fits" not in html
    assert HEADING not in client.get("/products/?q=soup&city=town").content.decode()


def test_every_order_and_page_of_them_can_be_reached(client, town) -> None:
    for number in range(30):
        make_product(
            merchant=town.stores.get(name_en="Finch Place").merchant, title_en=f"Seed {number}"
        )
    for sort in ("relevance", "price", "-price", "sales", "rating", "newest", "distance"):
        url, seen = f"/products/?q=东门&city=town&sort={sort}&near=30,120", set()
        while url:
            page = client.get(url)
            assert HEADING in page.content.decode(), sort
            seen |= {card["title"] for card in page.context["cards"]} if page.context else set()
            url = f"/products/{page.context['next_url']}" if page.context["next_url"] else ""
        assert len(seen) == 32, sort


def test_the_api_finds_the_same(client, town) -> None:
    rows = client.get("/api/v1/products", {"q": "荷湖", "page_size": 1}).json()
    assert len(rows["results"]) == 1
    more = client.get(rows["next"]).json()
    found = {row["title"] for row in rows["results"] + more["results"]}
    assert found == {"Soup at the mill", "Soup anywhere"}


def asked_of_the_database(find: Any, text: str) -> int:
    query = ProductQuery(text=text)
    find(query)
    with CaptureQueriesContext(connection) as asked:
        find(query)
    return len(asked)


def test_ordinary_words_cost_what_they_did(town) -> None:
    assert asked_of_the_database(find_deals, "soup") == asked_of_the_database(find_products, "soup")


def test_a_place_costs_the_same_for_one_deal_and_for_many(town) -> None:
    few = asked_of_the_database(find_deals, "东门")
    finch = town.stores.get(name_en="Finch Place").merchant
    for number in range(20):
        make_product(merchant=finch, title_en=f"Seed {number}")
        make_store(merchant=finch, city=town, name_en=f"Finch {number}", district_zh="东门")
    assert asked_of_the_database(find_deals, "东门") == few <= 6


def test_a_place_is_asked_for_with_and_without_its_kind() -> None:
    assert short_place("荷湖區 Lake 古镇 超市") == "荷湖 lake 古镇 超市"
    assert place_query("超市") == "'超市'"
    assert place_query("东门镇") == "('东门' & '镇') | ('东门')"
    assert place_query("gate") == "'gate':*"
    assert place_query("") == ""


@pytest.mark.parametrize("words", ["old mill", "Old  Mill", "荷湖区", "荷湖", "荷湖區"])
def test_the_name_of_a_district_leads_to_all_its_deals(client, town, words) -> None:
    make_product(merchant=make_merchant(), title_en="Old Mill bread", title_zh="荷湖面包")
    context = client.get("/products/", {"q": words, "sort": "price"}).context
    assert context["district"]["name"] == "Old Mill"
    there = client.get(f"/products/{context['district']['url']}").context
    assert {card["title"] for card in there["cards"]} == {"Soup at the mill", "Soup anywhere"}


def test_other_words_lead_to_no_district(client, town) -> None:
    for words in ("soup", "otter", "weaver lane"):
        assert client.get("/products/", {"q": words}).context["district"] is None
