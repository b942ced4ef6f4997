from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kernel import clock
from kernel.clock import now
from kernel.errors import NotFound
from kernel.outbox.models import OutboxEvent
from payments.access import lock_payment
from payments.errors import AmountMismatch, GatewayUnavailable, RefundNotFailed, RefundTooLarge
from payments.gateways.base import ADAPTERS
from payments.models import Account, Payment, Refund, SandboxRefund, SandboxTrade
from payments.sandbox import services as sandbox
from payments.services.payments import close_payments, record_success
from payments.services.refunds import (
    complete_refund,
    fail_refund,
    query_refund,
    query_waiting_refunds,
    record_refund,
    refund_late_payment,
    request_refund,
    retry_refund,
    send_refund,
)
from tests.payments.books import (
    account_totals,
    ask_refund,
    decide_payment,
    is_posted,
    make_paid_payment,
    read,
    start_payment,
)

pytestmark = pytest.mark.django_db


def _state(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.state


def _refunded(payment: Payment) -> int:
    payment.refresh_from_db()
    return payment.refunded_fen


# Request --------------------------------------------------------------------------------


def test_a_refund_is_asked_for_and_a_worker_sends_it() -> None:
    payment = make_paid_payment(amount_fen=10_000)
    refund = ask_refund(payment, amount_fen=4_000)
    assert (refund.state, _refunded(payment)) == ("requested", 4_000)
    assert OutboxEvent.objects.get(topic="refund.requested").payload == {"refund_id": refund.pk}
    assert account_totals()[Account.REFUND_DUE] == -4_000
    assert not SandboxRefund.objects.exists()


def test_refunds_never_exceed_the_payment() -> None:
    payment = make_paid_payment(amount_fen=10_000)
    ask_refund(payment, amount_fen=6_000)
    with pytest.raises(RefundTooLarge), transaction.atomic():
        ask_refund(payment, amount_fen=4_001)
    assert _refunded(payment) == 6_000
    ask_refund(payment, amount_fen=4_000)
    assert Refund.objects.count() == 2


def test_the_database_holds_the_last_line() -> None:
    payment = make_paid_payment(amount_fen=10_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refunded_fen=10_001)


@pytest.mark.parametrize("state", ["created", "failed", "closed"])
def test_what_is_not_paid_is_not_refunded(state: str) -> None:
    payment = start_payment()
    Payment.objects.update(state=state)
    with pytest.raises(RefundTooLarge):
        request_refund(payment_id=payment.pk, amount_fen=1, reason=Refund.Reason.UNUSED)
    assert not Refund.objects.exists()


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_a_refund_of_nothing_is_a_mistake(amount_fen: int) -> None:
    payment = make_paid_payment()
    with pytest.raises(ValueError, match="gives nothing back"):
        request_refund(payment_id=payment.pk, amount_fen=amount_fen, reason=Refund.Reason.UNUSED)


def test_a_late_payment_is_unclaimed_and_goes_back_whole() -> None:
    payment = start_payment(amount_fen=7_000)
    notification = read(decide_payment(payment))
    close_payments(reference=payment.reference)
    with transaction.atomic():
        payment = lock_payment(gateway=payment.gateway, number=payment.number)
        record_success(payment=payment, notification=notification)
        refund = refund_late_payment(payment=payment)
    assert (refund.reason, refund.amount_fen) == ("late_payment", 7_000)
    totals = account_totals()
    assert (totals[Account.GATEWAY], totals[Account.UNCLAIMED]) == (7_000, 0)
    assert totals[Account.REFUND_DUE] == -7_000
    send_refund(refund_id=refund.pk)
    assert set(account_totals().values()) == {0}


# Send -----------------------------------------------------------------------------------


def test_a_refund_that_is_done_moves_the_money_and_tells_others_once() -> None:
    payment = make_paid_payment(amount_fen=10_000)
    refund = ask_refund(payment, amount_fen=4_000)
    for _again in range(3):
        send_refund(refund_id=refund.pk)
    assert _state(refund) == "succeeded"
    assert refund.gateway_refund_no == SandboxRefund.objects.get().refund_no
    assert is_posted(f"refunded:{refund.number}")
    totals = account_totals()
    assert (totals[Account.GATEWAY], totals[Account.REFUND_DUE]) == (6_000, 0)
    assert OutboxEvent.objects.get(topic="refund.succeeded").payload == {"refund_id": refund.pk}


def test_accepted_is_not_refunded(settings: Any) -> None:
    settings.SANDBOX_REFUND_SECONDS = 300
    refund = ask_refund(make_paid_payment())
    send_refund(refund_id=refund.pk)
    assert _state(refund) == "accepted"
    assert account_totals()[Account.REFUND_DUE] == -10_000
    assert not OutboxEvent.objects.filter(topic="refund.succeeded").exists()
    assert query_refund(refund_id=refund.pk) == "accepted"
    with clock.at(now() + dt.timedelta(seconds=301)):
        assert query_waiting_refunds() == 1
    assert _state(refund) == "succeeded"
    assert account_totals()[Account.REFUND_DUE] == 0


def test_the_sweep_leaves_fresh_refunds_to_the_worker() -> None:
    refund = ask_refund(make_paid_payment())
    assert query_waiting_refunds() == 0
    assert _state(refund) == "requested"


def test_the_sweep_sends_a_refund_the_gateway_never_heard_of() -> None:
    refund = ask_refund(make_paid_payment())
    with clock.at(now() + dt.timedelta(minutes=2)):
        assert query_waiting_refunds() == 1
    assert _state(refund) == "succeeded"


def test_our_crash_after_the_gateway_said_yes_doubles_nothing() -> None:
    """The gateway returned the money, we forgot: the retry goes under the same number."""
    refund = ask_refund(make_paid_payment())
    sandbox.open_refund(
        out_trade_no=refund.payment.number, out_refund_no=refund.number, amount_fen=10_000
    )
    send_refund(refund_id=refund.pk)
    assert _state(refund) == "succeeded"
    assert SandboxRefund.objects.count() == 1


def test_a_gateway_that_is_cut_off_is_asked_again_and_refunds_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refund = ask_refund(make_paid_payment())
    with monkeypatch.context() as trouble:
        trouble.setitem(ADAPTERS, "sandbox", "tests.payments.troubled.CutOffGateway")
        with pytest.raises(GatewayUnavailable):
            send_refund(refund_id=refund.pk)
        with clock.at(now() + dt.timedelta(minutes=2)):
            assert query_waiting_refunds() == 0
    assert _state(refund) == "requested"
    assert "does not answer" in refund.error
    send_refund(refund_id=refund.pk)
    assert (_state(refund), refund.error) == ("succeeded", "")
    assert SandboxRefund.objects.count() == 1
    assert account_totals()[Account.GATEWAY] == 0


def test_a_refusal_needs_attention_and_the_money_stays_owed() -> None:
    payment = make_paid_payment()
    SandboxTrade.objects.update(state="failed")
    refund = ask_refund(payment)
    send_refund(refund_id=refund.pk)
    assert _state(refund) == "failed"
    assert "not paid" in refund.error
    assert (_refunded(payment), account_totals()[Account.REFUND_DUE]) == (10_000, -10_000)


def test_a_refund_that_needed_attention_is_sent_again_under_its_number() -> None:
    payment = make_paid_payment()
    SandboxTrade.objects.update(state="failed")
    refund = ask_refund(payment)
    send_refund(refund_id=refund.pk)
    SandboxTrade.objects.update(state="paid")
    number = retry_refund(refund_id=refund.pk).number
    send_refund(refund_id=refund.pk)
    assert _state(refund) == "succeeded"
    assert SandboxRefund.objects.get().out_refund_no == number
    assert _refunded(payment) == 10_000
    with pytest.raises(RefundNotFailed):
        retry_refund(refund_id=refund.pk)
    with pytest.raises(NotFound):
        retry_refund(refund_id=0)


# Notifications of refunds -----------------------------------------------------------------


@pytest.fixture
def told(settings: Any) -> tuple[Refund, Any]:
    """A slow refund, and the gateway's notification that it is done."""
    settings.SANDBOX_REFUND_SECONDS = 60
    refund = ask_refund(make_paid_payment())
    send_refund(refund_id=refund.pk)
    with clock.at(now() + dt.timedelta(seconds=120)):
        messages = [
            read(message)
            for message in sandbox.undelivered()
            if json.loads(message[1])["kind"] == "refund"
        ]
    assert len(messages) == 1
    return refund, messages[0]


def test_the_gateways_word_completes_a_refund_once(told: tuple[Refund, Any]) -> None:
    refund, notification = told
    assert record_refund(notification=notification)
    assert not record_refund(notification=notification)
    assert _state(refund) == "succeeded"
    assert refund.succeeded_at == notification.occurred_at
    assert account_totals()[Account.GATEWAY] == 0


def test_a_refund_of_another_amount_changes_nothing(told: tuple[Refund, Any]) -> None:
    refund, notification = told
    with pytest.raises(AmountMismatch):
        record_refund(notification=dataclasses.replace(notification, amount_fen=1))
    assert _state(refund) == "accepted"


def test_a_refund_of_another_number_is_not_ours(told: tuple[Refund, Any]) -> None:
    with pytest.raises(NotFound):
        record_refund(notification=dataclasses.replace(told[1], out_refund_no="R404"))


def test_a_failure_after_acceptance_needs_attention(told: tuple[Refund, Any]) -> None:
    refund, notification = told
    assert record_refund(notification=dataclasses.replace(notification, state="failed"))
    assert _state(refund) == "failed"
    assert record_refund(notification=notification)  # what the gateway reports wins
    assert _state(refund) == "succeeded"
    assert not fail_refund(number=refund.number, error="too late")
    assert _state(refund) == "succeeded"


def test_completing_is_safe_to_repeat() -> None:
    refund = ask_refund(make_paid_payment())
    assert complete_refund(number=refund.number, gateway_number="G1")
    assert not complete_refund(number=refund.number, gateway_number="G1")
    assert sum(account_totals().values()) == 0
