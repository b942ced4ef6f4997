"""An order has one state wherever it stands, and one word for it in each language."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags
from rest_framework.test import APIClient

from kernel.clock import at, now
from orders.models import Order
from orders.selectors import order_view
from orders.services.place import place_order
from orders.states import OrderState, with_standing
from tests.factories import make_product, make_store, make_user, offer_of, pay_order, redeem
from vouchers.models import Voucher
from vouchers.services.expire import expire_due
from vouchers.services.refund import refund_voucher, return_redeemed

pytestmark = pytest.mark.django_db


def browser(user, language: str) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def badges(user, path: str, language: str) -> list[str]:
    page = browser(user, language).get(path).content.decode().split("<main")[-1]
    return [word.strip().lower() for word in re.findall(r'class="badge[^>]*>([^<]+)<', page)]


def said(user, path: str, language: str) -> str:
    page = browser(user, language).get(path).content.decode().split("<main")[-1]
    return unescape(strip_tags(page))


@pytest.mark.parametrize(
    ("language", "paid", "completed", "late"),
    [
        ("en", "Paid", "Completed", "Not paid in time"),
        ("zh-hans", "已支付", "已完成", "超时未支付"),
    ],
)
def test_an_order_has_one_state_and_one_word(
    language: str, paid: str, completed: str, late: str
) -> None:
    buyer, store = make_user(), make_store()
    soup = make_product(stores=[store], price_fen=1000)
    owner, operator = store.merchant.staff.get(role="owner").user, make_user("operator")
    order = place_order(buyer=buyer, lines=[(offer_of(soup).pk, 1)])
    api = APIClient()
    api.force_authenticate(buyer)

    def everywhere(word: str, standing: str) -> None:
        pages = (
            (buyer, "/orders/"),
            (owner, "/admin/orders/orderline/"),
            (operator, "/admin/orders/order/"),
            (operator, f"/admin/orders/order/{order.pk}/change/"),
        )
        for person, path in pages:
            assert badges(person, path, language) == [word.lower()], path
        assert word in said(buyer, f"/orders/{order.number}/", language)
        assert api.get(f"/api/v1/orders/{order.number}").json()["standing"] == standing

    with at(now() + dt.timedelta(days=1)):
        everywhere(late, "timed_out")
    pay_order(order)
    everywhere(paid, "paid")
    assert "实付" not in said(owner, "/admin/orders/orderline/", language)
    redeem(Voucher.objects.get(order_number=order.number), store=store)
    everywhere(completed, "completed")
    assert api.get(f"/api/v1/orders/{order.number}").json()["state"] == "paid"


@pytest.mark.parametrize(("language", "word"), [("en", "Refunded"), ("zh-hans", "已退款")])
def test_an_order_of_which_nothing_was_kept_reads_as_refunded(language: str, word: str) -> None:
    buyer, store = make_user(), make_store()
    soup = make_product(stores=[store], price_fen=1000)
    owner, operator = store.merchant.staff.get(role="owner").user, make_user("operator")
    order = pay_order(place_order(buyer=buyer, lines=[(offer_of(soup).pk, 2)]))
    first, second = Voucher.objects.filter(order_number=order.number).order_by("pk")
    api = APIClient()
    api.force_authenticate(buyer)

    def standing() -> str:
        """By API, after a look whether SQL, the lists and their filters say the same."""
        said_so = api.get(f"/api/v1/orders/{order.number}").json()["standing"]
        assert with_standing(Order.objects.filter(pk=order.pk)).get().standing == said_so
        for state in OrderState:
            for person, model in ((operator, "order"), (owner, "orderline")):
                url = f"/admin/orders/{model}/?standing={state.value}"
                rows = browser(person, language).get(url).context["cl"].result_count
                assert rows == (state == said_so), (model, state)
        for chip in ("paid", "completed", "refunded", "closed", "open"):
            listed = order.number in said(buyer, f"/orders/?state={chip}", language)
            assert listed == (chip == said_so), chip
        return said_so

    refund_voucher(owner=buyer, voucher_id=first.pk)
    assert standing() == "paid"
    done = redeem(second, store=store)
    assert standing() == "completed"
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None)
    assert standing() == "refunded"
    assert badges(buyer, "/orders/", language) == [word.lower()]
    assert badges(operator, f"/admin/orders/order/{order.pk}/change/", language) == [word.lower()]
    page = said(buyer, f"/orders/{order.number}/", language)
    assert word in page and "Completed" not in page and "已完成" not in page


def test_an_order_that_expired_to_the_merchant_is_completed() -> None:
    buyer = make_user()
    soup = make_product(price_fen=1000, refund_rule="none", refund_on_expiry=False)
    order = pay_order(place_order(buyer=buyer, lines=[(offer_of(soup).pk, 1)]))
    with at(Voucher.objects.get().valid_until):
        expire_due()
        assert order_view(user=buyer, number=order.number).standing == OrderState.COMPLETED
        assert with_standing(Order.objects.all()).get().standing == OrderState.COMPLETED


@pytest.mark.parametrize(("language", "word"), [("en", "the buyer"), ("zh-hans", "买家")])
def test_who_pays_a_voucher_is_a_person_and_no_purpose(language: str, word: str) -> None:
    store = make_store()
    soup = make_product(stores=[store], price_fen=1000)
    pay_order(place_order(buyer=make_user(), lines=[(offer_of(soup).pk, 1)]))
    owner = store.merchant.staff.get(role="owner").user
    path = f"/admin/vouchers/voucher/{Voucher.objects.get().pk}/change/"
    page = said(owner, path, language)
    assert word in page
    assert "whole order" not in page and "全款" not in page
