"""The API as issue 1 promises it: paths, methods and field names. Stable from now on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from kernel.clock import now
from tests.factories import (
    PASSWORD,
    make_limited_offer,
    make_product,
    make_staff,
    make_store,
    make_user,
)

pytestmark = pytest.mark.django_db

PATHS = """
    POST auth/login
    POST auth/logout
    GET stores
    GET stores/1
    GET products
    GET products/1
    POST orders
    GET orders
    GET orders/NUMBER
    POST orders/NUMBER/cancel
    POST orders/NUMBER/payments
    GET vouchers
    GET vouchers/1
    GET vouchers/1/qr.png
    GET vouchers/1/qr.svg
    POST vouchers/1/refund
    POST console/previews
    POST console/redemptions
    POST console/redemptions/1/undo
    GET console/redemptions
    POST reviews
    GET products/1/reviews
    GET stores/1/reviews
"""


@pytest.mark.parametrize("line", [line.strip() for line in PATHS.strip().splitlines()])
def test_the_promised_addresses_exist(line: str) -> None:
    method, path = line.split()
    try:
        view = resolve(f"/api/v1/{path}").func
    except Resolver404:
        pytest.fail(f"/api/v1/{path} does not exist")
    assert hasattr(view.view_class, method.lower())  # type: ignore[attr-defined]


class Caller:
    """An integrator: JSON in, JSON out, one token."""

    def __init__(self) -> None:
        self.token = ""
        self.count = 0

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        self.count += 1
        headers = {"Idempotency-Key": f"contract-{self.count:04}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        response = Client().generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )
        assert response.status_code == status, response.content
        return json.loads(response.content) if response.content else None

    def log_in(self, identifier: str) -> Any:
        answer = self("POST", "auth/login", {"identifier": identifier, "password": PASSWORD})
        self.token = answer["token"]
        return answer


class Shop:
    """A product at a store, with a limited-time price; its buyer and its clerk at the API."""

    def __init__(self) -> None:
        self.store = make_store(latitude=30.25, longitude=120.16)
        self.product = make_product(
            stores=[self.store], title_en="Dumplings", price_fen=5000, stock=100
        )
        self.limited = make_limited_offer(
            self.product, price_fen=3000, quota=10, per_person_limit=5
        )
        self.near = f"near={self.store.latitude},{self.store.longitude}"
        self.customer, self.counter = Caller(), Caller()
        self.customer.log_in(make_user().email)
        self.counter.log_in(make_staff(self.store).email)

    def order(self, quantity: int) -> Any:
        lines = {"lines": [{"offer": self.limited.pk, "quantity": quantity}]}
        return self.customer("POST", "orders", lines, status=201)

    def paid_order(self, quantity: int) -> Any:
        """Order and pay at the cashier page; returns the order as it then is."""
        path = f"orders/{self.order(quantity)['number']}"
        payment = self.customer("POST", f"{path}/payments", {"gateway": "sandbox"}, status=201)
        cashier = "/" + payment["pay_url"].split("/", 3)[3]
        assert b"<form" in Client().get(cashier).content
        assert Client().post(cashier, {"outcome": "paid"}).status_code == 302
        return self.customer("GET", path)

    def vouchers(self, quantity: int) -> list[Any]:
        self.paid_order(quantity)
        return list(self.customer("GET", "vouchers")["results"])


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_login_gives_a_token_and_says_who_one_is() -> None:
    person = make_user()
    answer = Caller().log_in(person.email)
    assert {"token", "user", "role"} <= set(answer)
    assert (answer["role"], answer["user"]["role"]) == ("customer", "customer")


def test_a_logout_ends_the_token(shop: Shop) -> None:
    shop.customer("POST", "auth/logout", status=204)
    shop.customer("GET", "vouchers", status=401)


def test_lists_are_cursor_pages_and_tell_the_distance(shop: Shop) -> None:
    listed = shop.customer("GET", f"stores?{shop.near}&radius=5000&open_now=true")
    assert set(listed) == {"next", "previous", "results"}
    assert listed["results"][0]["distance_metres"] == 0
    city = shop.store.city.slug
    assert shop.customer("GET", f"stores?city={city}&q={shop.store.name_en}")["results"]
    assert shop.customer("GET", f"stores/{shop.store.pk}?{shop.near}")["distance_metres"] == 0
    filters = f"q=dumplings&{shop.near}&min_price_fen=1&max_price_fen=9999&city={city}"
    category = shop.product.category.slug
    found = shop.customer("GET", f"products?{filters}&category={category}&sort=distance")
    assert [row["id"] for row in found["results"]] == [shop.product.pk]
    for sort in ("relevance", "price", "-price", "sales", "rating"):
        assert shop.customer("GET", f"products?sort={sort}")["results"]


def test_a_product_has_its_offers_and_its_stores(shop: Shop) -> None:
    detail = shop.customer("GET", f"products/{shop.product.pk}?{shop.near}")
    offers = {offer["kind"]: offer for offer in detail["offers"]}
    assert set(offers) == {"normal", "limited"}
    names = "id kind price_fen list_price_fen starts_at ends_at remaining per_person_limit"
    assert set(names.split()) <= set(offers["limited"])
    assert offers["limited"]["price_fen"] == 3000
    assert (offers["limited"]["remaining"], offers["limited"]["per_person_limit"]) == (10, 5)
    assert {"id", "name", "distance_metres", "open_now"} <= set(detail["stores"][0])


def test_an_order_is_placed_paid_listed_and_cancelled(shop: Shop) -> None:
    order = shop.order(3)
    assert {"number", "state", "total_fen", "expires_at", "lines"} <= set(order)
    assert (order["state"], order["total_fen"]) == ("pending", 9000)
    cancelled = shop.customer("POST", f"orders/{order['number']}/cancel")
    assert cancelled["state"] == "cancelled"
    paid = shop.paid_order(2)
    assert paid["state"] == "paid"
    assert [row["number"] for row in shop.customer("GET", "orders")["results"]] == [
        paid["number"],
        order["number"],
    ]


def test_a_voucher_has_a_typed_code_and_a_picture(shop: Shop) -> None:
    order = shop.paid_order(1)
    (listed,) = shop.customer("GET", "vouchers")["results"]
    voucher = shop.customer("GET", f"vouchers/{listed['id']}")
    assert {"id", "code", "order", "state", "uses_left", "valid_until", "terms"} <= set(voucher)
    assert (voucher["order"], voucher["state"]) == (order["number"], "active")
    assert voucher["uses_left"] == 1
    assert len(voucher["code"]) == 12 and voucher["code"].isdigit()
    check_pictures(shop.customer, voucher["id"])


def test_the_counter_previews_redeems_lists_and_undoes(shop: Shop) -> None:
    (voucher,) = shop.vouchers(1)
    scan = {"store": shop.store.pk, "code": voucher["code"]}
    assert shop.counter("POST", "console/previews", scan)["code"] == "ok"
    redemption = shop.counter("POST", "console/redemptions", scan | {"uses": 1}, status=201)
    assert {"id", "code", "voucher", "uses", "redeemed_at", "undo_until"} <= set(redemption)
    assert (redemption["code"], redemption["voucher"]) == ("ok", voucher["id"])
    again = shop.counter("POST", "console/redemptions", scan | {"uses": 1}, status=409)
    assert again["code"] == "already_redeemed"
    assert {"redeemed_at", "store", "redeemed_by"} <= set(again)
    today = shop.store.local_day(now())
    day = shop.counter("GET", f"console/redemptions?store={shop.store.pk}&date={today}")
    assert [row["id"] for row in day["results"]] == [redemption["id"]]
    shop.counter("POST", f"console/redemptions/{redemption['id']}/undo")
    assert shop.counter("POST", "console/previews", scan)["code"] == "ok"


def test_a_refunded_voucher_is_refused_by_name(shop: Shop) -> None:
    (voucher,) = shop.vouchers(1)
    assert shop.customer("POST", f"vouchers/{voucher['id']}/refund")["state"] == "refunding"
    scan = {"store": shop.store.pk, "code": voucher["code"]}
    assert shop.counter("POST", "console/previews", scan, 409)["code"] == "refunding"


def test_a_review_is_written_and_read(shop: Shop) -> None:
    (voucher,) = shop.vouchers(1)
    scan = {"store": shop.store.pk, "code": voucher["code"]}
    shop.counter("POST", "console/redemptions", scan, status=201)
    review = {"voucher": voucher["id"], "rating": 5, "text": "Just like at home."}
    shop.customer("POST", "reviews", review, status=201)
    for path in (f"products/{shop.product.pk}/reviews", f"stores/{shop.store.pk}/reviews"):
        assert shop.customer("GET", path)["results"][0]["rating"] == 5


def check_pictures(customer: Caller, voucher_id: int) -> None:
    headers = {"Authorization": f"Bearer {customer.token}"}
    for form, start in (("png", b"\x89PNG"), ("svg", b"<")):
        answer = Client().get(f"/api/v1/vouchers/{voucher_id}/qr.{form}", headers=headers)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(f"image/{form}")
        assert answer.content.lstrip().startswith(start)


@pytest.mark.parametrize("role", ["customer", "staff", "merchant", "operator"])
def test_a_login_names_the_role(role: str) -> None:
    person = make_user(role)
    assert Caller().log_in(person.email)["role"] == role


def test_amounts_are_whole_fen_everywhere() -> None:
    product = make_product(price_fen=4999)
    detail = Caller()("GET", f"products/{product.pk}")
    amounts = [value for name, value in _walk(detail) if name.endswith("_fen")]
    assert 4999 in amounts
    assert all(isinstance(amount, int) or amount is None for amount in amounts)


def _walk(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [(k, v) for k, v in value.items()] + [p for v in value.values() for p in _walk(v)]
    if isinstance(value, list):
        return [pair for item in value for pair in _walk(item)]
    return []
