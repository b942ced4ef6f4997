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
from orders.services.place import place_order
from tests.factories import make_product, make_store, make_user, offer_of, pay_order, redeem
from vouchers.models import Voucher

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
