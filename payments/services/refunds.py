"""Money going back: asked for here, sent by a worker, done when the gateway says so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from kernel.clock import now
from kernel.errors import NotFound
from kernel.ids import new_number
from kernel.outbox.services import publish
from kernel.watch.sweeps import sweep
from payments.errors import (
    AmountMismatch,
    GatewayRefused,
    GatewayUnavailable,
    RefundNotFailed,
    RefundTooLarge,
)
from payments.gateways.base import Notification, RefundAnswer, RefundRequest, get_gateway
from payments.models import Payment, Refund
from payments.services import postings

WAITING = (Refund.State.REQUESTED, Refund.State.ACCEPTED)


def request_refund(
    *,
    payment_id: int,
    amount_fen: int,
    reason: str,
    requested_by_id: int | None = None,
) -> Refund:
    """Write a refund and have a worker send it (outbox "refund.requested" {refund_id}).

    Runs inside the caller's transaction, which has locked the payment and which posts the
    ledger entries of what goes back (docs/money.md). What ends together is one refund: a
    gateway takes only so many of a payment (`Gateway.refunds_per_payment`). Raises
    ``Payment.refunded_fen`` by a conditional update: RefundTooLarge when the payment is not
    paid or less than ``amount_fen`` is left of it.
    """
    if amount_fen <= 0:
        raise ValueError(f"a refund of {amount_fen} fen gives nothing back")
    raised = Payment.objects.filter(
        pk=payment_id,
        state=Payment.State.SUCCEEDED,
        refunded_fen__lte=F("amount_fen") - amount_fen,
    ).update(refunded_fen=F("refunded_fen") + amount_fen)
    if not raised:
        raise RefundTooLarge
    refund = Refund.objects.create(
        number=new_number("R"),
        payment_id=payment_id,
        amount_fen=amount_fen,
        reason=reason,
        requested_by_id=requested_by_id,
    )
    publish("refund.requested", refund_id=refund.pk)
    return refund


def refund_late_payment(*, payment: Payment) -> Refund:
    """Book money that came too late or twice, and give it back at once.

    Runs inside the transaction that moved the locked ``payment`` to succeeded. Posts
    ``pay:PAYMENT`` (gateway against unclaimed) and ``refund:REFUND`` (unclaimed against
    refund_due), and requests the refund.
    """
    amount_fen = payment.amount_fen
    postings.pay_unclaimed(
        payment_number=payment.number, custodian=payment.gateway, amount_fen=amount_fen
    )
    refund = request_refund(
        payment_id=payment.pk, amount_fen=amount_fen, reason=Refund.Reason.LATE_PAYMENT
    )
    postings.refund_unclaimed(
        refund_number=refund.number,
        payment_number=payment.number,
        custodian=payment.gateway,
        amount_fen=amount_fen,
    )
    return refund


def send_refund(*, refund_id: int) -> None:
    """Ask the gateway to return the money (handler of "refund.requested"). Safe to repeat.

    A network call: never inside a transaction. Every try uses the refund's own number, so
    the gateway returns the money once. Ends in succeeded, accepted (the gateway works on it)
    or failed (needs attention; the money stays owed). Raises GatewayUnavailable, and the
    outbox tries again later.
    """
    refund = _find(refund_id)
    if refund.state != Refund.State.REQUESTED:
        return
    payment = refund.payment
    try:
        answer = get_gateway(payment.gateway).refund(
            RefundRequest(
                number=refund.number,
                amount_fen=refund.amount_fen,
                currency=payment.currency,
                payment_number=payment.number,
                payment_amount_fen=payment.amount_fen,
                gateway_trade_no=payment.gateway_trade_no,
                reason=refund.get_reason_display(),
            )
        )
    except GatewayRefused as refusal:
        answer = RefundAnswer(state="failed", error=str(refusal.extra.get("reason", refusal)))
    except GatewayUnavailable as failure:
        Refund.objects.filter(pk=refund.pk, state__in=WAITING).update(error=str(failure))
        raise
    _apply(refund, answer)


def query_refund(*, refund_id: int) -> str:
    """Ask the gateway how a refund is doing and return its state here afterwards.

    A network call: never inside a transaction. A refund the gateway never heard of is sent
    (again). Raises NotFound, GatewayUnavailable.
    """
    refund = _find(refund_id)
    if refund.state in WAITING:
        answer = get_gateway(refund.payment.gateway).query_refund(
            number=refund.number, payment_number=refund.payment.number
        )
        if answer.state == "unknown":
            send_refund(refund_id=refund_id)
        else:
            _apply(refund, answer)
    return Refund.objects.values_list("state", flat=True).get(pk=refund_id)


def query_waiting_refunds(*, older_than_seconds: int = 60, limit: int = 1000) -> int:
    """Query refunds without a final word for a while; return how many are now done.

    A gateway that cannot be reached, or an answer that can't be used, is reported and keeps none of the
    others waiting.
    """
    before = now() - dt.timedelta(seconds=older_than_seconds)
    states = sweep(
        Refund.objects.waiting().filter(created_at__lt=before),
        lambda refund_id: query_refund(refund_id=refund_id),
        by="created_at",
        kind="payments.query_refund",
        noun="refund",
        limit=limit,
    )
    return states.count(Refund.State.SUCCEEDED)


def complete_refund(
    *,
    number: str,
    gateway_number: str,
    amount_fen: int | None = None,
    occurred_at: dt.datetime | None = None,
) -> bool:
    """Mark a refund as returned; False when it was before.

    One transaction: compare-and-set to succeeded, ledger ``refunded:NUMBER``, outbox
    "refund.succeeded" {refund_id}. A refund that needed attention may still succeed.
    ``occurred_at`` is the gateway's moment. Raises NotFound for a number that is not ours,
    AmountMismatch when the gateway names a different amount.
    """
    with transaction.atomic():
        refund = (
            Refund.objects.select_related("payment")
            .select_for_update(of=("self",), no_key=True)
            .filter(number=number)
            .first()
        )
        if refund is None:
            raise NotFound
        if amount_fen is not None and amount_fen != refund.amount_fen:
            raise AmountMismatch(number=number)
        won = (
            Refund.objects.filter(pk=refund.pk)
            .exclude(state=Refund.State.SUCCEEDED)
            .update(
                state=Refund.State.SUCCEEDED,
                gateway_refund_no=gateway_number,
                succeeded_at=occurred_at or now(),
                error="",
            )
        )
        if not won:
            return False
        postings.refunded(
            refund_number=number, custodian=refund.payment.gateway, amount_fen=refund.amount_fen
        )
        publish("refund.succeeded", refund_id=refund.pk)
    return True


def record_refund(*, notification: Notification) -> bool:
    """Apply a verified notification about a refund; False when it changes nothing.

    Raises NotFound for a number that is not ours, AmountMismatch for a different amount.
    """
    if notification.state == "refunded":
        return complete_refund(
            number=notification.out_refund_no,
            gateway_number=notification.gateway_number,
            amount_fen=notification.amount_fen,
            occurred_at=notification.occurred_at,
        )
    return fail_refund(number=notification.out_refund_no, error=notification.state)


def fail_refund(*, number: str, error: str) -> bool:
    """Mark a refund as needing attention; the money stays owed (refund_due).

    One compare-and-set; False when the refund is not waiting.
    """
    return bool(
        Refund.objects.filter(number=number, state__in=WAITING).update(
            state=Refund.State.FAILED, error=error
        )
    )


def retry_refund(*, refund_id: int) -> Refund:
    """Send a refund that needed attention again, under the same number.

    One transaction: compare-and-set failed → requested, outbox "refund.requested". Raises
    NotFound, RefundNotFailed.
    """
    with transaction.atomic():
        won = Refund.objects.filter(pk=refund_id, state=Refund.State.FAILED).update(
            state=Refund.State.REQUESTED, error=""
        )
        refund = _find(refund_id)
        if not won:
            raise RefundNotFailed
        publish("refund.requested", refund_id=refund_id)
    return refund


def _find(refund_id: int) -> Refund:
    refund = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if refund is None:
        raise NotFound
    return refund


def _apply(refund: Refund, answer: RefundAnswer) -> None:
    """Write the gateway's answer, each state by compare-and-set."""
    if answer.state == "succeeded":
        complete_refund(
            number=refund.number,
            gateway_number=answer.gateway_number,
            amount_fen=answer.amount_fen,
            occurred_at=answer.occurred_at,
        )
    elif answer.state == "accepted":
        Refund.objects.filter(pk=refund.pk, state=Refund.State.REQUESTED).update(
            state=Refund.State.ACCEPTED, gateway_refund_no=answer.gateway_number, error=""
        )
    elif answer.state == "failed":
        fail_refund(number=refund.number, error=answer.error)
