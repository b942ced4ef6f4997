"""What a verified notification from a gateway changes, in one transaction (docs/locking.md)."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from kernel.clock import now
from kernel.errors import NotFound
from kernel.outbox.services import publish
from orders.models import Order, OrderLine
from payments.access import find_payment, lock_payment
from payments.errors import AmountMismatch
from payments.gateways.base import Notification, get_gateway
from payments.models import Payment, ReconciliationException, Refund
from payments.services import postings
from payments.services.payments import (
    note_outcome,
    record_event,
    record_failure,
    record_success,
)
from payments.services.refunds import record_refund, refund_late_payment
from vouchers.models import Voucher
from vouchers.services.issue import IssueLine, issue_vouchers
from vouchers.services.split import Tender
from vouchers.terms import read_terms

logger = logging.getLogger(__name__)


def apply_notification(*, gateway: str, notification: Notification, body: bytes) -> str:
    """Apply a verified notification once and return its outcome, kept beside the event.

    One transaction. First the event is recorded, so that a copy, also a parallel one, is a
    "replay". Then, for a payment, the order is locked, then the payment. Outcomes:

    - ``paid``: payment succeeded, vouchers issued, escrow booked, order paid, outbox
      "order.paid" {order_id};
    - ``late``: the order was closed, or paid by another payment: the money is booked as
      unclaimed and its refund requested, all in the same transaction;
    - ``failed`` / ``closed``: the payment ended without money; the order still waits;
    - ``refunded``: the refund is done;
    - ``ignored``: nothing to change (an old word, overtaken by a newer one);
    - ``amount_mismatch``: amount or currency are not ours. Nothing is changed; the event, an
      entry in the reconciliation work list and an error in the log wait for the operator;
    - ``unknown``: a payment or refund that is not ours.
    """
    with transaction.atomic():
        if not record_event(gateway=gateway, notification=notification, body=body):
            return "replay"
        outcome = _apply(gateway, notification)
        note_outcome(gateway=gateway, notification=notification, outcome=outcome)
    if outcome in {"amount_mismatch", "unknown"}:
        logger.error(
            "%s notification %s about %s: %s",
            gateway,
            notification.event_id,
            notification.out_trade_no,
            outcome,
        )
    return outcome


def pay_nothing(order: Order) -> bool:
    """Issue the vouchers of a pending order that costs nothing; False when it is not one.

    Runs in the caller's transaction, which has just placed or locked the order. No payment,
    no ledger entry: nobody has paid. Outbox "order.paid" {order_id}.
    """
    won = Order.objects.filter(pk=order.pk, state=Order.State.PENDING, total_fen=0).update(
        state=Order.State.PAID, paid_at=now()
    )
    if won:
        order.refresh_from_db(fields=["state", "paid_at"])
        _issue(order, None)
        publish("order.paid", order_id=order.pk)
    return bool(won)


def _apply(gateway: str, notification: Notification) -> str:
    try:
        if notification.kind == "refund":
            return "refunded" if record_refund(notification=notification) else "ignored"
        payment = find_payment(gateway=gateway, number=notification.out_trade_no)
        order = _lock_order(payment.reference)
        payment = lock_payment(payment_id=payment.pk)
        if notification.state != "paid":
            moved = record_failure(payment=payment, notification=notification)
            return notification.state if moved else "ignored"
        if not record_success(payment=payment, notification=notification):
            return "ignored"
        return _settle(order, payment)
    except AmountMismatch:
        _report_mismatch(gateway, notification)
        return "amount_mismatch"
    except NotFound:
        return "unknown"


def _report_mismatch(gateway: str, notification: Notification) -> None:
    """Put a notification whose amount differs from ours on the operator's work list."""
    number = notification.out_refund_no or notification.out_trade_no
    model = Refund if notification.kind == "refund" else Payment
    ours = model.objects.filter(number=number).values_list("amount_fen", flat=True).first()
    ReconciliationException.objects.update_or_create(
        gateway=gateway,
        day=now().astimezone(get_gateway(gateway).time_zone).date(),
        kind=ReconciliationException.Kind.AMOUNT,
        subject=number,
        defaults={
            "expected_fen": ours,
            "actual_fen": notification.amount_fen,
            "state": ReconciliationException.State.OPEN,
            "note": f"{notification.event_id}: {notification.amount_fen} {notification.currency}",
        },
    )


def _lock_order(number: str) -> Order:
    order = Order.objects.select_for_update(of=("self",), no_key=True).filter(number=number).first()
    if order is None:
        raise NotFound
    return order


def _settle(order: Order, payment: Payment) -> str:
    """Apply a payment that has just succeeded to its order; both are locked."""
    moment = now()
    won = Order.objects.filter(pk=order.pk, state=Order.State.PENDING).update(
        state=Order.State.PAID, payment=payment, paid_at=moment
    )
    if not won:
        refund_late_payment(payment=payment)
        return "late"
    vouchers = _issue(order, payment)
    postings.pay(
        payment_number=payment.number,
        custodian=payment.gateway,
        amount_fen=payment.amount_fen,
        vouchers=[postings.Sold(row.pk, row.merchant_id, row.paid_fen) for row in vouchers],
    )
    publish("order.paid", order_id=order.pk)
    return "paid"


def _issue(order: Order, payment: Payment | None) -> list[Voucher]:
    items: Any = order.lines.filter(kind=OrderLine.Kind.ITEM)  # fees have neither offer nor terms
    lines = []
    for line in items.select_related("terms"):
        terms = read_terms(line.terms.body, subject=f"terms:{line.terms_id}")
        lines.append(
            IssueLine(
                order_line_id=line.pk,
                merchant_id=line.merchant_id,
                product_id=line.product_id,
                product_kind=terms.kind,
                variant_id=line.variant_id,
                offer_id=line.offer_id,
                terms=line.terms,
                quantity=line.quantity,
                unit_price_fen=line.unit_price_fen,
                commission_rate=line.commission_rate,
                validity_days=terms.validity_days,
                uses=terms.uses,
                tenders=_tenders(line.payable_fen, payment),
            )
        )
    return issue_vouchers(
        buyer_id=order.buyer_id, order_number=order.number, payment=payment, lines=lines
    )


def _tenders(payable_fen: int, payment: Payment | None) -> list[Tender]:
    """What pays a line: nothing where nothing is to be paid."""
    if payment is None:
        return []
    return [Tender(payment.purpose, payable_fen, payment.pk, payment.gateway)]
