"""What many visitors see alike is drawn once in some seconds; what is one's own never is."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Product
from tests.factories import make_city, make_product, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def dinner(settings):
    settings.SHARED_PART_SECONDS = 60
    city = make_city(featured=True, name_zh="临湾")
    return make_product(title_en="Dinner", title_zh="晚餐", stores=[make_store(city=city)])


def rename(product, title: str) -> None:
    Product.objects.filter(pk=product.pk).update(title_en=title)


def text(client, url: str, **headers: str) -> str:
    return client.get(url, headers={"accept-language": "en", **headers}).content.decode()


@pytest.mark.parametrize(
    "url", ["/", "/products/", "/products/?sort=price", "/products/?from=letter"]
)
def test_the_entry_pages_are_drawn_once_for_everybody(
    client, dinner, url, django_assert_max_num_queries
) -> None:
    assert "Dinner" in text(client, url)
    rename(dinner, "Supper")
    with django_assert_max_num_queries(1):
        assert "Dinner" in text(client, url)
    assert "晚餐" in text(client, url, **{"accept-language": "zh-CN"}), "a language has its own"
    cache.clear()
    assert "Supper" in text(client, url)


@pytest.mark.parametrize(
    "url",
    ["/?near=30.0,120.0", "/products/?near=30.0,120.0", "/products/?min_price=1"],
)
def test_what_few_ask_for_is_always_read_afresh(client, dinner, url) -> None:
    text(client, url)
    rename(dinner, "Supper dinner")
    assert "Supper dinner" in text(client, url)


def test_a_product_s_own_facts_are_never_old(client, dinner) -> None:
    url = f"/products/{dinner.pk}/"
    text(client, url)
    rename(dinner, "Supper")
    assert "<h1" in text(client, url)
    assert "Supper" in text(client, url)


def test_the_counts_of_a_search_serve_all_its_filters(client, dinner) -> None:
    """Each filter's figures come from the same rows: asked once, right for every filter."""
    make_product(title_en="Tea", stores=[make_store(city=dinner.stores.get().city)], price_fen=900)
    text(client, "/products/?q=dinner")  # places and categories are kept from here on
    with CaptureQueriesContext(connection) as first:
        assert "2 deals" in text(client, "/products/?min_price=5")
    with CaptureQueriesContext(connection) as second:
        assert "1 deal<" in text(client, "/products/?max_price=10")
    assert len(second) == len(first) - 1
    with CaptureQueriesContext(connection) as words:
        assert "1 deal<" in text(client, "/products/?q=tea")
    assert len(words) >= len(first), "words of one's own are always counted afresh"
