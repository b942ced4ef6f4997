"""Unpaid orders closed by their buyer or by the clock."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.models import OfferPurchase, Product, Stock
from kernel import clock
from kernel.errors import NotFound
from kernel.outbox.models import OutboxEvent
from orders.errors import OrderAlreadyPaid, OrderClosed
from orders.models import Order
from orders.services.cancel import cancel_order, time_out_due, time_out_order
from orders.tasks import time_out_orders
from payments.models import Payment, SandboxTrade
from tests.factories import (
    make_limited_offer,
    make_order,
    make_paid_order,
    make_product,
    make_user,
    offer_of,
    start_payment,
    variant_of,
)

pytestmark = pytest.mark.django_db


def available(product: Product) -> int | None:
    return Stock.objects.get(variant=variant_of(product)).available


def test_cancelling_gives_stock_quota_and_personal_share_back():
    product = make_product(stock=5)
    limited = make_limited_offer(product, price_fen=100, quota=4, per_person_limit=3)
    order = make_order(offer=limited, quantity=3)
    assert available(product) == 2
    cancelled = cancel_order(buyer=order.buyer, number=order.number)
    assert cancelled.state == Order.State.CANCELLED
    assert cancelled.closed_at is not None
    limited.refresh_from_db()
    assert (available(product), limited.quota_sold) == (5, 0)
    assert OfferPurchase.objects.get(buyer=order.buyer).quantity == 0


def test_cancelling_twice_gives_stock_back_once():
    product = make_product(stock=5)
    order = make_order(offer=offer_of(product), quantity=2)
    for _ in range(2):
        cancel_order(buyer=order.buyer, number=order.number)
    assert available(product) == 5


def test_paid_order_cannot_be_cancelled():
    order = make_paid_order()
    with pytest.raises(OrderAlreadyPaid):
        cancel_order(buyer=order.buyer, number=order.number)


def test_somebody_elses_order_is_not_found():
    order = make_order()
    with pytest.raises(NotFound):
        cancel_order(buyer=make_user(), number=order.number)
    order.refresh_from_db()
    assert order.state == Order.State.PENDING


def test_cancelling_closes_the_payment_here_and_at_the_gateway(drain):
    order = make_order()
    payment = start_payment(buyer=order.buyer, number=order.number, gateway="sandbox")
    cancel_order(buyer=order.buyer, number=order.number)
    payment.refresh_from_db()
    assert payment.state == Payment.State.CLOSED
    assert OutboxEvent.objects.filter(topic="payment.close").count() == 1
    drain()
    assert SandboxTrade.objects.get().state == SandboxTrade.State.CLOSED


def test_unpaid_order_times_out_after_its_deadline_and_gives_stock_back():
    product = make_product(stock=3)
    order = make_order(offer=offer_of(product), quantity=3)
    with clock.at(order.expires_at - dt.timedelta(seconds=1)):
        assert time_out_due() == 0
    assert available(product) == 0
    with clock.at(order.expires_at):
        assert time_out_orders() == 1
        assert time_out_orders() == 0
    order.refresh_from_db()
    assert order.state == Order.State.TIMED_OUT
    assert available(product) == 3


def test_paid_order_does_not_time_out():
    order = make_paid_order()
    with clock.at(order.expires_at + dt.timedelta(days=1)):
        assert time_out_due() == 0
        assert not time_out_order(order_id=order.pk)


def test_timed_out_order_cannot_be_cancelled():
    order = make_order()
    with clock.at(order.expires_at):
        time_out_due()
    with pytest.raises(OrderClosed):
        cancel_order(buyer=order.buyer, number=order.number)
