"""Whether a signed notification makes sense, whichever gateway it came from.

A signature proves who wrote a message, not that it can be meant: a number may be missing, an
amount larger than any column, a text unfit for the database. Such a message is refused before
anything is written (the reviewed attack: signed messages that answered 500).
"""

from __future__ import annotations

import datetime as dt
from typing import get_args

from kernel.clock import now
from kernel.money import MAX_AMOUNT_FEN
from payments.errors import BadNotification
from payments.gateways.base import FlowKind, Notification, NotificationState

# Lengths of the columns that keep them (payments/models/payment.py).
LENGTHS = {
    "event_id": 96,
    "out_trade_no": 32,
    "out_refund_no": 32,
    "gateway_number": 64,
    "currency": 3,
    "app_id": 64,
    "merchant_id": 64,
}
NEVER_EMPTY = ("event_id", "out_trade_no", "currency")
FUTURE = dt.timedelta(days=1)
PAST = dt.timedelta(days=3 * 366)
"""Gateways keep and repeat what is at most a year or two old."""


def require_sense(notification: Notification) -> Notification:
    """Return ``notification``; raises BadNotification, naming what makes no sense."""
    for name, most in LENGTHS.items():
        text = getattr(notification, name)
        if not isinstance(text, str) or len(text) > most or not text.isprintable():
            raise BadNotification(reason=name)
        if name in NEVER_EMPTY and not text:
            raise BadNotification(reason=name)
    if notification.kind not in get_args(FlowKind):
        raise BadNotification(reason="kind")
    if notification.state not in get_args(NotificationState):
        raise BadNotification(reason="state")
    if not _is_amount(notification.amount_fen):
        raise BadNotification(reason="amount_fen")
    if not _is_recent(notification.occurred_at):
        raise BadNotification(reason="occurred_at")
    return notification


def _is_amount(amount: object) -> bool:
    """A whole number that an order could have; ``True`` is a number to Python, not to us."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        return False
    return 0 <= amount <= MAX_AMOUNT_FEN * 1000


def _is_recent(moment: object) -> bool:
    if moment is None:
        return True
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        return False
    return -PAST < moment - now() < FUTURE
