"""The REST API of orders: shapes, keys, refusals, and how much one order costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from catalog.models import Stock
from kernel import clock
from members.models import User
from members.services.accounts import issue_token
from orders.models import Order
from payments.models import Payment, SandboxTrade
from tests.factories import (
    make_limited_offer,
    make_order,
    make_paid_order,
    make_product,
    make_store,
    make_user,
    offer_of,
    variant_of,
)
from tests.races.books import deliver, press
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders"
CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


class Api:
    """A signed-in integrator."""

    def __init__(self, user: User | None = None) -> None:
        self.user = user or make_user()
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {issue_token(user=self.user)}"}
        self.keys = 0

    def get(self, path, **params):
        return self.client.get(path, params, headers=self.headers)

    def post(self, path, data=None, *, key: str | None = None):
        self.keys += 1
        headers = self.headers | {"Idempotency-Key": key or f"test-key-{self.keys:04d}"}
        return self.client.post(path, data, content_type="application/json", headers=headers)

    def order(self, *lines, key: str | None = None):
        body = {"lines": [{"offer": offer.pk, "quantity": n} for offer, n in lines]}
        return self.post(ORDERS, body, key=key)


def statements(queries: CaptureQueriesContext) -> list[str]:
    """What went to the database beyond transaction control."""
    return [q["sql"] for q in queries.captured_queries if not q["sql"].startswith(CONTROL)]


def test_an_order_has_the_published_shape():
    api, product = Api(), make_product(price_fen=1999, title_en="Noodles")
    answer = api.order((offer_of(product), 2))
    assert answer.status_code == 201
    body = answer.json()
    assert body["state"] == "pending"
    assert body["total_fen"] == 3998
    assert body["lines"] == [
        {
            "kind": "item",
            "offer": offer_of(product).pk,
            "product": product.pk,
            "title": "Noodles",
            "quantity": 2,
            "list_price_fen": product.list_price_fen,
            "unit_price_fen": 1999,
            "gross_fen": 3998,
            "discount_fen": 0,
            "discounts": [],
            "payable_fen": 3998,
            "total_fen": 3998,
            "received_fen": 0,
            "refunded_fen": 0,
            "net_fen": 0,  # nothing is paid yet
        }
    ]
    order = Order.objects.get(number=body["number"])
    assert parse_datetime(body["expires_at"]) == order.expires_at
    assert body["paid_at"] is None
    assert body["vouchers"] == []
    answers = body.pop("answers")  # of its price: told once, when it is placed
    assert answers == []
    assert api.get(f"{ORDERS}/{order.number}").json() == body


def test_titles_follow_the_asked_language():
    api, product = Api(), make_product(title_en="Noodles", title_zh="牛肉面")
    number = api.order((offer_of(product), 1)).json()["number"]
    answer = api.client.get(
        f"{ORDERS}/{number}", headers=api.headers | {"Accept-Language": "zh-hans"}
    )
    assert answer.json()["lines"][0]["title"] == "牛肉面"


def test_the_same_key_gives_the_same_order():
    api, product = Api(), make_product(stock=10)
    first = api.order((offer_of(product), 1), key="once-only-1")
    second = api.order((offer_of(product), 1), key="once-only-1")
    assert first.json() == second.json()
    assert second.status_code == 201
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Stock.objects.get(variant=variant_of(product)).available == 9


def test_another_body_under_the_same_key_is_refused():
    api, product = Api(), make_product()
    api.order((offer_of(product), 1), key="once-only-1")
    answer = api.order((offer_of(product), 2), key="once-only-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Order.objects.count() == 1


def test_order_without_a_key_is_refused():
    api, product = Api(), make_product()
    body = {"lines": [{"offer": offer_of(product).pk, "quantity": 1}]}
    answer = api.client.post(ORDERS, body, content_type="application/json", headers=api.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_refusals_are_problem_documents_with_their_facts():
    api, product = Api(), make_product(stock=1)
    answer = api.order((offer_of(product), 2))
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == "sold_out"
    assert body["available"] == 1
    assert {"type", "title", "status", "detail"} <= set(body)
    assert not Order.objects.exists()


def test_each_buying_rule_has_its_own_code():
    api, product = Api(), make_product()
    limited = make_limited_offer(product, price_fen=100, per_person_limit=1)
    quota = make_limited_offer(make_product(), price_fen=100, quota=1)
    ended = make_limited_offer(make_product(), price_fen=100)
    type(ended).objects.filter(pk=ended.pk).update(active=False)
    codes = {
        api.order((limited, 2)).json()["code"]: 409,
        api.order((quota, 2)).json()["code"]: 409,
        api.order((ended, 1)).json()["code"]: 409,
        api.order((offer_of(product), 100)).json()["code"]: 400,
    }
    assert set(codes) == {
        "person_limit_reached",
        "quota_gone",
        "offer_not_running",
        "quantity_out_of_range",
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lines": []},
        {"lines": "x"},
        {"lines": [{"offer": 1}]},
        {"lines": [{"offer": "x", "quantity": 1}]},
        {"lines": [{"offer": 1, "quantity": 0}]},
        {"lines": [{"offer": 1, "quantity": 1.5}]},
        {"lines": [{"offer": 10**30, "quantity": 1}]},
        [],
    ],
)
def test_malformed_orders_are_told_what_to_mend(body):
    answer = Api().post(ORDERS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["fields"]


def test_orders_need_a_token():
    assert Client().get(ORDERS).status_code == 401
    assert Client().post(ORDERS, {}, content_type="application/json").status_code == 401


def test_list_holds_own_orders_newest_first_in_pages():
    api = Api()
    offer = offer_of(make_product())
    numbers = [make_order(api.user, offer).number for _ in range(3)]
    make_order()
    page = api.get(ORDERS, page_size=2).json()
    assert [order["number"] for order in page["results"]] == numbers[:0:-1]
    assert page["previous"] is None
    rest = api.client.get(page["next"], headers=api.headers).json()
    assert [order["number"] for order in rest["results"]] == numbers[:1]


def test_paid_order_names_its_vouchers_in_detail_and_list():
    api = Api()
    order = make_paid_order(api.user, quantity=2)
    ids = list(Voucher.objects.order_by("id").values_list("id", flat=True))
    detail = api.get(f"{ORDERS}/{order.number}").json()
    assert (detail["state"], detail["vouchers"]) == ("paid", ids)
    assert detail["paid_at"]
    assert api.get(ORDERS).json()["results"] == [detail]


@pytest.mark.parametrize("action", ["", "/cancel", "/payments"])
def test_foreign_orders_are_not_found(action):
    api, order = Api(), make_order()
    path = f"{ORDERS}/{order.number}{action}"
    answer = api.post(path, {"gateway": "sandbox"}) if action else api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Payment.objects.exists()


def test_cancel_answers_with_the_order_and_may_be_repeated():
    api = Api()
    order = make_order(api.user)
    for _ in range(2):
        answer = api.post(f"{ORDERS}/{order.number}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    paid = make_paid_order(api.user)
    answer = api.post(f"{ORDERS}/{paid.number}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_paid")


def test_payment_tells_an_absolute_address_and_posting_there_pays():
    api = Api()
    order = make_order(api.user)
    answer = api.post(f"{ORDERS}/{order.number}/payments", {"gateway": "sandbox"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["order"] == order.number
    assert (body["amount_fen"], body["gateway"], body["state"]) == (5000, "sandbox", "created")
    token = SandboxTrade.objects.get().token
    assert body["pay_url"] == f"http://testserver/sandbox/pay/{token}/"
    for _ in range(2):
        cashier = Client().post(body["pay_url"], {"outcome": "paid"})
        assert cashier.status_code == 302
    assert api.get(f"{ORDERS}/{order.number}").json()["state"] == "paid"


def test_payment_under_the_same_key_is_one_payment_with_one_answer():
    api = Api()
    order = make_order(api.user)
    path = f"{ORDERS}/{order.number}/payments"
    first, second = (api.post(path, {"gateway": "sandbox"}, key="pay-once-1") for _ in range(2))
    assert first.json() == second.json()
    assert Payment.objects.count() == 1
    Client().post(first.json()["pay_url"], {"outcome": "paid"})
    third = api.post(path, {"gateway": "sandbox"}, key="pay-once-1")
    assert (third.status_code, third.json()) == (201, first.json())
    fresh = api.post(path, {"gateway": "sandbox"})
    assert (fresh.status_code, fresh.json()["code"]) == (409, "order_paid")


def test_payment_refusals_have_codes():
    api = Api()
    order = make_order(api.user)
    path = f"{ORDERS}/{order.number}/payments"
    assert api.post(path, {"gateway": "gold"}).json()["code"] == "unknown_gateway"
    assert api.post(path, {}).json()["code"] == "invalid"
    with clock.at(order.expires_at):
        answer = api.post(path, {"gateway": "sandbox"})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_closed")


def test_one_order_costs_few_statements():
    """The hot path: token, key, offers, stores, terms, order, lines, stock, facts, answer."""
    api, offer = Api(), offer_of(make_product())
    api.order((offer, 1))
    with CaptureQueriesContext(connection) as queries:
        assert api.order((offer, 1)).status_code == 201
    assert len(statements(queries)) <= 10, statements(queries)


def test_starting_to_pay_costs_few_statements():
    """Token, key, order, what waits, payment, answer, title; the sandbox's trade and its address."""
    api = Api()
    numbers = [api.order((offer_of(make_product()), 1)).json()["number"] for _ in range(2)]
    for number in numbers:
        with CaptureQueriesContext(connection) as queries:
            assert (
                api.post(f"{ORDERS}/{number}/payments", {"gateway": "sandbox"}).status_code == 201
            )
    assert len(statements(queries)) <= 10, statements(queries)


def test_reading_orders_costs_the_same_for_few_and_for_many():
    api = Api()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert api.get(ORDERS).status_code == 200
        return len(queries)

    make_paid_order(api.user)
    few = cost()
    for _ in range(4):
        make_paid_order(api.user, quantity=2)
    assert cost() == few
    assert few <= 8


def test_an_order_says_what_is_paid_first_and_takes_deposit_and_balance():
    api = Api()
    order = make_order(api.user, deposit_fen=1_000)
    address = f"{ORDERS}/{order.number}"
    shown = api.get(address).json()
    assert shown["deposit_fen"] == 1_000
    assert dt.datetime.fromisoformat(shown["balance_until"]) == order.balance_until
    paid = []
    for _purpose in ("deposit", "balance"):
        asked = api.post(f"{address}/payments", {"gateway": "sandbox"}).json()
        deliver(press(Payment.objects.get(number=asked["number"])))
        paid.append((asked["amount_fen"], api.get(address).json()["state"]))
    assert paid == [(1_000, "deposit"), (order.total_fen - 1_000, "paid")]


def test_the_store_of_a_line_takes_its_product_or_is_refused():
    here, foreign = make_store(), make_store()
    unnamed = make_store(merchant=here.merchant)
    api, product = Api(), make_product(merchant=here.merchant, stores=[here])
    for store, status in ((foreign, 400), (unnamed, 400), (here, 201)):
        line = {"offer": offer_of(product).pk, "quantity": 1, "store": store.pk}
        for path in (ORDERS, "/api/v1/quotes"):
            answer = api.post(path, {"lines": [line]})
            assert (answer.status_code < 300) == (status < 300), (path, answer.content)
            if status == 400:
                assert answer.status_code == 400 and "store" in answer.json()["fields"]
