"""Whatever stands in an address, a cookie or a cursor is read, or is not there; nothing breaks."""

from __future__ import annotations

import base64
import json

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from kernel.errors import InvalidInput
from kernel.http.keyset import Cursor, Order
from kernel.http.reading import came_from, next_path, read_slug
from kernel.ids import clean_code
from kernel.numerals import MAX_ID, read_number
from members.services.accounts import issue_token
from tests.access.addresses import addresses
from tests.factories import cast, make_city, make_product, make_store, make_user

pytestmark = pytest.mark.django_db
TOO_LARGE = ("9223372036854775808", "18446744073709551616", "7" * 31, "1" * 5000)
DIGITS_BY_LOOKS = ("²", "❶", "⑵", "㊄", "Ⅷ")


@pytest.mark.parametrize("number", TOO_LARGE)
@pytest.mark.parametrize(
    "address",
    [
        "/products/{}/",
        "/products/{}/stores/",
        "/products/{}/reviews/",
        "/stores/{}/",
        "/stores/{}/reviews/",
        "/api/v1/products/{}",
        "/api/v1/products/{}/stores",
        "/api/v1/stores/{}",
        "/api/v1/stores/{}/reviews",
        "/sitemap-products-{}.xml",
    ],
)
def test_a_number_that_no_key_can_be_is_not_found(
    client: Client, address: str, number: str
) -> None:
    assert client.get(address.format(number)).status_code == 404


@pytest.mark.parametrize("number", [*TOO_LARGE, str(MAX_ID)])
def test_no_person_finds_a_row_by_such_a_number(client: Client, number: str) -> None:
    client.force_login(cast().clerk)
    for address in (f"/console/{number}/", f"/vouchers/{number}/", f"/vouchers/{number}/qr.svg"):
        assert client.get(address).status_code == 404
    assert client.post(f"/inbox/{number}/").status_code == 404


def test_the_largest_sitemap_part_is_not_found(client: Client) -> None:
    assert client.get(f"/sitemap-products-{MAX_ID}.xml").status_code == 404


def test_no_address_takes_numbers_without_an_end() -> None:
    routes = [entry.route for entry in addresses(get_resolver())]
    own = [route for route in routes if not route.startswith("admin/")]
    assert [route for route in own if "<int:" in route or "<str:" in route] == []


@pytest.mark.parametrize("number", ["%00", "1%002", "a%20b", "%EF%BC%91", "x" * 41, "%E2%80%AE1"])
def test_an_order_number_is_letters_and_digits(client: Client, number: str) -> None:
    client.force_login(make_user())
    for ending in ("", "pay/"):
        assert client.get(f"/orders/{number}/{ending}").status_code == 404
    assert client.post(f"/orders/{number}/cancel/").status_code == 404


@pytest.mark.parametrize("slug", ["%01", "a%01", "%1F", "x" * 300, "%ED%A0%80", "a/b", "%E2%80%AE"])
def test_what_is_no_slug_names_nothing(client: Client, slug: str) -> None:
    make_product(stores=[make_store(city=make_city(featured=True))])
    for page in ("/products/", "/stores/"):
        assert client.get(f"{page}?city={slug}").status_code == 200
        assert client.get(f"{page}?merchant={slug}").status_code == 404
    assert client.get(f"/products/?category={slug}").status_code == 404
    for name in ("city", "merchant", "category"):
        assert client.get(f"/api/v1/products?{name}={slug}").status_code == 400


@pytest.mark.parametrize("name", ["city", "near", "theme", "django_language", "sessionid"])
@pytest.mark.parametrize("value", ["a\x00b", "\x1f", "nan,nan", "1e999,0", "x" * 3000])
def test_a_cookie_that_is_not_ours_is_not_there(client: Client, name: str, value: str) -> None:
    make_store(city=make_city(featured=True))
    for path in ("/", "/products/", "/stores/"):
        client.cookies[name] = value
        assert client.get(path).status_code == 200


def test_numbers_are_ascii_digits_within_their_column() -> None:
    assert [read_number(text) for text in ("0", "17", str(MAX_ID))] == [0, 17, MAX_ID]
    for text in (
        "",
        "-1",
        "+1",
        " 1",
        "1.0",
        "1e3",
        "፩",
        "１",
        str(MAX_ID + 1),
        "9" * 5000,
        None,
        1,
    ):
        assert read_number(text) is None
    assert read_number("100", most=99) is None


def test_slugs_are_words_of_at_most_80_signs() -> None:
    assert read_slug("shang-hai_2") == "shang-hai_2"
    assert read_slug("上海") == "上海"
    assert [read_slug(text) for text in ("", "a b", "a\x00", "x" * 81, "a\n", None, 7)] == [""] * 7


@pytest.mark.parametrize("sign", DIGITS_BY_LOOKS)
def test_a_sign_that_looks_like_a_digit_is_none(sign: str) -> None:
    assert clean_code(sign * 12) == ""


def test_digits_of_every_script_are_digits() -> None:
    assert clean_code("१२३ ４５６ ٧٨٩") == "123456789"


def test_a_code_of_such_signs_is_unknown_at_the_counter(client: Client) -> None:
    people = cast()
    client.force_login(people.clerk)
    for sign in DIGITS_BY_LOOKS:
        answer = client.post(f"/console/{people.store.pk}/preview/", {"code": sign * 12})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "home",
        "order_detail",
        "stores.views.store_list",
        "//evil.example/",
        "/\\evil.example",
        "https://evil.example/",
        "http://testserver/basket/",
        "javascript:alert(1)",
        "/a\nb",
        "/a\x00",
        "/\ud800",
        "/" + "x" * 3000,
        "?page=2",
        "",
        None,
    ],
)
def test_next_is_a_path_of_ours_or_nothing(target: str | None) -> None:
    assert next_path(RequestFactory().get("/"), target) == ""


def test_next_keeps_its_parameters() -> None:
    assert next_path(RequestFactory().get("/"), "/products/?q=a&page=2#top") == (
        "/products/?q=a&page=2#top"
    )


@pytest.mark.parametrize("target", ["basket", "no.such.view", "//evil.example/", "x\x01"])
def test_no_form_follows_a_next_that_is_no_path(client: Client, target: str) -> None:
    city = make_city(featured=True)
    chosen = client.post("/city/", {"city": city.slug, "next": target})
    assert chosen["Location"] == "/"
    user = make_user()
    client.force_login(user)
    assert client.get("/login/", {"next": target})["Location"] == reverse("account")
    added = client.post("/basket/add/", {"offer": 1, "next": target})
    assert added.status_code == 400 or added["Location"] == reverse("basket")


ORDER = Order("price", ("price_fen", "id"))


@pytest.mark.parametrize(
    "content",
    [
        ["price", 0, [1e400, 1], 0],
        ["price", 0, [float("nan"), 1], 0],
        ["price", 0, [10**30, 1], 0],
        ["price", 0, [True, 1], 0],
        ["price", 0, ["1", 1], 0],
        ["price", 0.5, [1, 1], 0],
        ["price", True, [1, 1], 0],
        ["price", [0], [1, 1], 0],
        ["price", 0, 7, 0],
        ["price", 0, [1], 0],
        ["other", 0, [1, 1], 0],
        [],
        {},
        None,
    ],
)
def test_a_cursor_that_no_page_gave_is_refused(content: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(InvalidInput):
        Cursor.decode(text, order=ORDER, segments=1)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b"\xff\xfe", b"1" * 5000, b""])
def test_a_cursor_that_no_parser_takes_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        Cursor.decode(base64.urlsafe_b64encode(raw).decode() or "=", order=ORDER, segments=1)


def api_cursor(place: object) -> str:
    content = json.dumps(["newest", 0, [place], 0])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "place", ["x", "\x00", "7", 10**30, 1e400, None, True, "0001-01-01 00:00:00+14:00", ""]
)
@pytest.mark.parametrize(
    "path", ["/api/v1/vouchers?", "/api/v1/console/redemptions?store={store}&"]
)
def test_a_list_of_the_api_refuses_a_place_that_no_row_has(
    client: Client, path: str, place: object
) -> None:
    people = cast()
    token = issue_token(user=people.clerk)
    address = path.format(store=people.store.pk) + f"cursor={api_cursor(place)}"
    answer = client.get(address, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 400


@pytest.mark.parametrize("given", ["፩", "9" * 40, "-1", "1.5", "\x01", "x"])
def test_a_cursor_that_is_none_is_the_first_page_of_a_list(client: Client, given: str) -> None:
    client.force_login(make_user())
    for path in ("/orders/", "/vouchers/", "/inbox/"):
        assert client.get(path, {"cursor": given}).status_code == 200
    assert client.get("/checkout/", {"offer": given}).status_code == 302


@pytest.mark.parametrize(
    ("referer", "path"),
    [
        ("http://testserver/basket/?next=1", "/basket/?next=1"),
        ("http://testserver/checkout/", "/checkout/"),
        ("http://elsewhere.example/basket/", ""),
        ("http://testserver//elsewhere.example/", ""),
        ("http://[", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_the_way_back_is_the_page_of_ours_that_led_here(
    rf: RequestFactory, referer: str, path: str
) -> None:
    assert came_from(rf.post("/orders/7/pay/", HTTP_REFERER=referer)) == path


def test_a_page_is_not_its_own_way_back(rf: RequestFactory) -> None:
    same = {"HTTP_REFERER": "http://testserver/orders/7/"}
    assert came_from(rf.get("/orders/7/", **same)) == ""
    assert came_from(rf.post("/orders/7/", **same)) == "/orders/7/"
