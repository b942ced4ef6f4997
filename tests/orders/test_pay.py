"""Payment: what a gateway's word may change, and what it may not."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.outbox.models import Delivery
from messages.models import Notification
from orders.errors import OrderAlreadyPaid, OrderClosed
from orders.models import Order
from orders.reactions import follow_paid_order
from orders.services.cancel import cancel_order, time_out_due
from orders.services.pay import (
    query_payment,
    query_waiting_payments,
    receive_notification,
)
from orders.services.place import place_order
from orders.services.sandbox import decide_and_deliver, deliver_undelivered
from payments.errors import BadSignature, UnknownGateway
from payments.models import (
    Account,
    GatewayEvent,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    ReconciliationException,
    Refund,
    SandboxRefund,
    SandboxTrade,
)
from payments.sandbox.services import decide
from payments.sandbox.signing import sign
from tests.factories import make_order, make_product, make_user, offer_of, pay_order, start_payment
from tests.payments.books import account_totals
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db


def start(order: Order) -> Payment:
    return start_payment(buyer=order.buyer, number=order.number, gateway="sandbox")


def token_of(payment: Payment) -> str:
    return SandboxTrade.objects.get(out_trade_no=payment.number).token


def deliver(message) -> str:
    headers, body = message
    return receive_notification(gateway="sandbox", headers=headers, body=body)


def altered(message, **changes):
    """The same message as the gateway would have signed it with other contents."""
    body = json.dumps(json.loads(message[1]) | changes).encode()
    return sign(body), body


def books() -> dict[str, int]:
    return {account: total for account, total in account_totals().items() if total}


# Starting ------------------------------------------------------------------------------


def test_starting_twice_takes_up_the_same_payment():
    order = make_order()
    first, second = start(order), start(order)
    assert first.pk == second.pk
    assert first.pay_url == second.pay_url != ""
    assert SandboxTrade.objects.count() == 1


def test_payment_asks_for_exactly_the_orders_total():
    order = make_order(offer=offer_of(make_product(price_fen=1999)), quantity=3)
    assert start(order).amount_fen == 5997
    assert SandboxTrade.objects.get().amount_fen == 5997


def test_gateway_shows_what_is_bought_in_the_payers_language():
    buyer = make_user(language="zh-hans")
    product = make_product(title_en="Noodles", title_zh="牛肉面")
    start(make_order(buyer, offer_of(product)))
    assert SandboxTrade.objects.get().subject == "牛肉面"


@pytest.mark.parametrize("outcome", ["cancelled", "timed_out", "overdue"])
def test_closed_order_cannot_be_paid(outcome):
    order = make_order()
    if outcome == "cancelled":
        cancel_order(buyer=order.buyer, number=order.number)
    with clock.at(order.expires_at):
        if outcome == "timed_out":
            time_out_due()
        with pytest.raises(OrderClosed):
            start(order)


def test_paid_order_cannot_be_paid_again():
    order = pay_order(make_order())
    with pytest.raises(OrderAlreadyPaid):
        start(order)


def test_unknown_gateway_is_refused():
    order = make_order()
    with pytest.raises(UnknownGateway):
        start_payment(buyer=order.buyer, number=order.number, gateway="gold")


# Paid ----------------------------------------------------------------------------------


def test_paid_notification_pays_the_order_issues_vouchers_and_books_escrow():
    first, second = make_product(price_fen=1000), make_product(price_fen=700, kind="goods")
    buyer = make_user()
    order = make_order(buyer, offer_of(first), 2)
    order = pay_order(order)
    other = pay_order(make_order(buyer, offer_of(second), 3))
    assert order.state == Order.State.PAID
    assert order.paid_at is not None
    assert order.payment.state == Payment.State.SUCCEEDED
    assert order.payment.amount_fen == 2000
    prices = Voucher.objects.filter(order_number=order.number).values_list("paid_fen", flat=True)
    assert list(prices) == [1000, 1000]
    pickup = Voucher.objects.get(order_number=other.number)
    assert (pickup.paid_fen, pickup.uses_total, pickup.units) == (2100, 3, 3)
    assert books() == {Account.GATEWAY: 4100, Account.ESCROW: -4100}
    entries = LedgerEntry.objects.filter(transaction__key=f"pay:{order.payment.number}")
    escrow = entries.filter(account=Account.ESCROW)
    assert {(e.merchant_id, e.voucher_ref, e.amount_fen) for e in escrow} == {
        (v.merchant_id, v.pk, -1000) for v in Voucher.objects.filter(order_number=order.number)
    }


def test_order_of_two_merchants_credits_each_its_own_escrow():
    first, second = make_product(price_fen=1000), make_product(price_fen=300)
    buyer = make_user()
    order = place_order(buyer=buyer, lines=[(offer_of(first).pk, 1), (offer_of(second).pk, 2)])
    pay_order(order)
    held = LedgerEntry.objects.filter(account=Account.ESCROW).values_list(
        "merchant_id", "amount_fen"
    )
    assert sorted(held) == sorted(
        [(first.merchant_id, -1000), (second.merchant_id, -300), (second.merchant_id, -300)]
    )


def test_same_notification_again_is_a_replay_and_changes_nothing():
    order = make_order()
    message = decide(token=token_of(start(order)), outcome="paid")
    assert deliver(message) == "paid"
    before = books()
    assert deliver(message) == "replay"
    assert books() == before
    assert Voucher.objects.count() == 1
    assert GatewayEvent.objects.get().outcome == "paid"


def test_second_event_about_the_same_success_is_ignored():
    order = make_order()
    message = decide(token=token_of(start(order)), outcome="paid")
    deliver(message)
    assert deliver(altered(message, event_id="another")) == "ignored"
    assert Voucher.objects.count() == 1
    assert not Refund.objects.exists()


@pytest.mark.parametrize("change", ["body", "signature", "nothing signed"])
def test_notification_that_was_tampered_with_is_refused(change):
    order = make_order()
    headers, body = decide(token=token_of(start(order)), outcome="paid")
    if change == "body":
        body = body.replace(b'"amount_fen":5000', b'"amount_fen":5001')
    elif change == "signature":
        headers = {name: value[::-1] for name, value in headers.items()}
    else:
        headers = {}
    with pytest.raises(BadSignature):
        deliver((headers, body))
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize("changes", [{"amount_fen": 1}, {"currency": "USD"}])
def test_other_amount_or_currency_pays_nothing_but_is_kept_for_the_operator(changes):
    order = make_order()
    message = decide(token=token_of(start(order)), outcome="paid")
    assert deliver(altered(message, **changes)) == "amount_mismatch"
    order.refresh_from_db()
    assert order.state == Order.State.PENDING
    assert Payment.objects.get().state == Payment.State.CREATED
    assert not Voucher.objects.exists()
    assert not LedgerTransaction.objects.exists()
    assert GatewayEvent.objects.get().outcome == "amount_mismatch"
    work = ReconciliationException.objects.open().get()
    assert (work.kind, work.subject) == ("message", Payment.objects.get().number)
    assert work.expected_fen == 5000
    assert work.actual_fen == changes.get("amount_fen", 5000)


def test_notification_that_names_another_order_pays_neither():
    cheap, dear = make_order(offer=offer_of(make_product(price_fen=100))), make_order()
    message = decide(token=token_of(start(cheap)), outcome="paid")
    moved = altered(message, out_trade_no=start(dear).number)
    assert deliver(moved) == "amount_mismatch"
    assert not Order.objects.filter(state=Order.State.PAID).exists()


def test_notification_about_an_unknown_payment_is_noted_and_changes_nothing(caplog):
    message = decide(token=token_of(start(make_order())), outcome="paid")
    assert deliver(altered(message, out_trade_no="P0", event_id="x")) == "unknown"
    assert not LedgerTransaction.objects.exists()
    assert GatewayEvent.objects.get().outcome == "unknown"
    (said,) = [row.getMessage() for row in caplog.records if row.levelname == "ERROR"]
    assert "notification x about P0: unknown" in said, "the operator finds it in the log"


# Failed, reordered, late, double -------------------------------------------------------


@pytest.mark.parametrize(("outcome", "state"), [("failed", "failed"), ("closed", "closed")])
def test_unsuccessful_payment_leaves_the_order_waiting_for_another_try(outcome, state):
    order = make_order()
    first = start(order)
    assert deliver(decide(token=token_of(first), outcome=outcome)) == outcome
    first.refresh_from_db()
    order.refresh_from_db()
    assert (first.state, order.state) == (state, Order.State.PENDING)
    assert start(order).pk != first.pk
    assert pay_order(order).state == Order.State.PAID


def test_old_failure_that_arrives_after_success_changes_nothing():
    order = make_order()
    paid = decide(token=token_of(start(order)), outcome="paid")
    failed = altered(paid, event_id="earlier", state="failed")
    assert deliver(paid) == "paid"
    assert deliver(failed) == "ignored"
    assert Payment.objects.get().state == Payment.State.SUCCEEDED


def test_success_after_a_reported_failure_counts():
    order = make_order()
    paid = decide(token=token_of(start(order)), outcome="paid")
    assert deliver(altered(paid, event_id="first", state="failed")) == "failed"
    assert deliver(paid) == "paid"
    order.refresh_from_db()
    assert order.state == Order.State.PAID


@pytest.mark.parametrize("closing", ["cancel", "time out"])
def test_late_payment_is_booked_and_returned_by_itself(closing, drain):
    order = make_order()
    message = decide(token=token_of(start(order)), outcome="paid")
    if closing == "cancel":
        cancel_order(buyer=order.buyer, number=order.number)
    else:
        with clock.at(order.expires_at):
            time_out_due()
    closed_as = Order.objects.get().state
    assert deliver(message) == "late"
    assert Order.objects.get().state == closed_as
    assert not Voucher.objects.exists()
    assert books() == {Account.GATEWAY: 5000, Account.REFUND_DUE: -5000}
    drain()
    assert Refund.objects.get().state == Refund.State.SUCCEEDED
    assert Refund.objects.get().reason == Refund.Reason.LATE_PAYMENT
    assert books() == {}
    told = Notification.objects.get(user=order.buyer)
    assert told.kind == "late_payment_refunded"
    assert told.params == {"number": order.number, "amount_fen": 5000}


def test_money_that_was_quicker_than_the_closing_is_returned(drain):
    """The buyer paid, the notification is lost, the order is cancelled: closing finds out."""
    order = make_order()
    decide(token=token_of(start(order)), outcome="paid")
    cancel_order(buyer=order.buyer, number=order.number)
    drain()
    assert Order.objects.get().state == Order.State.CANCELLED
    assert SandboxRefund.objects.get().amount_fen == 5000
    assert books() == {}


def test_second_payment_of_a_paid_order_is_returned(drain):
    order = make_order()
    first = start(order)
    Payment.objects.filter(pk=first.pk).update(state=Payment.State.FAILED)
    second = start(order)
    assert deliver(decide(token=token_of(second), outcome="paid")) == "paid"
    assert deliver(decide(token=token_of(first), outcome="paid")) == "late"
    drain()
    order.refresh_from_db()
    assert order.payment_id == second.pk
    assert Voucher.objects.count() == 1
    assert Refund.objects.get().payment_id == first.pk
    assert books() == {Account.GATEWAY: 5000, Account.ESCROW: -5000}


# Asking --------------------------------------------------------------------------------


def test_without_a_notification_the_gateway_is_asked_within_a_minute():
    order = make_order()
    decide(token=token_of(start(order)), outcome="paid")
    with clock.at(order.created_at + dt.timedelta(seconds=60)):
        assert query_waiting_payments() == 1
    order.refresh_from_db()
    assert order.state == Order.State.PAID


def test_asking_and_being_told_pay_once():
    order = make_order()
    payment = start(order)
    message = decide(token=token_of(payment), outcome="paid")
    assert query_payment(payment.pk) == "paid"
    assert deliver(message) == "ignored"
    assert Voucher.objects.count() == 1


def test_asking_while_nothing_is_decided_changes_nothing():
    payment = start(make_order())
    assert query_payment(payment.pk) == "waiting"
    assert not GatewayEvent.objects.exists()


def test_cashier_delivers_at_once_and_a_second_press_is_harmless():
    order = make_order()
    token = token_of(start(order))
    decide_and_deliver(token=token, outcome="paid")
    decide_and_deliver(token=token, outcome="failed")
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert GatewayEvent.objects.count() == 1


def test_what_the_sandbox_decided_and_nobody_heard_is_delivered_by_the_sweep():
    order = make_order()
    decide(token=token_of(start(order)), outcome="paid")
    moment = SandboxTrade.objects.get().decided_at + dt.timedelta(seconds=30)
    with clock.at(moment):
        assert deliver_undelivered() == 1
        assert deliver_undelivered() == 0
    order.refresh_from_db()
    assert order.state == Order.State.PAID


# Afterwards ----------------------------------------------------------------------------


def test_buyer_is_told_and_sales_are_counted_once(drain):
    product = make_product(title_en="Noodles")
    order = pay_order(make_order(offer=offer_of(product), quantity=2))
    drain()
    Delivery.objects.filter(event__topic="order.paid").update(done_at=None)
    drain()
    told = Notification.objects.get(user=order.buyer, kind="order_paid")
    assert told.params["number"] == order.number
    product.refresh_from_db()
    assert product.sales_count == 2


def test_paying_costs_the_same_number_of_statements_for_one_voucher_and_for_many():
    def statements(quantity: int) -> int:
        order = make_order(quantity=quantity)
        message = decide(token=token_of(start(order)), outcome="paid")
        with CaptureQueriesContext(connection) as queries:
            deliver(message)
        return len(queries)

    statements(1)  # what is compiled or prepared at its first use
    few = statements(1)
    assert statements(20) == few
    assert few <= 14  # two of them are the savepoint of a test


def test_what_follows_a_sale_costs_few_statements():
    def statements() -> int:
        order = pay_order(make_order())
        with CaptureQueriesContext(connection) as queries:
            follow_paid_order(order_id=order.pk)
        return len(queries)

    statements()
    assert statements() <= 11  # two of them are the savepoint of a test
