"""A filter that cannot be meant is told on the page; the list is shown without it."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache

from tests.factories import make_city, make_merchant, make_product, make_store

pytestmark = pytest.mark.django_db
ALERT = '<div class="alert alert--warn" role="status">'


@pytest.fixture
def shop() -> Any:
    city = make_city(slug="haven", name_en="Haven", featured=True)
    merchant = make_merchant()
    make_store(merchant=merchant, city=city, name_en="Quay Kitchen", district_en="Docks")
    make_product(merchant=merchant, title_en="Noodle lunch", price_fen=4200)
    return city


def look(client: Any, path: str) -> tuple[str, str]:
    """The page, and what its notice says."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    html = answer.content.decode()
    notice = html.split(ALERT)[1].split("</div>")[0] if ALERT in html else ""
    return html, unescape(notice)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("min_price=cheap", "“cheap” is not a price; it was left out."),
        ("max_price=-3", "“-3” is not a price; it was left out."),
        ("max_price=1.239", "“1.239” is not a price; it was left out."),
        ("max_price=NaN", "“NaN” is not a price; it was left out."),
        ("min_price=99999999999", "“99999999999” is more than anything costs here; it was left out."),
        ("min_price=90&max_price=12", "The upper price is below the lower one; both were left out."),
        ("sort=fastest", "There is no order “fastest”; the usual one was taken."),
        ("sort=distance", "“Nearest” needs your position; the usual order was taken."),
        ("radius=3000", "A distance needs your position; it was left out."),
        ("radius=77&near=30,120", "“77” is not a distance to choose; it was left out."),
        ("near=here", "“here” is not a position; it was left out."),
        ("city=atlantis", "We do not know the city “atlantis”; it was left out."),
        ("city=&district=Docks", "A district needs a city; it was left out."),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_told_and_hides_nothing(client, shop, asked, told) -> None:
    html, notice = look(client, f"/products/?{asked}")
    assert told in notice
    assert "Noodle lunch" in html


@pytest.mark.parametrize("path", ["/products/", "/stores/"])
def test_words_too_long_are_told_by_their_beginning(client, shop, path) -> None:
    html, notice = look(client, f"{path}?q={'noodle' * 500}&city=haven")
    begins = ("noodle" * 500)[:30]
    assert f"“{begins}…” is longer than 100 characters; it was left out." in notice
    assert "Noodle lunch" in html if path == "/products/" else "Quay Kitchen" in html
    assert "noodle" * 10 not in html.split("<main")[1].split("<footer")[0], (
        "no link and no field carries it on"
    )


@pytest.mark.parametrize("asked", ["city=atlantis", "near=91,0", "near=x"])
def test_the_list_of_stores_tells_it_too(client, shop, asked) -> None:
    html, notice = look(client, f"/stores/?{asked}")
    assert "it was left out" in notice
    assert "Quay Kitchen" in html


def test_one_bad_filter_of_stores_leaves_the_good_ones(client, shop) -> None:
    answer = client.get(f"/stores/?q={'x' * 101}&open_now=on")
    assert answer.context["chips"][0]["current"] is True


@pytest.mark.parametrize(
    "path",
    ["/products/", "/products/?q=", "/products/?min_price=&max_price=&sort=&city=&near=",
     "/products/?min_price=10&max_price=10", "/products/?near=none", "/products/?utm_source=x",
     "/products/?near=30,120&sort=distance&radius=5000", "/stores/", "/stores/?city=haven&q=quay"],
)  # fmt: skip
def test_nothing_is_told_where_everything_holds(client, shop, path) -> None:
    assert look(client, path)[1] == ""


def test_a_wrong_price_stays_in_its_field_and_is_marked(client, shop) -> None:
    html, _notice = look(client, "/products/?min_price=cheap&max_price=80")
    form = html.split('class="form filters__form"')[1].split("</form>")[0]
    field = form.split('name="min_price"')[1].split(">")[0]
    assert 'value="cheap"' in field
    assert 'aria-invalid="true"' in field
    assert 'value="80"' in form
    html, _notice = look(client, "/products/?min_price=90&max_price=12")
    form = html.split('class="form filters__form"')[1].split("</form>")[0]
    assert 'value="90"' in form and 'value="12"' in form


def test_what_is_told_is_plain_text(client, shop) -> None:
    for value in ("<img src=x onerror=alert(1)>", "a\x1eb\x1b", "\u202eevil", "%(value)s %s"):
        html, notice = look(client, f"/products/?min_price={quote(value)}")
        assert "it was left out" in notice
        assert "<img src=x" not in html
        assert not set("\x1e\x1b\u202e") & set(notice)


def test_what_is_told_is_in_the_language_of_the_page(client, shop) -> None:
    html, notice = look(client, "/products/?min_price=便宜&lang=zh-hans")
    assert "“便宜”不是价格，已忽略。" in notice
    for word in ("left out", "Some filters"):
        assert word not in html


def test_nobody_else_is_told(client, shop, settings) -> None:
    settings.SHARED_PART_SECONDS = 60
    cache.clear()
    for path in ("/products/?city=", "/products/"):
        bad = f"{path}{'&' if '?' in path else '?'}sort=fastest"
        assert look(client, bad)[1]
        assert "fastest" not in look(client, path)[0]
    assert look(client, "/products/?city=atlantis")[1]
    assert "atlantis" not in look(client, "/products/?city=")[0]


@pytest.mark.parametrize(
    ("asked", "field"),
    [("q=" + "x" * 101, "q"), ("city=atlantis", "city"), ("sort=fastest", "sort"),
     ("min_price_fen=cheap", "min_price_fen"), ("near=here", "near"), ("sort=distance", "near"),
     ("min_price_fen=9&max_price_fen=1", "max_price_fen")],
)  # fmt: skip
def test_the_api_refuses_the_same(client, shop, asked, field) -> None:
    answer = client.get(f"/api/v1/products?{asked}")
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
