"""One attempt to pay: opened at a gateway, confirmed, failed or closed by compare-and-set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

from django.db.models import Exists, QuerySet

from kernel.clock import now
from kernel.db.prepared import Change, Prepared, Statement, insert_rows
from kernel.ids import new_number
from kernel.outbox.services import publish
from payments.access import find_payment_by_id
from payments.errors import AmountMismatch, PaymentClosed
from payments.gateways.base import (
    Notification,
    NotificationState,
    PaymentAnswer,
    PaymentRequest,
    get_gateway,
)
from payments.gateways.sense import require_sense
from payments.models import GatewayEvent, Payment

QUERY_AFTER_SECONDS = 45
"""Without a notification we ask the gateway ourselves within a minute."""


_waiting = Prepared(
    lambda reference, purpose: Payment.objects.filter(
        reference=reference, purpose=purpose, state=Payment.State.CREATED
    ),
    *(str, str),
)


def create_payment(
    *,
    reference: str,
    payer_id: int,
    gateway: str,
    amount_fen: int,
    expires_at: dt.datetime,
    purpose: str = Payment.Purpose.WHOLE,
) -> Payment:
    """Return the payment of ``reference`` that waits at ``gateway``, or make one.

    There is one for each purpose: what waits for the same purpose at another gateway, for
    another amount or beyond its time is closed. Runs inside the caller's transaction, which has
    locked the order named ``reference``: that lock is what keeps two parallel starts from
    making two payments. Raises UnknownGateway when the gateway is not switched on.
    """
    get_gateway(gateway)
    waiting = _waiting.first(reference, purpose)
    if waiting is not None:
        same = (waiting.gateway, waiting.amount_fen) == (gateway, amount_fen)
        if same and waiting.expires_at > now():
            return waiting
        close_payments(reference=reference, purpose=purpose)
    payment = Payment(
        number=new_number("P"),
        reference=reference,
        purpose=purpose,
        payer_id=payer_id,
        gateway=gateway,
        amount_fen=amount_fen,
        expires_at=expires_at,
    )
    insert_rows([payment])
    return payment


_opened = Change(
    lambda payment_id, pay_url: (
        Payment.objects.filter(pk=payment_id, state=Payment.State.CREATED),
        {"pay_url": pay_url},
    ),
    *(int, str),
)


def open_at_gateway(*, payment: Payment, subject: str, return_url: str) -> Payment:
    """Open a payment that was just read at its gateway and keep where the customer pays (``pay_url``).

    A network call: never inside a transaction. Safe to repeat, the gateway knows our number.
    ``pay_url`` is absolute or a path of this site; ``request.build_absolute_uri`` takes both.
    Raises PaymentClosed (also when it was closed while the gateway was opening it:
    the gateway is then told), GatewayUnavailable, GatewayRefused.
    """
    if payment.state != Payment.State.CREATED:
        raise PaymentClosed
    if payment.pay_url:
        return payment
    gateway = get_gateway(payment.gateway)
    opened = gateway.open_payment(
        PaymentRequest(
            number=payment.number,
            amount_fen=payment.amount_fen,
            currency=payment.currency,
            subject=subject,
            return_url=return_url,
            expires_at=payment.expires_at,
        )
    )
    if not _opened.rows(payment.pk, opened.pay_url):
        gateway.close_payment(number=payment.number)
        raise PaymentClosed
    payment.pay_url = opened.pay_url
    return payment


def parse_notification(*, gateway: str, headers: Mapping[str, str], body: bytes) -> Notification:
    """Verify and translate a raw notification of ``gateway``; touches no database.

    Raises UnknownGateway, BadSignature, BadNotification.
    """
    adapter = get_gateway(gateway)
    return require_sense(adapter.parse_notification(headers=headers, body=body))


_RECORD = Statement(
    "INSERT INTO payments_gatewayevent"
    " (gateway, event_id, kind, payment_number, body, outcome, received_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (gateway, event_id) DO NOTHING",
    *(["text"] * 6),
    "timestamptz",
)


def record_notification(
    *, gateway: str, notification: Notification, body: bytes, outcome: str = ""
) -> bool:
    """Insert a verified notification, as one that changes ``outcome``; False when it was recorded before.

    One statement, inside the caller's transaction, before any lock: a parallel copy waits
    here for the first one's commit and is then told that it is a replay; when the first one
    rolls back, the copy does the work.
    """
    written = _RECORD.changed(
        gateway,
        notification.event_id,
        f"{notification.kind}.{notification.state}",
        notification.out_trade_no,
        body.decode("utf-8", "replace").replace("\x00", ""),
        outcome,
        now(),
    )
    return bool(written)


def note_outcome(*, gateway: str, notification: Notification, outcome: str) -> None:
    """Write beside a recorded notification what it changed, for the operator. One statement."""
    GatewayEvent.objects.filter(gateway=gateway, event_id=notification.event_id).update(
        outcome=outcome
    )


def _paid_by(gateway: str, number: str) -> QuerySet[Payment]:
    """What a gateway's trade has paid; nothing for a trade without a number."""
    trades = Payment.objects.filter(gateway=gateway, gateway_trade_no=number)
    return trades.exclude(gateway_trade_no="")


_succeeded = Change(
    lambda payment_id, gateway, number, moment: (
        Payment.objects.filter(
            ~Exists(_paid_by(gateway, number).exclude(pk=payment_id)),
            pk=payment_id,
            state__in=[Payment.State.CREATED, Payment.State.FAILED, Payment.State.CLOSED],
        ),
        {
            "state": Payment.State.SUCCEEDED,
            "gateway_trade_no": number,
            "succeeded_at": moment,
        },
    ),
    *(int, str, str, dt.datetime),
)


def record_success(*, payment: Payment, notification: Notification) -> bool:
    """Move the payment to succeeded; False when it was there before.

    The caller has locked the payment. One compare-and-set; ``payment`` is brought up to date.
    Raises AmountMismatch, before anything is written, when amount or currency differ, or the
    gateway's number is that of another payment: one trade pays once. A failed or closed payment
    may still succeed: what the gateway says counts.
    """
    if (notification.amount_fen, notification.currency) != (payment.amount_fen, payment.currency):
        raise AmountMismatch(number=payment.number)
    moment = notification.occurred_at or now()
    number = notification.gateway_number
    won = _succeeded.rows(payment.pk, payment.gateway, number, moment)
    if not won and _paid_by(payment.gateway, number).exclude(pk=payment.pk).exists():
        raise AmountMismatch(number=payment.number, gateway_number=number)
    if won:
        payment.state = Payment.State.SUCCEEDED
        payment.gateway_trade_no = number
        payment.succeeded_at = moment
    return bool(won)


def record_failure(*, payment: Payment, notification: Notification) -> bool:
    """Move a waiting payment to failed or closed, as the notification says; False otherwise.

    One compare-and-set; never touches a payment that succeeded.
    """
    state = Payment.State.CLOSED if notification.state == "closed" else Payment.State.FAILED
    won = Payment.objects.filter(pk=payment.pk, state=Payment.State.CREATED).update(state=state)
    if won:
        payment.state = state
    return bool(won)


def close_payments(*, reference: str, purpose: str = "") -> int:
    """Close what waits for money under ``reference`` (and for ``purpose``), and say how many.

    Runs inside the caller's transaction, which has locked the order. Locks the payments in
    ascending order; each gets an outbox "payment.close" {payment_id}: a worker closes it at
    the gateway, because a network call has no place in a transaction.
    """
    open_ones = Payment.objects.filter(reference=reference, state=Payment.State.CREATED)
    if purpose:
        open_ones = open_ones.filter(purpose=purpose)
    waiting = list(
        open_ones.order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk", flat=True)
    )
    if not waiting:
        return 0
    closed = Payment.objects.filter(pk__in=waiting, state=Payment.State.CREATED).update(
        state=Payment.State.CLOSED
    )
    for payment_id in waiting:
        publish("payment.close", payment_id=payment_id)
    return closed


def close_at_gateway(*, payment_id: int) -> Notification | None:
    """Close the payment at its gateway (handler of "payment.close"). Safe to repeat.

    A network call: never inside a transaction. When the money came first, the answer is the
    notification that tells so; the caller treats it like one that arrived. None otherwise.
    Raises NotFound, GatewayUnavailable.
    """
    payment = find_payment_by_id(payment_id=payment_id)
    if payment.state == Payment.State.SUCCEEDED:
        return None
    answer = get_gateway(payment.gateway).close_payment(number=payment.number)
    return _as_notification(payment, answer) if answer.state == "paid" else None


def query_at_gateway(*, payment_id: int) -> Notification | None:
    """Ask the gateway for the payment's state; None while nothing is decided.

    A network call: never inside a transaction. The answer has the shape of a notification
    with an event id of its own (``query:NUMBER:STATE``), so that one path treats both.
    Raises NotFound, GatewayUnavailable.
    """
    payment = find_payment_by_id(payment_id=payment_id)
    answer = get_gateway(payment.gateway).query_payment(number=payment.number)
    if answer.state in {"unknown", "waiting"}:
        return None
    return _as_notification(payment, answer)


def _as_notification(payment: Payment, answer: PaymentAnswer) -> Notification:
    """Put a decided answer (paid, failed, closed) into the shape of a notification."""
    return Notification(
        event_id=f"query:{payment.number}:{answer.state}",
        kind="payment",
        out_trade_no=payment.number,
        state=cast(NotificationState, answer.state),
        amount_fen=answer.amount_fen,
        currency=answer.currency,
        gateway_number=answer.gateway_number,
        occurred_at=answer.occurred_at,
    )


def payments_to_query(*, limit: int = 200) -> list[int]:
    """Return ids of payments opened at a gateway that have had no word for a while."""
    before = now() - dt.timedelta(seconds=QUERY_AFTER_SECONDS)
    return list(
        Payment.objects.filter(state=Payment.State.CREATED, created_at__lt=before)
        .exclude(pay_url="")
        .order_by("created_at")
        .values_list("pk", flat=True)[:limit]
    )
