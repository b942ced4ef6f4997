"""What a verified notification from a gateway changes, in one transaction (docs/locking.md)."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Subquery

from campaigns.services.payers import admit_payer, payer_key
from kernel.clock import now
from kernel.db.prepared import Change, Prepared
from kernel.errors import NotFound
from orders.models import Order
from orders.services.cancel import close_pending
from orders.services.coupons import use_discounts
from orders.services.tenders import fees_of, issue_paid, lines_of, take_balance
from orders.services.trail import tell_paid
from payments.access import lock_payment
from payments.errors import AmountMismatch
from payments.gateways.base import Notification
from payments.models import Payment, Refund
from payments.services import moves, postings
from payments.services.payments import (
    note_outcome,
    record_failure,
    record_notification,
    record_success,
)
from payments.services.reconcile import report_message
from payments.services.refunds import record_refund, refund_late_payment

logger = logging.getLogger(__name__)


def apply_notification(*, gateway: str, notification: Notification, body: bytes) -> str:
    """Apply a verified notification once and return its outcome, kept beside it.

    One transaction. First it is recorded, so that a copy, also a parallel one, is a
    "replay". Then, for a payment, the order is locked, then the payment. Outcomes:

    - ``paid``: payment succeeded, vouchers issued, escrow booked, order paid, outbox
      "order.paid" {order_id}; of a deposit, the vouchers are held until the balance is paid;
    - ``late``: the order was closed, or paid by another payment, or the payment is not what is
      missing any more, or who paid has had its campaign as often as one payer may (the
      order is closed then): the money is booked as unclaimed and its refund requested, all in the
      same transaction;
    - ``failed`` / ``closed``: the payment ended without money; the order still waits;
    - ``refunded``: the refund is done;
    - ``ignored``: nothing to change (an old word, overtaken by a newer one);
    - ``amount_mismatch``: amount or currency are not ours. Nothing is changed; the record, an
      entry in the reconciliation work list and an error in the log wait for the operator;
    - ``unknown``: a payment or refund that is not ours.
    """
    # Written beside it at once: what nearly all of them come to. Another outcome costs a statement more.
    likely = "refunded" if notification.kind == "refund" else notification.state
    with transaction.atomic():
        if not record_notification(
            gateway=gateway, notification=notification, body=body, outcome=likely
        ):
            return "replay"
        outcome = _apply(gateway, notification)
        if outcome != likely:
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
        lines = lines_of(order)
        issue_paid(order, None, lines)
        use_discounts(order, lines)
        tell_paid(order_id=order.pk, lines=lines)
    return bool(won)


def _apply(gateway: str, notification: Notification) -> str:
    try:
        if notification.kind == "refund":
            return "refunded" if record_refund(notification=notification) else "ignored"
        order = _lock_order(gateway, notification.out_trade_no)
        payment = lock_payment(gateway=gateway, number=notification.out_trade_no)
        if notification.state != "paid":
            moved = record_failure(payment=payment, notification=notification)
            return notification.state if moved else "ignored"
        if not record_success(payment=payment, notification=notification):
            return "ignored"
        return _apply_success(order, payment, notification.payer)
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
    report_message(
        gateway=gateway,
        number=number,
        expected_fen=ours,
        actual_fen=notification.amount_fen,
        note=f"{notification.event_id}: {notification.amount_fen} {notification.currency}",
    )


_order_of = Prepared(
    lambda gateway, number: Order.objects.select_for_update(of=("self",), no_key=True).filter(
        number=Subquery(Payment.objects.filter(gateway=gateway, number=number).values("reference"))
    ),
    *(str, str),
)


def _lock_order(gateway: str, number: str) -> Order:
    """The order of the payment that ``gateway`` calls by our ``number``; what a payment is for never changes."""
    order = _order_of.first(gateway, number)
    if order is None:
        raise NotFound
    return order


def _apply_success(order: Order, payment: Payment, payer: str) -> str:
    """Apply a payment that has just succeeded to its order; both are locked."""
    if payment.purpose == Payment.Purpose.BALANCE:
        applied = _take_balance(order, payment)
    else:
        applied = _take_first(order, payment, payer)
    if applied:
        return "paid"
    refund_late_payment(payment=payment)
    return "late"


_first_paid = Change(
    lambda order_id, state, payment_id, paid_at: (
        Order.objects.filter(pk=order_id, state=Order.State.PENDING),
        {"state": state, "payment_id": payment_id, "paid_at": paid_at},
    ),
    *(int, str, int, dt.datetime),
)


def _take_first(order: Order, payment: Payment, payer: str) -> bool:
    """The whole order, or its deposit: the first money of a pending order.

    Of a payer who has had one of its campaigns as often as one payer may, it is not taken, and the
    order is closed: what was reserved is somebody else's again.
    """
    known = lines_of(order) if payer and order.state == Order.State.PENDING else None
    if known is not None and any(line.discount_fen for line in known):
        key = payer_key(gateway=payment.gateway, payer=payer)
        if not admit_payer(order_number=order.number, payer=key):
            close_pending(order, Order.State.CANCELLED)
            return False
    deposit = payment.purpose == Payment.Purpose.DEPOSIT
    state = Order.State.DEPOSIT if deposit else Order.State.PAID
    if not _first_paid.rows(order.pk, state, payment.pk, None if deposit else now()):
        return False
    lines = lines_of(order) if known is None else known
    vouchers = issue_paid(order, payment, lines)
    use_discounts(order, lines)
    postings.pay(
        payment_number=payment.number,
        custodian=payment.gateway,
        amount_fen=payment.amount_fen,
        vouchers=[moves.Sold(row.pk, row.merchant_id, row.received_fen) for row in vouchers],
        fees=() if deposit else fees_of(lines),
    )
    if not deposit:
        tell_paid(order_id=order.pk, lines=lines)
    return True


def _take_balance(order: Order, payment: Payment) -> bool:
    if order.state != Order.State.DEPOSIT or not take_balance(order, payment):
        return False
    Order.objects.filter(pk=order.pk, state=Order.State.DEPOSIT).update(
        state=Order.State.PAID, payment=payment, paid_at=now()
    )
    tell_paid(order_id=order.pk, lines=lines_of(order))
    return True
