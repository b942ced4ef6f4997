"""The API as issue 1 promises it: paths, methods and field names. Stable from now on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from o2o.clock import now
from tests.factories import (
    PASSWORD,
    make_flash_offer,
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


def test_from_login_to_review_by_the_promised_names() -> None:
    store = make_store(latitude=30.25, longitude=120.16)
    product = make_product(stores=[store], title_en="Dumplings", price_fen=5000, stock=100)
    flash = make_flash_offer(product, price_fen=3000, quota=10, per_person_limit=5)
    buyer, clerk = make_user(), make_staff(store)
    customer, counter = Caller(), Caller()

    # Login: token, user, and who one is.
    answer = customer.log_in(buyer.email)
    assert {"token", "user", "role"} <= set(answer)
    assert (answer["role"], answer["user"]["role"]) == ("customer", "customer")
    assert counter.log_in(clerk.email)["role"] == "staff"

    # Lists are cursor pages; a distance is there when a position is given.
    near = f"near={store.latitude},{store.longitude}"
    listed = customer("GET", f"stores?{near}&radius=5000&open_now=true")
    assert set(listed) == {"next", "previous", "results"}
    assert listed["results"][0]["distance_metres"] == 0
    assert customer("GET", f"stores/{store.pk}?{near}")["distance_metres"] == 0
    found = customer(
        "GET", f"products?q=dumplings&{near}&min_price_fen=1&max_price_fen=9999&sort=distance"
    )
    assert [row["id"] for row in found["results"]] == [product.pk]
    for sort in ("relevance", "price", "-price", "sales", "rating"):
        assert customer("GET", f"products?sort={sort}")["results"]

    detail = customer("GET", f"products/{product.pk}?{near}")
    offers = {offer["kind"]: offer for offer in detail["offers"]}
    assert set(offers) == {"normal", "flash"}
    names = "id kind price_fen list_price_fen starts_at ends_at remaining per_person_limit"
    assert set(names.split()) <= set(offers["flash"])
    assert offers["flash"]["price_fen"] == 3000
    assert (offers["flash"]["remaining"], offers["flash"]["per_person_limit"]) == (10, 5)
    assert {"id", "name", "distance_metres", "open_now"} <= set(detail["stores"][0])

    # Order and pay.
    lines = {"lines": [{"offer": flash.pk, "quantity": 3}]}
    order = customer("POST", "orders", lines, status=201)
    assert {"number", "state", "total_fen", "expires_at", "lines"} <= set(order)
    assert (order["state"], order["total_fen"]) == ("pending", 9000)
    payment = customer(
        "POST", f"orders/{order['number']}/payments", {"gateway": "sandbox"}, status=201
    )
    cashier = "/" + payment["pay_url"].split("/", 3)[3]
    assert b"<form" in Client().get(cashier).content
    assert Client().post(cashier, {"outcome": "paid"}).status_code == 302
    assert customer("GET", f"orders/{order['number']}")["state"] == "paid"
    assert customer("GET", "orders")["results"][0]["number"] == order["number"]

    # The wallet.
    first, second, third = customer("GET", "vouchers")["results"]
    voucher = customer("GET", f"vouchers/{first['id']}")
    assert {"id", "code", "order", "state", "uses_left", "valid_until", "terms"} <= set(voucher)
    assert (voucher["order"], voucher["state"], voucher["uses_left"]) == (
        order["number"],
        "active",
        1,
    )
    assert len(voucher["code"]) == 12 and voucher["code"].isdigit()
    check_pictures(customer, voucher["id"])

    # The counter.
    scan = {"store": store.pk, "code": voucher["code"]}
    preview = counter("POST", "console/previews", scan)
    assert preview["code"] == "ok"
    redemption = counter("POST", "console/redemptions", scan | {"uses": 1}, status=201)
    assert {"id", "code", "voucher", "uses", "redeemed_at", "undo_until"} <= set(redemption)
    assert (redemption["code"], redemption["voucher"]) == ("ok", voucher["id"])
    again = counter("POST", "console/redemptions", scan | {"uses": 1}, status=409)
    assert again["code"] == "already_redeemed"
    assert {"redeemed_at", "store", "redeemed_by"} <= set(again)
    today = store.local_day(now())
    day = counter("GET", f"console/redemptions?store={store.pk}&date={today}")
    assert [row["id"] for row in day["results"]] == [redemption["id"]]
    counter("POST", f"console/redemptions/{redemption['id']}/undo")
    counter("POST", "console/redemptions", scan, status=201)

    # Refund, review, cancel, logout.
    assert customer("POST", f"vouchers/{second['id']}/refund")["state"] == "refunding"
    refused = counter("POST", "console/previews", {"store": store.pk, "code": second["code"]}, 409)
    assert refused["code"] in {"refunding", "refunded"}
    review = {"voucher": voucher["id"], "rating": 5, "text": "Just like at home."}
    customer("POST", "reviews", review, status=201)
    for path in (f"products/{product.pk}/reviews", f"stores/{store.pk}/reviews"):
        assert customer("GET", path)["results"][0]["rating"] == 5
    other = customer("POST", "orders", {"lines": [{"offer": flash.pk, "quantity": 1}]}, status=201)
    assert customer("POST", f"orders/{other['number']}/cancel")["state"] == "cancelled"
    assert third["state"] == "active"
    customer("POST", "auth/logout", status=204)
    customer("GET", "vouchers", status=401)


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
