"""Cancel, time-out and payment against each other: one wins, and money never stays behind."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from catalog.models import Stock
from kernel.clock import at
from orders.basket_view import basket_view
from orders.models import Basket, BasketLine, Order
from orders.services import checkout
from orders.services.basket import add_line, basket_of
from orders.services.cancel import cancel_order, time_out_order
from orders.services.checkout import check_out
from payments.models import Payment, Refund
from tests.factories import make_order, make_product, make_user, offer_of, start_payment
from tests.races.books import balance, begin_payment, broken, deliver, paid_notification, times
from tests.races.together import PATIENCE_SECONDS, refusals, together, won
from tests.races.unguarded import compare_and_set, overtaken
from vouchers.models import Voucher, VoucherComponent

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ORDER = compare_and_set(Order, "state", "expires_at")
PAYMENT = compare_and_set(Payment, "state")
ROUNDS = 6
PRICE_FEN = 5000


def order_of_one_piece() -> Order:
    return make_order(offer=offer_of(make_product(stock=1, price_fen=PRICE_FEN)))


def cancel(order: Order) -> Callable[[], Any]:
    return lambda: cancel_order(buyer=order.buyer, number=order.number)


def time_out(order: Order) -> Callable[[], bool]:
    """The sweep, whose clock is past the deadline; the message comes a moment before it."""

    def job() -> bool:
        with at(order.expires_at + dt.timedelta(seconds=1)):
            return time_out_order(order_id=order.pk)

    return job


def paid(order: Order) -> Callable[[], str]:
    """The gateway's word that it was paid, signed and on its way."""
    message = paid_notification(order)
    return lambda: deliver(message)


def check_paid(order: Order) -> None:
    assert (order.state, order.payment.state) == ("paid", "succeeded")
    assert Voucher.objects.get(order_number=order.number).paid_fen == PRICE_FEN
    assert Stock.objects.get().available == 0
    assert (balance("escrow"), balance("refund_due")) == (PRICE_FEN, 0)


def check_closed(order: Order, drain: Callable[[], int]) -> None:
    """No voucher, the piece is back on the shelf, and the money is refunded automatically."""
    assert not Voucher.objects.exists()
    assert Stock.objects.get().available == 1
    assert Refund.objects.get().reason == Refund.Reason.LATE_PAYMENT
    assert (balance("escrow"), balance("unclaimed"), balance("refund_due")) == (0, 0, PRICE_FEN)
    drain()
    assert Refund.objects.get().state == "succeeded"
    assert (balance("gateway"), balance("refund_due")) == (0, 0)


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_a_cancel_and_a_payment_exactly_one_wins(
    round_number: int, drain: Callable[[], int]
) -> None:
    order = order_of_one_piece()
    jobs = [cancel(order), paid(order)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    order.refresh_from_db()
    if order.state == "paid":
        assert "paid" in answers
        assert refusals(answers) == {"order_paid": 1}
        check_paid(order)
    else:
        assert order.state == "cancelled"
        assert "late" in answers
        check_closed(order, drain)
    assert broken() == set()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_of_a_time_out_and_a_payment_exactly_one_wins(
    round_number: int, drain: Callable[[], int]
) -> None:
    order = order_of_one_piece()
    jobs = [time_out(order), paid(order)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    order.refresh_from_db()
    assert set(answers) == ({False, "paid"} if order.state == "paid" else {True, "late"})
    if order.state == "paid":
        check_paid(order)
    else:
        assert order.state == "timed_out"
        check_closed(order, drain)
    assert broken() == set()


def test_a_cancel_and_several_time_outs_give_the_stock_back_once() -> None:
    order = order_of_one_piece()

    answers = together([cancel(order), *times(6, time_out(order)), cancel(order)])

    order.refresh_from_db()
    assert order.state in {"cancelled", "timed_out"}
    assert answers.count(True) == (order.state == "timed_out")
    assert Stock.objects.get().available == 1
    assert broken() == set()


def test_parallel_starts_of_one_payment_open_one_payment() -> None:
    order = order_of_one_piece()

    answers = together(
        times(12, lambda: start_payment(buyer=order.buyer, number=order.number, gateway="sandbox"))
    )

    assert {payment.pk for payment in answers} == {Payment.objects.get().pk}
    assert len({payment.pay_url for payment in answers}) == 1


def test_a_start_and_a_cancel_leave_no_payment_open_on_a_closed_order(
    drain: Callable[[], int],
) -> None:
    order = order_of_one_piece()

    answers = together([lambda: begin_payment(order), cancel(order)])

    drain()
    order.refresh_from_db()
    assert order.state == "cancelled"
    assert not Payment.objects.filter(state="created").exists()
    assert set(refusals(answers)) <= {"order_closed", "payment_closed"}


@pytest.mark.parametrize("round_number", range(ROUNDS // 2))
def test_two_payments_of_one_order_issue_vouchers_once(
    round_number: int, drain: Callable[[], int]
) -> None:
    order = order_of_one_piece()
    first, second = paid(order), paid_again(order)

    answers = together([first, second])

    assert sorted(answers) == ["late", "paid"]
    order.refresh_from_db()
    assert Payment.objects.filter(state="succeeded").count() == 2
    assert VoucherComponent.objects.get().payment_id == order.payment_id
    assert (balance("escrow"), balance("refund_due")) == (PRICE_FEN, PRICE_FEN)
    drain()
    assert balance("gateway") == -PRICE_FEN
    assert Refund.objects.get().payment_id != order.payment_id
    assert broken() == set()


def paid_again(order: Order) -> Callable[[], str]:
    """A second payment of the same order, paid at the gateway too: two windows, two phones."""
    Payment.objects.filter(reference=order.number).update(state=Payment.State.FAILED)
    return paid(order)


# Controls ------------------------------------------------------------------------------


def test_control_without_guards_a_cancelled_order_is_paid_too() -> None:
    order = order_of_one_piece()

    answers = overtaken(cancel(order), paid(order), ORDER, PAYMENT)

    order.refresh_from_db()
    assert len(won(answers)) == 2
    assert order.state == "cancelled"
    assert Voucher.objects.count() == 1
    assert "unpaid_order_has_no_voucher" in broken()


def test_control_without_guards_a_paid_order_has_given_its_piece_back() -> None:
    order = order_of_one_piece()

    answers = overtaken(paid(order), cancel(order), ORDER, PAYMENT)

    order.refresh_from_db()
    assert len(won(answers)) == 2
    assert (order.state, Voucher.objects.count()) == ("paid", 1)
    assert Stock.objects.get().available == 1  # sold, and on the shelf again


def test_control_without_guards_a_timed_out_order_is_paid_too() -> None:
    order = order_of_one_piece()

    answers = overtaken(time_out(order), paid(order), ORDER, PAYMENT)

    order.refresh_from_db()
    assert answers == (True, "paid")
    assert order.state == "timed_out"
    assert "unpaid_order_has_no_voucher" in broken()


def test_control_without_guards_one_order_is_paid_twice() -> None:
    order = order_of_one_piece()

    answers = overtaken(paid(order), paid_again(order), ORDER)

    assert answers == ("paid", "paid")
    assert Voucher.objects.filter(order_number=order.number).count() == 2
    assert balance("escrow") == 2 * PRICE_FEN
    assert "order_paid_exactly" in broken()


# Checkout --------------------------------------------------------------------------------


def tabs(count: int) -> list[Callable[[], Any]]:
    """The checkout of one basket in many tabs. Nobody waits before its lines are taken out:

    there is plenty in stock, and the terms were frozen by an order of somebody else.
    """
    buyer = make_user()
    basket = basket_of(owner=buyer)
    for quantity in (1, 2):
        offer = offer_of(make_product(stock=None))
        make_order(offer=offer)
        add_line(basket=basket, offer_id=offer.pk, quantity=quantity)
    seen = basket_view(basket).quote.digest
    return [lambda: check_out(buyer=buyer, basket=basket, seen=seen, gateway="sandbox")] * count


def test_a_basket_open_in_many_tabs_is_ordered_once() -> None:
    for _ in range(3):
        answers = together(tabs(8))
        assert (len(won(answers)), refusals(answers)["basket_changed"]) == (1, 7)
    assert not BasketLine.objects.exists()


def test_control_without_the_compare_every_tab_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    barrier = threading.Barrier(4)

    def take_out_whatever_is_left(*, basket: Basket, bought: Any) -> None:
        barrier.wait(PATIENCE_SECONDS)
        basket.lines.filter(offer_id__in=[offer_id for offer_id, _quantity in bought]).delete()

    monkeypatch.setattr(checkout, "take_out", take_out_whatever_is_left)
    assert len(won(together(tabs(4)))) == 4
