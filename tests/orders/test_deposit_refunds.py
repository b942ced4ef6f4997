"""Vouchers that are sent back while they wait for the balance: what was paid, and when the order is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from insights.selectors import best_sellers, sales_by_day
from kernel.clock import at
from kernel.facts.models import Fact
from messages.models import Notification
from orders.models import Order
from orders.net import with_net
from orders.selectors import order_page, order_view
from orders.states import OrderState, with_standing
from orders.tasks import time_out_orders
from tests.factories import cast, make_order, make_product, offer_of, pay_order
from tests.orders.payers import broken, delivery, vouchers_of
from tests.races.books import begin_payment
from vouchers.services.balance import rebate_voucher
from vouchers.services.expire import expire_due
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Any:
    return cast()


@pytest.fixture
def order(people: Any) -> Order:
    """Two of ¥23.80; the deposit of ¥5 is paid."""
    goods = make_product(merchant=people.merchant, stores=[people.store], price_fen=2_380)
    return pay_order(make_order(people.buyer, offer_of(goods), 2, deposit_fen=500))


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def page(user: Any, path: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    """What the page says, without its markup."""
    html = client.get(path).content.decode()
    return unescape(re.sub(r"<[^>]*>", "", html))


def amounts(order: Order) -> tuple[int, int, int]:
    body = api(order.buyer).get(f"/api/v1/orders/{order.number}").json()
    (line,) = body["lines"]
    found = tuple(body[name] for name in ("received_fen", "refunded_fen", "net_fen"))
    assert found == tuple(line[name] for name in ("received_fen", "refunded_fen", "net_fen"))
    return found  # type: ignore[return-value]


def test_what_was_sent_back_before_the_balance_was_never_paid_in_full(
    people: Any, order: Order, drain: Callable[..., int]
) -> None:
    assert amounts(order) == (500, 0, 500)
    first, _second = vouchers_of(order)
    refund_voucher(owner=people.buyer, voucher_id=first.pk)
    assert amounts(order) == (500, 250, 250)
    assert begin_payment(order).amount_fen == 2_130
    order = pay_order(order)
    drain()
    assert (order.state, amounts(order)) == ("paid", (2_630, 250, 2_380))
    shown = page(people.buyer, f"/orders/{order.number}/")
    assert "47.60" not in shown.split("Amount paid")[1] and "45.10" not in shown
    for amount in ("¥26.30", "−¥2.50", "¥23.80"):
        assert amount in shown.split("Amount paid")[1]
    listed = page(people.buyer, "/orders/")
    assert "¥23.80" in listed and "¥2.50 refunded" in listed and "47.60" not in listed
    assert "¥26.30" in page(people.buyer, f"/orders/{order.number}/pay/")
    merchants = [people.merchant.pk]
    assert sales_by_day(merchants=merchants).values[-1] == 2_380
    assert [row["left_fen"] for row in best_sellers(merchants=merchants)] == [2_380]
    office = Client(headers={"accept-language": "en"})
    office.force_login(people.merchant.staff.get(role="owner").user)
    row = office.get("/admin/orders/orderline/").context["cl"].result_list[0]
    assert (row.received_fen, row.refunded_fen, row.net_fen) == (2_630, 250, 2_380)
    assert "26.30" in office.get(f"/admin/orders/orderline/{row.pk}/change/").content.decode()
    told = Notification.objects.get(kind="order_paid", user=people.buyer)
    assert told.params["total_fen"] == 2_630
    assert broken() == []


def test_what_got_cheaper_before_the_balance_was_never_paid_in_full(
    people: Any, order: Order
) -> None:
    first, second = vouchers_of(order)
    rebate_voucher(voucher_id=first.pk, amount_fen=300)  # of what is still to pay
    order = pay_order(order)
    assert amounts(order) == (4_460, 0, 4_460)
    rebate_voucher(voucher_id=second.pk, amount_fen=400)  # it goes back
    assert amounts(order) == (4_460, 400, 4_060)
    refund_voucher(owner=people.buyer, voucher_id=second.pk)
    assert amounts(order) == (4_460, 400 + 1_980, 2_080)
    assert broken() == []


def test_a_deposit_whose_vouchers_were_all_sent_back_is_over_at_once(
    people: Any, order: Order, drain: Callable[..., int]
) -> None:
    for voucher in vouchers_of(order):
        refund_voucher(owner=people.buyer, voucher_id=voucher.pk)

    def check(state: str) -> None:
        body = api(people.buyer).get(f"/api/v1/orders/{order.number}").json()
        assert (body["state"], body["standing"]) == (state, "refunded")
        assert body["parts"][0]["state"] == "refunded"
        assert (body["received_fen"], body["refunded_fen"], body["net_fen"]) == (500, 500, 0)
        shown = page(people.buyer, f"/orders/{order.number}/")
        assert "Refunded" in shown
        assert "Pay before" not in shown and "Pay now" not in shown
        assert "Amount paid" in shown and "After refunds" in shown and "−¥2.50" in shown
        listed = page(people.buyer, "/orders/?state=refunded")
        assert order.number in listed and "¥5 refunded" in listed and "Pay the" not in listed
        assert with_standing(Order.objects.all()).get().standing == OrderState.REFUNDED  # type: ignore[attr-defined]
        refused = api(people.buyer).post(
            f"/api/v1/orders/{order.number}/payments",
            {"gateway": "sandbox"},
            format="json",
            headers={"Idempotency-Key": f"key-{state}"},
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "order_closed")

    check("deposit")
    drain()
    check("cancelled")
    drain()
    assert not Notification.objects.filter(kind="order_paid").exists()
    assert with_net(order.lines.all()).get().net_fen == 0
    assert broken() == []


def test_an_order_is_paid_when_only_what_a_rebate_has_opened_is_left(
    people: Any, order: Order, drain: Callable[..., int]
) -> None:
    first, second = vouchers_of(order)
    rebate_voucher(voucher_id=first.pk, amount_fen=2_130)
    drain()
    order.refresh_from_db()
    assert order.state == "deposit"
    refund_voucher(owner=people.buyer, voucher_id=second.pk)
    drain()
    order.refresh_from_db()
    assert order.state == "paid"
    assert Fact.objects.filter(kind="paid").count() == 1
    assert amounts(order) == (500, 250, 250)
    assert broken() == []


def test_what_expires_with_its_balance_was_not_paid_in_time_as_before(
    people: Any, drain: Callable[..., int]
) -> None:
    goods = make_product(merchant=people.merchant, stores=[people.store], price_fen=2_380)
    order = pay_order(
        make_order(people.buyer, offer_of(goods), deposit_fen=500, fees=[delivery("platform", 600)])
    )
    assert order.balance_until
    with at(order.balance_until):
        expire_due()
        drain()
        assert order_view(user=people.buyer, number=order.number).standing == OrderState.TIMED_OUT
        time_out_orders()
        order.refresh_from_db()
        assert order.state == "timed_out"
        assert order_view(user=people.buyer, number=order.number).standing == OrderState.TIMED_OUT
        assert broken() == []


def test_the_order_and_the_list_of_vouchers_name_the_same_held_ones(
    people: Any, order: Order
) -> None:
    client = api(people.buyer)
    listed = client.get(f"/api/v1/vouchers?order={order.number}").json()["results"]
    body = client.get(f"/api/v1/orders/{order.number}").json()
    assert sorted(body["vouchers"]) == sorted(row["id"] for row in listed)
    assert body["vouchers"] == [row.pk for row in vouchers_of(order)]
    assert body["parts"][0]["state"] == "unpaid"
    shown = page(people.buyer, f"/orders/{order.number}/")
    assert "They can be used once the balance is paid." in shown and "Nothing left" not in shown
    assert "Pay the balance" in page(people.buyer, "/orders/")


def test_cancelling_after_the_deposit_says_what_is_true(people: Any, order: Order) -> None:
    answer = api(people.buyer).post(f"/api/v1/orders/{order.number}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "deposit_paid")
    assert "deposit" in answer.json()["detail"].lower()
    client = Client(headers={"accept-language": "en"})
    client.force_login(people.buyer)
    told = client.post(reverse("order_cancel", args=[order.number]), follow=True)
    assert "so it can't be cancelled" in unescape(told.content.decode())
    assert (
        order_page(user=people.buyer, params=told.wsgi_request.GET).items[0].standing == "deposit"
    )
