"""Fees of an order: paid with it, and in the escrow of their payee."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import Sum

from kernel.clock import at
from messages.models import Notification
from orders.errors import OrderClosed
from orders.models import Order, OrderLine
from orders.net import with_net
from orders.selectors import spent_by_payment
from orders.services.tenders import due_of
from orders.tasks import time_out_orders
from payments.models import LedgerEntry, Payment
from tests.factories import make_merchant, make_order, pay_order
from tests.orders.payers import broken, delivery, discounted, vouchers_of, with_fee
from vouchers.services.balance import rebate_voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


def held_for_fees(order: Order) -> dict[str, int]:
    """What escrow holds for the fees of the order, by party."""
    lines = [f"line:{line.pk}" for line in order.lines.filter(kind="fee")]
    rows = LedgerEntry.objects.filter(account="escrow", subject__in=lines).order_by()
    return dict(rows.values_list("party").annotate(fen=-Sum("amount_fen")))


def test_a_fee_is_held_for_its_payee_and_no_voucher_has_a_part_of_it() -> None:
    courier = f"merchant:{make_merchant().pk}"
    order = pay_order(make_order(fees=[delivery("platform", 600), delivery(courier, 250)]))
    (voucher,) = vouchers_of(order)
    assert voucher.received_fen == order.total_fen - 850
    assert held_for_fees(order) == {"platform": 600, courier: 250}
    assert broken() == []


def test_a_fee_without_a_payee_is_for_the_merchant_of_its_line() -> None:
    order = with_fee(make_order(), "", 300)
    merchant_id = order.lines.earliest("pk").merchant_id
    order.lines.filter(kind="fee").update(merchant=merchant_id)
    assert held_for_fees(pay_order(order)) == {f"merchant:{merchant_id}": 300}
    assert broken() == []


def test_a_fee_is_paid_with_the_balance_and_not_with_the_deposit() -> None:
    order = pay_order(make_order(fees=[delivery("platform", 600)], deposit_fen=1_000))
    assert held_for_fees(order) == {}
    assert broken() == []
    order = pay_order(order)
    assert order.state == "paid"
    assert Payment.objects.get(purpose="balance").amount_fen == order.total_fen - 1_000
    assert held_for_fees(order) == {"platform": 600}
    assert broken() == []


def rebated_balance() -> Order:
    """A deposit of ¥10 is paid; a rebate has taken all of the goods' balance off, the fee is left."""
    order = pay_order(make_order(fees=[delivery("platform", 600)], deposit_fen=1_000))
    (voucher,) = vouchers_of(order)
    rebate_voucher(voucher_id=voucher.pk, amount_fen=order.total_fen - 1_600)
    return order


def test_a_fee_is_due_where_a_rebate_has_taken_the_rest_of_the_balance(
    drain: Callable[..., int],
) -> None:
    order = rebated_balance()
    drain()
    order = pay_order(order)
    assert order.state == "paid"
    assert Payment.objects.get(purpose="balance").amount_fen == 600
    assert held_for_fees(order) == {"platform": 600}
    drain()
    assert Notification.objects.filter(kind="order_paid").count() == 1
    assert broken() == []


def test_a_fee_that_is_not_paid_in_time_is_owed_by_nobody(drain: Callable[..., int]) -> None:
    order = rebated_balance()
    total_fen = order.total_fen
    assert order.balance_until
    with at(order.balance_until):
        assert time_out_orders() == 1
        drain()
        order.refresh_from_db()
        assert (order.state, order.total_fen) == ("paid", total_fen - 600)
        assert Notification.objects.filter(kind="order_paid").count() == 1
        fee = with_net(OrderLine.objects.filter(order=order, kind="fee")).get()
        assert (fee.gross_fen, fee.payable_fen, fee.net_fen) == (600, 0, 0)
        assert held_for_fees(order) == {}
        assert broken() == []


def test_no_fee_is_due_where_every_voucher_was_sent_back() -> None:
    order = pay_order(make_order(fees=[delivery("platform", 600)], deposit_fen=1_000))
    (voucher,) = vouchers_of(order)
    refund_voucher(owner=order.buyer, voucher_id=voucher.pk)
    with pytest.raises(OrderClosed):
        due_of(order)


def test_an_order_is_paid_as_soon_as_a_rebate_has_left_nothing_to_pay(
    drain: Callable[..., int],
) -> None:
    order = pay_order(make_order(deposit_fen=1_000))
    (voucher,) = vouchers_of(order)
    rebate_voucher(voucher_id=voucher.pk, amount_fen=order.total_fen - 1_000)
    drain()
    order.refresh_from_db()
    assert order.state == "paid" and order.paid_at
    assert Notification.objects.filter(kind="order_paid").count() == 1
    assert broken() == []


def test_a_fee_alone_is_paid_where_the_goods_cost_nothing() -> None:
    order = make_order()
    line = order.lines.get()
    order = pay_order(with_fee(discounted(order, ("platform", line.payable_fen)), "platform", 600))
    (voucher,) = vouchers_of(order)
    assert (voucher.state, voucher.received_fen) == ("active", 0)
    assert held_for_fees(order) == {"platform": 600}
    assert broken() == []


def test_the_reconciliation_knows_the_fees_of_a_payment() -> None:
    order = pay_order(make_order(fees=[delivery("platform", 600)]))
    payment = Payment.objects.get()
    assert spent_by_payment([payment.pk]) == {payment.pk: order.total_fen}
