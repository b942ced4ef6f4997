"""Pay an order: start at a gateway, process its notifications, ask when it is silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Window
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from kernel.clock import now
from kernel.db.prepared import Prepared
from kernel.plaintext import isolate
from kernel.watch.services import try_each
from members.models import User
from orders.access import access_order_for_buyer
from orders.errors import OrderClosed
from orders.models import Order, OrderLine
from orders.services.paid import apply_notification
from orders.services.tenders import due_of
from payments.access import find_payment_by_id
from payments.models import Payment
from payments.services.payments import (
    close_at_gateway,
    create_payment,
    open_at_gateway,
    parse_notification,
    payments_to_query,
    query_at_gateway,
)

SUBJECT_LENGTH = 120
"""Characters of an order's description at a gateway; the shortest limit of them all."""


def prepare_payment(*, buyer: User, number: str, gateway: str) -> Payment:
    """Write the payment that the order waits for, or return the one that waits at this gateway.

    The whole order, its deposit, or the balance after the deposit.

    Locks the order. Joins the caller's transaction without a savepoint, so a refusal rolls all of
    it back. Raises NotFound, OrderAlreadyPaid, OrderClosed (also when the time to
    pay is over but nobody has closed the order yet), UnknownGateway.
    """
    with transaction.atomic(savepoint=False):
        order = access_order_for_buyer(user=buyer, number=number, lock=True)
        due = due_of(order)
        if due.until <= now():
            raise OrderClosed(state=Order.State.TIMED_OUT)
        return begin_payment(order=order, gateway=gateway)


def begin_payment(*, order: Order, gateway: str) -> Payment:
    """Write the payment that an order waits for; the caller's transaction locked or wrote it.

    Raises OrderAlreadyPaid, OrderClosed, UnknownGateway.
    """
    due = due_of(order)
    return create_payment(
        reference=order.number,
        purpose=due.purpose,
        payer_id=order.buyer_id,
        gateway=gateway,
        amount_fen=due.amount_fen,
        expires_at=due.until,
    )


def open_payment(*, payment: Payment, language: str = "") -> Payment:
    """Open a payment that was just read at its gateway, and return it with its ``pay_url``.

    ``language`` is that of the page which leads there; by default the buyer's own.
    A network call: never inside a transaction. Safe to repeat. Raises PaymentClosed,
    GatewayUnavailable, GatewayRefused.
    """
    if payment.pay_url and payment.state == Payment.State.CREATED:
        return payment
    return open_at_gateway(
        payment=payment,
        subject=payment_subject(payment, language),
        return_url=settings.BASE_URL + reverse("order_pay", args=[payment.reference]),
    )


_ITEMS = Prepared(
    lambda number: OrderLine.objects.filter(
        order__number=number, kind=OrderLine.Kind.ITEM
    ).annotate(lines=Window(Count("pk")), language=F("order__buyer__language")),
    str,
)


def payment_subject(payment: Payment, language: str = "") -> str:
    """What the gateway shows as bought: the first title, and how many more, in the buyer's language.

    Or in ``language``. One query.
    """
    first: Any = _ITEMS.first(payment.reference)
    if first is None:
        return payment.reference
    with translation.override(language or first.language):
        title, more = first.title[:SUBJECT_LENGTH], first.lines - 1
        if more < 1:
            return title
        sentence = ngettext("%(title)s and %(more)s more", "%(title)s and %(more)s more", more)
        return sentence % {"title": isolate(title), "more": more}


def receive_notification(*, gateway: str, headers: Mapping[str, str], body: bytes) -> str:
    """Process a raw notification from a gateway and return its outcome in one word.

    The signature over the raw bytes is verified first; the rest is `apply_notification`.
    Raises UnknownGateway, BadSignature, BadNotification; nothing is written then.
    """
    notification = parse_notification(gateway=gateway, headers=dict(headers), body=body)
    return apply_notification(gateway=gateway, notification=notification, body=body)


def query_payment(payment_id: int) -> str:
    """Ask the gateway for a payment that got no notification, and apply its answer.

    A network call: never inside a transaction. Returns the outcome as `apply_notification`,
    or "waiting". Raises NotFound, GatewayUnavailable.
    """
    payment = find_payment_by_id(payment_id=payment_id)
    notification = query_at_gateway(payment_id=payment_id)
    if notification is None:
        return "waiting"
    return apply_notification(
        gateway=payment.gateway, notification=notification, body=repr(notification).encode()
    )


def query_waiting_payments(*, limit: int = 200) -> int:
    """Ask for every payment that had no word for a while; return how many are now decided.

    A gateway that cannot be reached, or an answer that can't be used, is reported and keeps nobody else
    waiting.
    """
    outcomes = try_each(
        payments_to_query(limit=limit),
        query_payment,
        kind="payments.query",
        subject=lambda payment_id: f"payment:{payment_id}",
    )
    return sum(outcome != "waiting" for outcome in outcomes)


def close_payment(*, payment_id: int) -> None:
    """Close a given-up payment at its gateway (handler of "payment.close"). Safe to repeat.

    If the money arrived first, it is booked as a late payment and refunded automatically. A
    network call: never inside a transaction. Raises NotFound, GatewayUnavailable.
    """
    notification = close_at_gateway(payment_id=payment_id)
    if notification is not None:
        apply_notification(
            gateway=find_payment_by_id(payment_id=payment_id).gateway,
            notification=notification,
            body=repr(notification).encode(),
        )
