from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from kernel import clock
from kernel.clock import now
from kernel.errors import NotFound
from kernel.outbox.models import OutboxEvent
from payments.access import lock_payment
from payments.errors import AmountMismatch, PaymentClosed, UnknownGateway
from payments.gateways.base import ADAPTERS
from payments.models import GatewayEvent, Payment, SandboxTrade
from payments.services.payments import (
    close_at_gateway,
    close_payments,
    create_payment,
    note_outcome,
    open_at_gateway,
    payments_to_query,
    query_at_gateway,
    record_failure,
    record_notification,
    record_success,
)
from tests.factories import make_user
from tests.payments.books import decide_payment, make_paid_payment, read, start_payment

pytestmark = pytest.mark.django_db


def _create(**fields: Any) -> Payment:
    return create_payment(
        **{
            "reference": "ORDER",
            "payer_id": fields.pop("payer_id", None) or make_user().pk,
            "gateway": "sandbox",
            "amount_fen": 5000,
            "expires_at": now() + dt.timedelta(minutes=15),
        }
        | fields
    )


# Start ----------------------------------------------------------------------------------


def test_paying_again_takes_up_the_payment_that_waits() -> None:
    assert _create().pk == _create().pk


@pytest.mark.parametrize("state", ["failed", "closed"])
def test_after_a_failed_or_closed_one_a_new_payment_is_made(state: str) -> None:
    first = _create()
    Payment.objects.update(state=state)
    assert _create().pk != first.pk


def test_a_payment_whose_time_is_over_is_not_taken_up() -> None:
    first = _create()
    with clock.at(now() + dt.timedelta(minutes=16)):
        assert _create(expires_at=now() + dt.timedelta(minutes=15)).pk != first.pk


def test_a_gateway_that_is_off_takes_no_payment(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = []
    with pytest.raises(UnknownGateway):
        _create()
    assert not Payment.objects.exists()


def test_opening_twice_gives_one_address_and_one_trade() -> None:
    payment = start_payment()
    again = open_at_gateway(
        payment=Payment.objects.get(pk=payment.pk), subject="Two coffees", return_url="/"
    )
    assert again.pay_url == payment.pay_url
    Payment.objects.update(pay_url="")  # our first try died before it could keep the address
    again = open_at_gateway(
        payment=Payment.objects.get(pk=payment.pk), subject="Two coffees", return_url="/"
    )
    assert again.pay_url == payment.pay_url
    assert SandboxTrade.objects.count() == 1


def test_a_closed_payment_is_not_opened() -> None:
    payment = _create()
    close_payments(reference="ORDER")
    with pytest.raises(PaymentClosed):
        open_at_gateway(
            payment=Payment.objects.get(pk=payment.pk), subject="Two coffees", return_url="/"
        )
    assert not SandboxTrade.objects.exists()


def test_a_payment_closed_while_the_gateway_opens_it_is_closed_there_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADAPTERS, "sandbox", "tests.payments.troubled.SlowGateway")
    with pytest.raises(PaymentClosed):
        start_payment()
    assert SandboxTrade.objects.get().state == "closed"
    assert Payment.objects.get().pay_url == ""


# Notifications --------------------------------------------------------------------------


def test_a_replayed_notification_is_recorded_once() -> None:
    message = decide_payment(start_payment())
    notification = read(message)
    assert record_notification(gateway="sandbox", notification=notification, body=message[1])
    assert not record_notification(gateway="sandbox", notification=notification, body=message[1])
    event = GatewayEvent.objects.get()
    assert (event.kind, event.payment_number) == ("payment.paid", notification.out_trade_no)
    assert event.body == message[1].decode()


def test_a_notification_that_could_not_be_applied_may_come_again() -> None:
    message = decide_payment(start_payment())
    with pytest.raises(RuntimeError), transaction.atomic():
        record_notification(gateway="sandbox", notification=read(message), body=message[1])
        raise RuntimeError
    assert record_notification(gateway="sandbox", notification=read(message), body=message[1])


def test_a_body_that_is_no_text_is_kept_all_the_same() -> None:
    notification = read(decide_payment(start_payment()))
    assert record_notification(gateway="sandbox", notification=notification, body=b"\x00\xff{}")


def test_outcome_is_kept_beside_the_event() -> None:
    message = decide_payment(start_payment())
    record_notification(gateway="sandbox", notification=read(message), body=message[1])
    note_outcome(gateway="sandbox", notification=read(message), outcome="late")
    assert GatewayEvent.objects.get().outcome == "late"


def test_success_is_written_once_with_the_gateways_number_and_moment() -> None:
    payment = start_payment()
    notification = read(decide_payment(payment))
    assert record_success(payment=payment, notification=notification)
    assert not record_success(payment=payment, notification=notification)
    kept = Payment.objects.get()
    assert (kept.state, kept.gateway_trade_no) == ("succeeded", notification.gateway_number)
    assert kept.succeeded_at == notification.occurred_at
    assert (payment.state, payment.succeeded_at) == (kept.state, kept.succeeded_at)


@pytest.mark.parametrize("change", [{"amount_fen": 9_999}, {"currency": "USD"}])
def test_another_amount_or_currency_changes_nothing(change: dict[str, Any]) -> None:
    payment = start_payment(amount_fen=10_000)
    notification = dataclasses.replace(read(decide_payment(payment)), **change)
    with pytest.raises(AmountMismatch):
        record_success(payment=payment, notification=notification)
    assert Payment.objects.get().state == "created"


@pytest.mark.parametrize("state", ["failed", "closed"])
def test_the_gateway_has_the_last_word(state: str) -> None:
    payment = start_payment()
    notification = read(decide_payment(payment))
    Payment.objects.update(state=state)
    assert record_success(
        payment=lock_payment(gateway=payment.gateway, number=payment.number),
        notification=notification,
    )


@pytest.mark.parametrize("outcome", ["failed", "closed"])
def test_a_failure_is_written_unless_the_money_came(outcome: str) -> None:
    payment = start_payment()
    notification = read(decide_payment(payment, outcome))
    assert record_failure(payment=payment, notification=notification)
    assert payment.state == outcome
    Payment.objects.update(state="succeeded")
    assert not record_failure(payment=payment, notification=notification)
    assert Payment.objects.get().state == "succeeded"


def test_taking_in_a_paid_notification_is_three_statements(django_assert_num_queries) -> None:
    payment = start_payment()
    message = decide_payment(payment)
    notification = read(message)
    with django_assert_num_queries(3):
        record_notification(gateway="sandbox", notification=notification, body=message[1])
        payment = lock_payment(gateway=payment.gateway, number=payment.number)
        record_success(payment=payment, notification=notification)


def test_a_payment_is_found_by_gateway_and_number() -> None:
    payment = start_payment()
    assert lock_payment(gateway="sandbox", number=payment.number) == payment
    for gateway, number in (("alipay", payment.number), ("sandbox", "P404")):
        with pytest.raises(NotFound):
            lock_payment(gateway=gateway, number=number)


# Close and query ------------------------------------------------------------------------


def test_closing_closes_what_waits_and_has_a_worker_tell_the_gateway() -> None:
    payment = start_payment(reference="ORDER")
    other = start_payment(reference="OTHER")
    assert close_payments(reference="ORDER") == 1
    assert close_payments(reference="ORDER") == 0
    payment.refresh_from_db()
    other.refresh_from_db()
    assert (payment.state, other.state) == ("closed", "created")
    event = OutboxEvent.objects.get(topic="payment.close")
    assert event.payload == {"payment_id": payment.pk}
    assert close_at_gateway(**event.payload) is None
    assert SandboxTrade.objects.get(out_trade_no=payment.number).state == "closed"
    assert close_at_gateway(**event.payload) is None


def test_closing_never_touches_a_payment_that_succeeded() -> None:
    payment = make_paid_payment()
    assert close_payments(reference=payment.reference) == 0
    assert close_at_gateway(payment_id=payment.pk) is None


def test_closing_after_the_money_came_tells_so() -> None:
    payment = start_payment(reference="ORDER")
    decide_payment(payment)  # its notification never arrives
    close_payments(reference="ORDER")
    notification = close_at_gateway(payment_id=payment.pk)
    assert notification is not None
    assert (notification.state, notification.out_trade_no) == ("paid", payment.number)
    assert record_success(
        payment=lock_payment(gateway=payment.gateway, number=payment.number),
        notification=notification,
    )


def test_a_lost_notification_is_made_up_for_by_asking() -> None:
    payment = start_payment()
    assert query_at_gateway(payment_id=payment.pk) is None
    sent = read(decide_payment(payment))
    asked = query_at_gateway(payment_id=payment.pk)
    assert asked is not None
    assert (
        dataclasses.replace(
            asked, event_id=sent.event_id, app_id=sent.app_id, merchant_id=sent.merchant_id
        )
        == sent
    )


def test_the_sweep_asks_within_a_minute_for_what_waits() -> None:
    waiting = start_payment()
    _create(reference="NEVER-OPENED")
    make_paid_payment()
    assert payments_to_query() == []
    with clock.at(now() + dt.timedelta(seconds=60)):
        assert payments_to_query() == [waiting.pk]
