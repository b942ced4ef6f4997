"""Who types a store's name or a place into the search finds the stores, and what they sell."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from tests.factories import make_city, make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake() -> Any:
    """Four stores at one lake, one across the bay, and a deal that names neither."""
    city = make_city(slug="linwan", featured=True)
    merchant = make_merchant(name_en="Heron")
    for number in range(4):
        make_store(
            merchant=merchant,
            city=city,
            name_en=f"Heron House {number}",
            district_en="Reed Lake",
            district_zh="苇湖",
        )
    gull = make_merchant(name_en="Gull")
    make_store(merchant=gull, city=city, name_en="Gull House", district_en="Bay")
    make_product(merchant=merchant, title_en="Dumplings")
    return city


def look(client: Any, query: str) -> Any:
    answer = client.get(f"{reverse('product_list')}?{query}")
    assert answer.status_code == 200
    return answer


def shown(answer: Any) -> int:
    return answer.content.decode().count('<article class="store">')


@pytest.mark.parametrize("words", ["苇湖", "reed lake", "Heron House"])
def test_a_place_or_a_name_finds_stores_and_the_way_to_all_of_them(client, lake, words) -> None:
    answer = look(client, f"q={words}&city=linwan")
    assert shown(answer) == 3
    link = urlencode({"q": words, "city": "linwan"}).replace("&", "&amp;")
    assert f'href="/stores/?{link}"' in answer.content.decode()
    everything = client.get("/stores/", {"q": words, "city": "linwan"})
    assert len(everything.context["store_cards"]) == 4
    api = client.get("/api/v1/stores", {"q": words, "city": "linwan"}).json()
    assert len(api["results"]) == 4


def test_where_only_stores_are_found_the_page_says_where_to_go_on(client, lake) -> None:
    html = look(client, "q=Gull").content.decode()
    assert "No deal has these words" in html
    assert "Try another word" not in html


def test_words_that_name_no_store_show_no_row(client, lake) -> None:
    answer = look(client, "q=dumplings")
    assert shown(answer) == 0
    assert 'id="found-stores"' not in answer.content.decode()


@pytest.mark.parametrize("more", ["min_price=1", "limited=on", "district=Bay&city=linwan"])
def test_who_filters_deals_is_shown_deals_alone(client, lake, more) -> None:
    assert shown(look(client, f"q=Heron&{more}")) == 0


def test_a_store_of_another_city_is_not_in_the_row(client, lake) -> None:
    make_city(slug="elsewhere", featured=True)
    assert shown(look(client, "q=Heron&city=elsewhere")) == 0
    assert shown(look(client, "q=Heron&city=")) == 3


def test_the_row_costs_the_same_for_one_store_and_for_many(
    client, lake, django_assert_max_num_queries
) -> None:
    for words in ("Gull", "Heron"):
        look(client, f"q={words}")
        with django_assert_max_num_queries(8):
            look(client, f"q={words}")
