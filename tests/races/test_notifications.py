"""What the gateway says twice, late, out of order or altered changes nothing it should not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Stock
from kernel.clock import at
from messages.models import Notification
from orders.models import Order
from orders.services.cancel import cancel_order, time_out_order
from orders.services.pay import close_payment, query_payment
from orders.services.sandbox import deliver_undelivered
from payments.errors import BadNotification, BadSignature
from payments.models import GatewayEvent, LedgerTransaction, Payment, Refund, SandboxTrade
from payments.sandbox.services import undelivered
from payments.sandbox.signing import sign
from tests.factories import make_order, make_product, offer_of
from tests.races.books import (
    SignedMessage,
    balance,
    begin_payment,
    broken,
    deliver,
    paid_notification,
    press,
    times,
)
from tests.races.together import together
from vouchers.models import Voucher, VoucherComponent

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PRICE_FEN = 5000


@pytest.fixture
def order() -> Order:
    """An order of the last piece, waiting for payment."""
    return make_order(offer=offer_of(make_product(stock=1, price_fen=PRICE_FEN)))


def signed(message: SignedMessage, **changes: Any) -> SignedMessage:
    """Another message of the gateway, really signed by it."""
    body = json.dumps(json.loads(message[1]) | changes).encode()
    return sign(body), body


def books() -> tuple[Any, ...]:
    """Everything a notification may change."""
    return (
        list(Order.objects.values_list("number", "state", "paid_at", "payment_id")),
        list(Payment.objects.values_list("number", "state", "gateway_trade_no", "refunded_fen")),
        list(Voucher.objects.values_list("code", "state")),
        list(Refund.objects.values_list("number", "state")),
        list(LedgerTransaction.objects.values_list("key", flat=True)),
        list(Stock.objects.values_list("pk", "available")),
    )


def check_paid(order: Order) -> None:
    order.refresh_from_db()
    assert (order.state, order.payment.state) == ("paid", "succeeded")
    assert (Voucher.objects.count(), Stock.objects.get().available) == (1, 0)
    assert (balance("escrow"), balance("gateway")) == (PRICE_FEN, -PRICE_FEN)
    assert not Refund.objects.exists()
    assert broken() == set()


def check_returned(order: Order, state: str, drain: Callable[[], int]) -> None:
    """The order stays closed, and the late money is back where it came from."""
    drain()
    order.refresh_from_db()
    assert (order.state, order.payment_id) == (state, None)
    assert not Voucher.objects.exists()
    assert Stock.objects.get().available == 1
    refund = Refund.objects.get()
    assert (refund.reason, refund.state, refund.amount_fen) == (
        Refund.Reason.LATE_PAYMENT,
        "succeeded",
        PRICE_FEN,
    )
    assert (balance("gateway"), balance("unclaimed"), balance("refund_due")) == (0, 0, 0)
    told = Notification.objects.get(kind="late_payment_refunded")
    assert told.user_id == order.buyer_id
    assert broken() == set()


# Replayed ------------------------------------------------------------------------------


def test_a_replay_changes_nothing(order: Order) -> None:
    message = paid_notification(order)
    assert deliver(message) == "paid"
    before = books()

    assert [deliver(message) for _ in range(3)] == ["replay"] * 3
    assert deliver(signed(message)) == "replay"  # a second try is signed anew

    assert books() == before
    assert GatewayEvent.objects.get().outcome == "paid"
    check_paid(order)


def test_30_parallel_copies_are_taken_in_once(order: Order) -> None:
    message = paid_notification(order)

    outcomes = together(times(30, lambda: deliver(message)))

    assert sorted(outcomes) == ["paid"] + ["replay"] * 29
    check_paid(order)


def test_the_same_word_under_another_event_id_changes_nothing(order: Order) -> None:
    message = paid_notification(order)
    deliver(message)
    before = books()

    assert deliver(signed(message, event_id="another-event")) == "ignored"
    payment = Payment.objects.get()
    assert query_payment(payment.pk) == "ignored"

    assert books() == before


def test_a_notification_and_our_own_question_pay_an_order_once(order: Order) -> None:
    message = paid_notification(order)
    payment = Payment.objects.get()

    outcomes = together([lambda: deliver(message), *times(5, lambda: query_payment(payment.pk))])

    assert outcomes.count("paid") == 1
    assert set(outcomes) <= {"paid", "replay", "ignored"}
    check_paid(order)


def test_the_sweep_delivers_what_got_lost_and_only_once(order: Order) -> None:
    paid_notification(order)  # decided at the gateway, lost on the way
    later = SandboxTrade.objects.get().decided_at + dt.timedelta(minutes=1)

    with at(later):
        counts = together(times(4, _at(later, deliver_undelivered)))
        assert undelivered() == []

    assert sum(counts) >= 1
    check_paid(order)


def _at(moment: dt.datetime, job: Callable[[], Any]) -> Callable[[], Any]:
    def timed() -> Any:
        with at(moment):
            return job()

    return timed


# Reordered -----------------------------------------------------------------------------


@pytest.mark.parametrize("old_word", ["closed", "failed"])
def test_an_old_word_after_paid_changes_nothing(order: Order, old_word: str) -> None:
    message = paid_notification(order)
    deliver(message)
    before = books()

    old = signed(message, state=old_word, event_id=f"old-{old_word}")
    assert deliver(old) == "ignored"

    assert books() == before
    check_paid(order)


@pytest.mark.parametrize("first_word", ["closed", "failed"])
def test_paid_after_another_word_pays_the_order(order: Order, first_word: str) -> None:
    message = paid_notification(order)
    first = signed(message, state=first_word, event_id=f"first-{first_word}")

    assert deliver(first) == first_word
    assert Payment.objects.get().state == first_word
    assert deliver(message) == "paid"  # what the gateway reports wins

    check_paid(order)


@pytest.mark.parametrize("word", ["closed", "failed"])
def test_a_payment_that_came_to_nothing_leaves_the_order_waiting(order: Order, word: str) -> None:
    message = press(begin_payment(order), word)

    assert [deliver(message), deliver(message)] == [word, "replay"]

    order.refresh_from_db()
    assert (order.state, Payment.objects.get().state) == ("pending", word)
    assert not LedgerTransaction.objects.exists()
    assert deliver(paid_notification(order)) == "paid"  # a second try
    check_paid(order)


def test_words_in_every_order_at_once_end_in_paid(order: Order) -> None:
    message = paid_notification(order)
    words = [
        message,
        signed(message, state="closed", event_id="a"),
        signed(message, state="failed", event_id="b"),
        signed(message, state="closed", event_id="c"),
    ]

    together([lambda word=word: deliver(word) for word in words * 5])

    check_paid(order)


# Altered -------------------------------------------------------------------------------


def _flipped(message: SignedMessage) -> SignedMessage:
    headers, body = message
    return headers, body.replace(b'"amount_fen":5000', b'"amount_fen":5001')


def _spaced(message: SignedMessage) -> SignedMessage:
    headers, body = message
    return headers, body + b" "  # the same JSON, other bytes


def _other_signature(message: SignedMessage) -> SignedMessage:
    headers, body = message
    other, _body = signed(message, amount_fen=1)
    return headers | {"Sandbox-Signature": other["Sandbox-Signature"]}, body


def _moved_in_time(message: SignedMessage) -> SignedMessage:
    headers, body = message
    return headers | {"Sandbox-Timestamp": str(int(headers["Sandbox-Timestamp"]) + 1)}, body


def _without(name: str) -> Callable[[SignedMessage], SignedMessage]:
    def strip(message: SignedMessage) -> SignedMessage:
        headers, body = message
        return {key: value for key, value in headers.items() if key != name}, body

    return strip


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(_flipped, id="amount in the body"),
        pytest.param(_spaced, id="one byte more"),
        pytest.param(_other_signature, id="signature of another message"),
        pytest.param(_moved_in_time, id="timestamp"),
        pytest.param(_without("Sandbox-Signature"), id="no signature"),
        pytest.param(_without("Sandbox-Serial"), id="no key named"),
        pytest.param(_without("Sandbox-Timestamp"), id="no time"),
    ],
)
def test_what_the_gateway_did_not_sign_is_refused_unread(
    order: Order, alter: Callable[[SignedMessage], SignedMessage]
) -> None:
    message = paid_notification(order)
    before = books()

    with pytest.raises(BadSignature):
        deliver(alter(message))

    assert books() == before
    assert not GatewayEvent.objects.exists()
    assert deliver(message) == "paid"  # the true one still counts
    check_paid(order)


@pytest.mark.parametrize("changes", [{"app_id": "other"}, {"merchant_id": "other"}])
def test_a_message_for_somebody_else_is_refused(order: Order, changes: dict[str, Any]) -> None:
    message = paid_notification(order)
    before = books()

    with pytest.raises(BadNotification):
        deliver(signed(message, **changes))

    assert books() == before
    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"amount_fen": PRICE_FEN - 1}, "amount_mismatch"),
        ({"amount_fen": PRICE_FEN + 1}, "amount_mismatch"),
        ({"currency": "USD"}, "amount_mismatch"),
        ({"out_trade_no": "P000000000000000"}, "unknown"),
    ],
    ids=["too little", "too much", "another currency", "another number"],
)
def test_a_signed_message_that_is_not_our_payment_pays_nothing(
    order: Order, changes: dict[str, Any], outcome: str
) -> None:
    message = paid_notification(order)
    before = books()

    assert deliver(signed(message, event_id="strange", **changes)) == outcome

    assert books() == before
    assert GatewayEvent.objects.get().outcome == outcome  # an operator can see it
    assert deliver(message) == "paid"
    check_paid(order)


def test_a_message_about_one_order_never_pays_another(order: Order) -> None:
    other = make_order(offer=offer_of(make_product(stock=1, price_fen=PRICE_FEN)))
    message = paid_notification(order)
    begin_payment(other)

    assert deliver(message) == "paid"

    other.refresh_from_db()
    assert other.state == "pending"
    assert not Voucher.objects.filter(order_number=other.number).exists()
    assert broken() == set()


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_of_another_time_is_refused(order: Order, minutes: int) -> None:
    message = paid_notification(order)
    decided_at = SandboxTrade.objects.get().decided_at

    with at(decided_at + dt.timedelta(minutes=minutes)), pytest.raises(BadSignature):
        deliver(message)

    assert not GatewayEvent.objects.exists()


@pytest.mark.parametrize(
    ("alter", "status"), [(_flipped, 401), (lambda message: message, 200)], ids=["altered", "true"]
)
def test_the_door_tells_a_prober_nothing(
    order: Order, alter: Callable[[SignedMessage], SignedMessage], status: int
) -> None:
    headers, body = alter(paid_notification(order))

    answer = Client().post(
        "/payments/notify/sandbox/", body, content_type="application/json", headers=headers
    )

    assert answer.status_code == status
    assert order.number.encode() not in answer.content
    assert answer.content in {b"", b"success"}


# Late, and twice ---------------------------------------------------------------------------


def test_money_for_a_cancelled_order_goes_back_by_itself(
    order: Order, drain: Callable[[], int]
) -> None:
    message = paid_notification(order)
    cancel_order(buyer=order.buyer, number=order.number)

    assert [deliver(message), deliver(message)] == ["late", "replay"]

    check_returned(order, "cancelled", drain)


def test_money_for_a_timed_out_order_goes_back_by_itself(
    order: Order, drain: Callable[[], int]
) -> None:
    with at(order.expires_at - dt.timedelta(minutes=1)):
        message = paid_notification(order)
    with at(order.expires_at + dt.timedelta(minutes=1)):
        assert time_out_order(order_id=order.pk)
        assert [deliver(message), deliver(message)] == ["late", "replay"]

    check_returned(order, "timed_out", drain)


def test_money_that_beat_our_close_at_the_gateway_goes_back_by_itself(
    order: Order, drain: Callable[[], int]
) -> None:
    paid_notification(order)  # paid there; the message is lost
    cancel_order(buyer=order.buyer, number=order.number)

    together(times(4, lambda: close_payment(payment_id=Payment.objects.get().pk)))

    check_returned(order, "cancelled", drain)


def test_the_second_payment_of_a_paid_order_goes_back_by_itself(
    order: Order, drain: Callable[[], int]
) -> None:
    first = press(begin_payment(order))
    Payment.objects.update(state=Payment.State.FAILED)  # a word that the gateway takes back
    second = press(begin_payment(order))

    assert deliver(second) == "paid"
    assert deliver(first) == "late"
    drain()

    order.refresh_from_db()
    assert (order.state, order.payment.state) == ("paid", "succeeded")
    assert VoucherComponent.objects.get().payment_id == order.payment_id
    refund = Refund.objects.get()
    assert refund.payment_id != order.payment_id
    assert (refund.amount_fen, refund.state) == (PRICE_FEN, "succeeded")
    assert (balance("gateway"), balance("escrow")) == (-PRICE_FEN, PRICE_FEN)
    assert broken() == set()


def test_after_all_of_this_the_audit_command_is_content(
    order: Order, drain: Callable[[], int]
) -> None:
    message = paid_notification(order)
    cancel_order(buyer=order.buyer, number=order.number)
    deliver(message)
    drain()

    call_command("audit")
