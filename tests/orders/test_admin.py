"""An order in the back office leads on to what became of it, and tells a merchant no names."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kernel.outbox.services import drain
from payments.models import Refund
from tests.factories import (
    make_paid_order,
    make_product,
    make_user,
    offer_of,
    owner_of,
    redeem,
)
from vouchers.models import Redemption, Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


def _client(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _sold():
    """One order of two dishes of two merchants: one voucher redeemed, one refunded, one untouched."""
    buyer = make_user(display_name="Buyer Surname", email="buyer@example.net")
    dish, other = make_product(title_en="Dish"), make_product(title_en="Other")
    order = make_paid_order(buyer, offer_of(dish), 2)
    used, returned = Voucher.objects.filter(order_number=order.number).order_by("pk")
    redeem(used)
    refund_voucher(owner=buyer, voucher_id=returned.pk)
    stranger = make_paid_order(buyer, offer_of(other), 1)
    drain()
    return dish, order, used, returned, stranger


def test_a_merchants_order_leads_to_its_vouchers_and_redemptions_and_names_its_refunds():
    dish, order, used, returned, stranger = _sold()
    line = order.lines.get()
    page = _client(owner_of(dish.merchant)).get(
        reverse("admin:orders_orderline_change", args=[line.pk])
    )
    text = page.content.decode()
    for voucher in (used, returned):
        assert reverse("admin:vouchers_voucher_change", args=[voucher.pk]) in text
        assert voucher.code not in text
    redemption = Redemption.objects.get(voucher=used)
    assert reverse("admin:vouchers_redemption_change", args=[redemption.pk]) in text
    refund = Refund.objects.get(parts__voucher=returned)
    assert refund.number in text
    assert reverse("admin:payments_refund_change", args=[refund.pk]) not in text
    assert "Buyer Surname" not in text and "buyer@example.net" not in text
    foreign = Voucher.objects.get(order_number=stranger.number)
    assert reverse("admin:vouchers_voucher_change", args=[foreign.pk]) not in text


def test_the_operator_opens_the_refunds_of_an_order_line():
    _dish, order, _used, returned, _stranger = _sold()
    client = _client(make_user("operator"))
    line = order.lines.get()
    whole = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert reverse("admin:orders_orderline_change", args=[line.pk]) in whole
    text = client.get(reverse("admin:orders_orderline_change", args=[line.pk])).content.decode()
    refund = Refund.objects.get(parts__voucher=returned)
    assert reverse("admin:payments_refund_change", args=[refund.pk]) in text


def test_every_link_of_a_merchants_order_opens():
    dish, order, *_rest = _sold()
    client = _client(owner_of(dish.merchant))
    page = client.get(reverse("admin:orders_orderline_change", args=[order.lines.get().pk]))
    voucher = Voucher.objects.filter(order_number=order.number).first()
    assert f"/admin/vouchers/voucher/{voucher.pk}/" in page.content.decode()
    for row in Voucher.objects.filter(order_number=order.number):
        assert (
            client.get(reverse("admin:vouchers_voucher_change", args=[row.pk])).status_code == 200
        )
