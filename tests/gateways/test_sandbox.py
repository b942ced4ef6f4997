"""The sandbox gateway's side of the bargain: signatures, idempotency, its own books."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from kernel import clock
from kernel.clock import now
from kernel.errors import NotFound
from payments.errors import (
    BadNotification,
    BadSignature,
    GatewayRefused,
    UnknownGateway,
)
from payments.gateways.base import PaymentRequest, RefundRequest, all_gateways, get_gateway
from payments.models import SandboxRefund, SandboxTrade
from payments.sandbox import services, signing
from tests.payments.books import token_of

pytestmark = pytest.mark.django_db

SignedMessage = tuple[dict[str, str], bytes]


def _request(**fields: Any) -> PaymentRequest:
    return PaymentRequest(
        **{
            "number": "P1",
            "amount_fen": 1000,
            "subject": "Lunch",
            "return_url": "/orders/1/",
            "expires_at": now() + dt.timedelta(minutes=15),
        }
        | fields
    )


def _pay(outcome: str = "paid", **fields: Any) -> SignedMessage:
    opened = get_gateway("sandbox").open_payment(_request(**fields))
    message = services.decide(token=token_of(opened), outcome=outcome)  # type: ignore[arg-type]
    assert message is not None
    return message


def _parse(headers: dict[str, str], body: bytes) -> Any:
    return get_gateway("sandbox").parse_notification(headers=headers, body=body)


def _signed(message: dict[str, Any]) -> SignedMessage:
    body = json.dumps(message).encode()
    return signing.sign(body), body


# Switched on by name --------------------------------------------------------------------


def test_refuses_to_start_outside_debug_unless_switched_on(settings: Any) -> None:
    settings.DEBUG, settings.SANDBOX_GATEWAY = False, False
    with pytest.raises(ImproperlyConfigured, match="SANDBOX_GATEWAY=1"):
        all_gateways()


@pytest.mark.parametrize(("debug", "named"), [(True, False), (False, True)])
def test_starts_in_debug_or_when_switched_on(settings: Any, debug: bool, named: bool) -> None:
    settings.DEBUG, settings.SANDBOX_GATEWAY = debug, named
    assert [gateway.code for gateway in all_gateways()] == ["sandbox"]


def test_a_gateway_that_is_not_switched_on_is_unknown(settings: Any) -> None:
    settings.PAYMENT_GATEWAYS = []
    for code in ("sandbox", "nobody"):
        with pytest.raises(UnknownGateway):
            get_gateway(code)


# Opening, closing, deciding -------------------------------------------------------------


def test_the_same_number_opens_one_trade() -> None:
    gateway = get_gateway("sandbox")
    assert gateway.open_payment(_request()) == gateway.open_payment(_request())
    assert SandboxTrade.objects.count() == 1


def test_the_same_number_with_another_amount_is_refused() -> None:
    gateway = get_gateway("sandbox")
    gateway.open_payment(_request())
    with pytest.raises(GatewayRefused):
        gateway.open_payment(_request(amount_fen=999))


def test_a_trade_is_decided_once() -> None:
    opened = get_gateway("sandbox").open_payment(_request())
    token = token_of(opened)  # type: ignore[arg-type]
    assert services.decide(token=token, outcome="paid")
    assert services.decide(token=token, outcome="closed") is None
    assert get_gateway("sandbox").query_payment(number="P1").state == "paid"


def test_closing_after_the_money_came_says_paid() -> None:
    _pay()
    answer = get_gateway("sandbox").close_payment(number="P1")
    assert (answer.state, answer.amount_fen) == ("paid", 1000)


def test_a_closed_trade_takes_no_money() -> None:
    gateway = get_gateway("sandbox")
    token = token_of(gateway.open_payment(_request()))  # type: ignore[arg-type]
    assert gateway.close_payment(number="P1").state == "closed"
    assert services.decide(token=token, outcome="paid") is None


def test_a_trade_takes_no_money_after_its_time() -> None:
    token = token_of(get_gateway("sandbox").open_payment(_request()))  # type: ignore[arg-type]
    with clock.at(now() + dt.timedelta(minutes=16)):
        assert services.decide(token=token, outcome="paid") is None
        assert services.view_trade(token=token).state == "closed"


def test_numbers_and_tokens_that_nobody_gave_out() -> None:
    assert get_gateway("sandbox").query_payment(number="P404").state == "unknown"
    assert get_gateway("sandbox").close_payment(number="P404").state == "unknown"
    with pytest.raises(NotFound):
        services.view_trade(token="nobody")
    with pytest.raises(NotFound):
        services.decide(token="nobody", outcome="paid")


def test_an_outcome_that_does_not_exist() -> None:
    token = token_of(get_gateway("sandbox").open_payment(_request()))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="waiting"):
        services.decide(token=token, outcome="waiting")


# Notifications --------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["paid", "failed", "closed"])
def test_notification_tells_what_happened(outcome: str) -> None:
    notification = _parse(*_pay(outcome))
    assert (notification.kind, notification.state) == ("payment", outcome)
    assert (notification.out_trade_no, notification.amount_fen) == ("P1", 1000)
    assert notification.currency == "CNY"
    assert notification.gateway_number == SandboxTrade.objects.get().trade_no


def test_header_names_are_read_in_any_letter_case() -> None:
    headers, body = _pay()
    assert _parse({name.upper(): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"amount_fen":1000', b'"amount_fen":1'), (b'"P1"', b'"P2"'), (b'"paid"', b'"paid" ')],
)
def test_an_altered_body_is_refused(old: bytes, new: bytes) -> None:
    headers, body = _pay()
    assert old in body
    with pytest.raises(BadSignature):
        _parse(headers, body.replace(old, new))


@pytest.mark.parametrize("name", ["Serial", "Timestamp", "Nonce", "Signature"])
@pytest.mark.parametrize("value", [None, "", "1", "签", "x" * 4000])
def test_an_altered_or_missing_header_is_refused(name: str, value: str | None) -> None:
    headers, body = _pay()
    headers.pop(f"Sandbox-{name}")
    if value is not None:
        headers[f"Sandbox-{name}"] = value
    with pytest.raises(BadSignature):
        _parse(headers, body)


def test_a_signature_of_another_key_is_refused(settings: Any) -> None:
    headers, body = _pay()
    settings.SECRET_KEY = "another house altogether"
    with pytest.raises(BadSignature):
        _parse(headers, body)


def test_a_key_that_was_just_replaced_is_still_believed(settings: Any) -> None:
    headers, body = _pay()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another house altogether"
    assert _parse(headers, body).out_trade_no == "P1"


@pytest.mark.parametrize(
    ("seconds", "believed"), [(-301, False), (-299, True), (299, True), (301, False)]
)
def test_a_timestamp_is_believed_for_300_seconds_both_ways(seconds: int, believed: bool) -> None:
    with clock.at(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)):
        headers, body = _pay()
    with clock.at(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)):
        if believed:
            assert _parse(headers, body)
        else:
            with pytest.raises(BadSignature):
                _parse(headers, body)


@pytest.mark.parametrize("name", ["app_id", "merchant_id"])
def test_a_signed_message_for_somebody_else_is_refused(name: str) -> None:
    message = json.loads(_pay()[1])
    with pytest.raises(BadNotification):
        _parse(*_signed(message | {name: "somebody else"}))


@pytest.mark.parametrize(
    "message", [{}, [], {"event_id": 1}, "text", None, {"occurred_at": "yesterday"}]
)
def test_a_signed_message_that_cannot_be_read_is_refused(message: Any) -> None:
    if isinstance(message, dict) and message:
        message = json.loads(_pay()[1]) | message
        message.pop("state")
    with pytest.raises(BadNotification):
        _parse(*_signed(message))


def test_what_nobody_took_in_is_sent_again_under_the_same_event() -> None:
    first = _parse(*_pay())
    assert services.undelivered() == []  # the first one may still be on its way
    with clock.at(now() + dt.timedelta(minutes=10)):
        headers, body = services.undelivered()[0]
        assert _parse(headers, body) == first
        services.mark_delivered(body=body)
        assert services.undelivered() == []


# Refunds --------------------------------------------------------------------------------


def _refund(number: str = "R1", amount_fen: int = 400) -> Any:
    return get_gateway("sandbox").refund(
        RefundRequest(
            number=number,
            amount_fen=amount_fen,
            payment_number="P1",
            payment_amount_fen=1000,
            gateway_trade_no="",
            reason="not used",
        )
    )


def test_the_same_refund_number_refunds_once() -> None:
    _pay()
    assert _refund() == _refund()
    assert SandboxRefund.objects.count() == 1


def test_refunds_never_exceed_the_trade() -> None:
    _pay()
    _refund("R1", 400)
    _refund("R2", 600)
    with pytest.raises(GatewayRefused):
        _refund("R3", 1)


def test_a_refund_number_does_not_change_its_amount() -> None:
    _pay()
    _refund("R1", 400)
    with pytest.raises(GatewayRefused):
        _refund("R1", 300)


def test_a_trade_that_is_not_paid_is_not_refunded() -> None:
    with pytest.raises(GatewayRefused):
        _refund()
    _pay("failed")
    with pytest.raises(GatewayRefused):
        _refund()


def test_a_slow_refund_is_accepted_first_and_done_later(settings: Any) -> None:
    settings.SANDBOX_REFUND_SECONDS = 60
    _pay()
    gateway = get_gateway("sandbox")
    assert _refund().state == "accepted"
    assert gateway.query_refund(number="R1", payment_number="P1").state == "accepted"
    with clock.at(now() + dt.timedelta(seconds=120)):
        assert gateway.query_refund(number="R1", payment_number="P1").state == "succeeded"
        told = [_parse(*message) for message in services.undelivered()]
    refunds = [message for message in told if message.kind == "refund"]
    assert [(message.out_refund_no, message.amount_fen) for message in refunds] == [("R1", 400)]


def test_a_refund_nobody_asked_for_is_unknown() -> None:
    answer = get_gateway("sandbox").query_refund(number="R404", payment_number="P1")
    assert answer.state == "unknown"
