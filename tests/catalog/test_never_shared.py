"""Two visitors who differ in anything that a page shows never get each other's part of it."""

from __future__ import annotations

import pickletools
import re
from typing import Any, NamedTuple

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.cards import picture_url
from catalog.models import Product
from catalog.structured import business_kind
from kernel.cache import keys as cache_keys
from kernel.cache import memo
from kernel.clock import at, now
from kernel.words import MatchesRowByRow, matches
from stores.models import Store
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
)

pytestmark = pytest.mark.django_db
SHOWN = ("sections_html", "list_html", "similar_html", "shared", "shared_html")


class Visitor(NamedTuple):
    url: str
    cookies: tuple[tuple[str, str], ...] = ()
    language: str = "en"


def as_from(url: str, language: str = "en", **cookies: str) -> Visitor:
    return Visitor(url, tuple(cookies.items()), language)


EAST, WEST = "30.2500,120.1600", "30.2900,120.2000"
PAIRS = [
    ("home: city cookie", as_from("/", city="east"), as_from("/", city="west")),
    ("home: position", as_from("/", near=EAST), as_from("/")),
    ("home: two positions", as_from("/", near=EAST), as_from("/", near=WEST)),
    ("home: language", as_from("/"), as_from("/", "zh-hans")),
    ("home: ?lang=", as_from("/?lang=zh-hans"), as_from("/")),
    ("list: city cookie", as_from("/products/", city="east"), as_from("/products/", city="west")),
    ("list: chosen city", as_from("/products/?city=east"), as_from("/products/?city=west")),
    ("list: everywhere", as_from("/products/?city="), as_from("/products/")),
    (
        "list: city named",
        as_from("/products/?city=east"),
        as_from("/products/", city="east"),
    ),
    (
        "list: category",
        as_from("/products/?category=tea"),
        as_from("/products/?category=noodles"),
    ),
    ("list: merchant", as_from("/products/?merchant=one"), as_from("/products/?merchant=two")),
    ("list: sort", as_from("/products/?sort=price"), as_from("/products/?sort=-price")),
    ("list: no sort", as_from("/products/?sort=price"), as_from("/products/")),
    ("list: page", as_from("/products/?city=east"), as_from("/products/?city=east&cursor=CURSOR")),
    ("list: language", as_from("/products/"), as_from("/products/", "zh-hans")),
    ("list: position", as_from("/products/", near=EAST), as_from("/products/")),
    ("list: words", as_from("/products/?q=green"), as_from("/products/?q=black")),
    ("list: price", as_from("/products/?min_price=1"), as_from("/products/?min_price=60")),
    (
        "list: highest price",
        as_from("/products/?max_price=900"),
        as_from("/products/?max_price=60"),
    ),
    (
        "list: radius",
        as_from("/products/?radius=1000", near=EAST),
        as_from("/products/?radius=30000", near=EAST),
    ),
    ("list: open now", as_from("/products/?open_now=on"), as_from("/products/")),
    ("list: limited", as_from("/products/?limited=on"), as_from("/products/")),
    (
        "list: district",
        as_from("/products/?city=east&district=Harbour"),
        as_from("/products/?city=east&district=Tower"),
    ),
    (
        "counts: city",
        as_from("/products/?city=east&min_price=1"),
        as_from("/products/?city=west&min_price=1"),
    ),
    (
        "counts: merchant",
        as_from("/products/?merchant=one&min_price=1&city="),
        as_from("/products/?merchant=two&min_price=1&city="),
    ),
    (
        "counts: limited",
        as_from("/products/?limited=on&min_price=1"),
        as_from("/products/?min_price=1"),
    ),
    (
        "counts: radius",
        as_from("/products/?radius=1000&city=", near=EAST),
        as_from("/products/?radius=1000&city=", near=WEST),
    ),
    ("similar: product", as_from("/products/GREEN/"), as_from("/products/BLACK/")),
    (
        "similar: city cookie",
        as_from("/products/GREEN/", city="east"),
        as_from("/products/GREEN/", city="west"),
    ),
    (
        "similar: language",
        as_from("/products/BLACK/", city="east"),
        as_from("/products/BLACK/", "zh-hans", city="east"),
    ),
    ("product: another", as_from("/products/GREEN/"), as_from("/products/BLACK/")),
    (
        "product: city cookie",
        as_from("/products/BOTH/", city="east"),
        as_from("/products/BOTH/", city="west"),
    ),
    ("product: language", as_from("/products/GREEN/"), as_from("/products/GREEN/", "zh-hans")),
    ("product: position", as_from("/products/GREEN/", near=EAST), as_from("/products/GREEN/")),
    (
        "product: two positions",
        as_from("/products/GREEN/", near=EAST),
        as_from("/products/GREEN/", near=WEST),
    ),
    ("store: another", as_from("/stores/HARBOUR/"), as_from("/stores/TOWER/")),
    (
        "store: city cookie",
        as_from("/stores/HARBOUR/", city="east"),
        as_from("/stores/HARBOUR/", city="west"),
    ),
    ("store: language", as_from("/stores/HARBOUR/"), as_from("/stores/HARBOUR/", "zh-hans")),
    ("store: position", as_from("/stores/HARBOUR/", near=EAST), as_from("/stores/HARBOUR/")),
    (
        "API: city",
        as_from("/api/v1/products?city=east"),
        as_from("/api/v1/products?city=west"),
    ),
    ("API: sort", as_from("/api/v1/products?sort=price"), as_from("/api/v1/products?sort=-price")),
    ("API: language", as_from("/api/v1/products"), as_from("/api/v1/products", "zh-hans")),
    ("API: words", as_from("/api/v1/products?q=green"), as_from("/api/v1/products?q=black")),
    (
        "API: position",
        as_from(f"/api/v1/products?near={EAST}"),
        as_from(f"/api/v1/products?near={WEST}"),
    ),
]


@pytest.fixture
def town(kept_town: dict[str, str], settings: Any) -> dict[str, str]:
    """The town, and parts of pages that are kept for a minute."""
    settings.SHARED_PART_SECONDS = 60
    return kept_town


@pytest.fixture(scope="module")
def kept_town(kept_rows: None) -> dict[str, str]:
    """Two cities, merchants, categories and districts; 30 deals more than one page shows."""
    east = make_city(slug="east", name_en="East", featured=True, latitude=30.25, longitude=120.16)
    west = make_city(slug="west", name_en="West", featured=True, latitude=30.29, longitude=120.2)
    tea, noodles = make_category(slug="tea"), make_category(slug="noodles")
    one, two = make_merchant(slug="one"), make_merchant(slug="two")
    harbour = make_store(merchant=one, city=east, district_en="Harbour")
    tower = make_store(merchant=one, city=east, district_en="Tower")
    other = make_store(merchant=two, city=west, latitude=30.29, longitude=120.2)
    third = make_store(merchant=two, city=east, latitude=30.25, longitude=120.16)
    green = make_product(
        merchant=one, stores=[harbour], category=tea, title_en="Green", price_fen=5000
    )
    black = make_product(
        merchant=two, stores=[other], category=tea, title_en="Black", price_fen=7000
    )
    make_limited_offer(black, price_fen=6500)
    both = make_product(merchant=two, stores=[other, third], category=tea, title_en="Both")
    for number in range(26):
        make_product(
            merchant=one,
            stores=[tower],
            category=noodles,
            title_en=f"Noodles {number}",
            price_fen=8000 + number,
        )
    return {
        "GREEN": str(green.pk),
        "BLACK": str(black.pk),
        "BOTH": str(both.pk),
        "HARBOUR": str(harbour.pk),
        "TOWER": str(tower.pk),
    }


def look(visitor: Visitor, town: dict[str, str]) -> Any:
    """What may be shared of the visitor's page; all of an answer of the API."""
    client = Client()
    for name, value in visitor.cookies:
        client.cookies[name] = value
    url = visitor.url
    for name, value in town.items():
        url = url.replace(name, value)
    answer = client.get(url, headers={"accept-language": visitor.language})
    assert answer.status_code == 200, url
    if url.startswith("/api/"):
        return [row["title"] for row in answer.json()["results"]], answer.content
    return {name: str(answer.context[name]) for name in SHOWN if name in answer.context}


@pytest.mark.parametrize(
    ("first", "second"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS]
)
def test_visitors_who_differ_never_share(town, first: Visitor, second: Visitor) -> None:
    with at(now().replace(hour=1, minute=30)):
        if "CURSOR" in second.url:
            page = Client().get(first.url)
            cursor = page.context["next_url"].split("cursor=")[1]
            second = second._replace(url=second.url.replace("CURSOR", cursor))
        alone = []
        for visitor in (first, second):
            cache.clear()
            alone.append(look(visitor, town))
        assert alone[0] != alone[1], "the two must see something else, or this proves nothing"
        for visitor, expected in ((first, alone[0]), (second, alone[1]), (first, alone[0])):
            assert look(visitor, town) == expected


@pytest.mark.parametrize(
    ("poison", "victim"),
    [
        ("/products/?sort=Tampered", "/products/"),
        ("/products/?city=Tampered", "/products/?city="),
        ("/products/?sort=price&sort=Tampered&sort=price", "/products/?sort=price"),
        ("/products/?category=tea&category=tea&Tampered=1", "/products/?category=tea"),
        ("/products/?utm=Tampered", "/products/"),
        ("/products/?limited=Tampered", "/products/?limited=on"),
    ],
)
def test_what_one_visitor_typed_is_in_nobody_else_s_page(town, poison: str, victim: str) -> None:
    Client().get(poison)
    assert "Tampered" not in Client().get(victim).content.decode()


def test_a_new_release_reads_nothing_that_the_old_one_kept(town, monkeypatch) -> None:
    """While both run side by side each has its own, whatever shape it keeps."""
    visitor = as_from("/products/?category=tea")
    look(visitor, town)
    cache_keys.release.cache_clear()
    for key in _kept():
        cache._cache.get_client().set(key, b"\x80\x05X\x07\x00\x00\x00another.")
    monkeypatch.setattr(cache_keys, "release", lambda: "next")
    assert "Green" in look(visitor, town)["list_html"]


def test_what_is_kept_is_made_of_plain_values(town) -> None:
    """A pickled object of a class would tie what is kept to the code that wrote it."""
    for visitor in (
        *(as_from(url) for url in ("/", "/products/", "/stores/", "/products/?q=green")),
        as_from("/products/GREEN/"),
    ):
        Client().get(visitor.url.replace("GREEN", town["GREEN"]))
    kept = _kept()
    assert len(kept) > 5
    for raw in kept.values():
        if not raw.isdigit():
            names = [code.name for code, _arg, _at in pickletools.genops(raw)]
            assert not {"GLOBAL", "STACK_GLOBAL", "REDUCE", "INST"} & set(names)


@pytest.mark.parametrize(
    "visitor",
    [
        as_from("/", near=EAST),
        as_from("/products/?radius=1000", near=EAST),
        as_from(f"/products/?radius=30000&near={WEST}"),
        as_from("/products/?q=green"),
    ],
    ids=lambda visitor: visitor.url,
)
def test_what_one_visitor_alone_asks_for_takes_no_room(town, visitor: Visitor) -> None:
    """Places and words that anybody can make up would drive out what everybody reads."""
    look(visitor, town)
    kinds = {key.split(b":")[-2] for key in _kept()}
    assert not kinds & {b"home", b"deals", b"counts"}


def test_visitors_near_by_leave_everybody_s_cards_in_place(town) -> None:
    """The way to the store is put in afterwards, so a card is drawn once for all of them."""
    memo._draw.cache_clear()
    Client().get("/products/?near=30.2500,120.1600")
    drawn = memo._draw.cache_info().misses
    for step in range(1, 6):
        html = Client().get(f"/products/?near=30.25{step}0,120.1600").content.decode()
        assert "<!--distance-->" not in html
        assert " m<" in html
    assert memo._draw.cache_info().misses <= drawn + 1, "at most the one that moves up to be first"


def test_what_a_merchant_changes_is_on_the_page_at_once(town) -> None:
    """The kept part goes by what the row says, so nobody who saves looks at yesterday's text."""
    product = Product.objects.get(pk=town["GREEN"])
    product_url, store_url = f"/products/{town['GREEN']}/", f"/stores/{town['HARBOUR']}/"
    Client().get(product_url), Client().get(store_url)

    product.description_en = "Now with a second cup"
    product.save()
    Store.objects.filter(pk=town["HARBOUR"]).update(address_en="7 New Quay")
    assert "Now with a second cup" in Client().get(product_url).content.decode()
    assert "7 New Quay" in Client().get(store_url).content.decode()


def test_a_price_is_never_kept(town) -> None:
    url = f"/products/{town['GREEN']}/"
    assert Client().get(url).context["best"].offer.price_fen == 5000
    make_limited_offer(Product.objects.get(pk=town["GREEN"]), price_fen=4321)
    html = Client().get(url).content.decode()
    panel = html[html.index('id="buy-panel"') : html.index("</aside>")]
    assert "43.21" in re.sub(r"<[^>]+>", "", panel)


def test_a_signed_address_of_a_picture_is_asked_for_each_time(settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tests.catalog.signing.SigningStorage"},
    }
    assert picture_url("tea.webp") != picture_url("tea.webp")


def _kept() -> dict[bytes, bytes]:
    client = cache._cache.get_client()
    return {key: client.get(key) for key in client.scan_iter("*") if client.type(key) == b"string"}


def test_a_key_tells_apart_what_only_looks_alike() -> None:
    keys = [
        cache_keys.counts("a,b", ""),
        cache_keys.counts("a", "b"),
        cache_keys.counts("a", None, "b"),
        cache_keys.counts(1, "2"),
        cache_keys.counts("1", 2),
        cache_keys.counts("\ud800"),
        cache_keys.counts("\\ud800"),
    ]
    assert len(set(keys)) == len(keys)


def test_two_businesses_are_each_told_as_what_they_are() -> None:
    """The kind that search engines read is kept for each merchant on its own."""
    kinds = []
    for trade in ("coffee", "hotel", "coffee"):
        store = make_store()
        make_product(merchant=store.merchant, category=make_category(trade=trade))
        kinds.append(business_kind(store))
    assert kinds[0] == kinds[2] != kinds[1]


def test_how_common_words_are_is_kept_for_each_model_and_each_vector() -> None:
    asked = {"model": "catalog.Product", "vector": "search_vector", "query": "'tea'"}
    others = [
        asked,
        {**asked, "model": "stores.Store"},
        {**asked, "vector": "BestWords(F(search_vector))"},
        {**asked, "query": "'tree'"},
    ]
    assert len({cache_keys.common_words(**about) for about in others}) == len(others)


def test_a_word_that_many_stores_have_is_still_rare_among_products(monkeypatch) -> None:
    monkeypatch.setattr("kernel.words.MANY", 2)
    for _ in range(2):
        make_store(name_en="Heron")
    assert isinstance(matches(Store, "search_vector", "'heron'"), MatchesRowByRow)
    assert not isinstance(matches(Product, "search_vector", "'heron'"), MatchesRowByRow)


@pytest.mark.parametrize("url", ["/", "/products/?city=east", "/stores/", "/products/GREEN/"])
def test_the_theme_of_one_visitor_is_in_nobody_else_s_page(town, url: str) -> None:
    """Whole pages: what is kept for all was drawn for a visitor of some theme."""

    def page(theme: str) -> str:
        client = Client()
        client.cookies["theme"] = theme
        html = client.get(url.replace("GREEN", town["GREEN"])).content.decode()
        return re.sub(r'(nonce|value|data-request)="[^"]*"', "", html)

    with at(now().replace(hour=1, minute=30)):
        alone = {}
        for theme in ("light", "dark"):
            cache.clear()
            alone[theme] = page(theme)
        assert alone["light"] != alone["dark"], "the two must see something else"
        assert [page(theme) for theme in ("dark", "light", "dark")] == [
            alone[theme] for theme in ("dark", "light", "dark")
        ]
