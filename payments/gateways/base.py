"""What every payment gateway looks like to us, and the list of those switched on.

Order of work for a notification: ``parse_notification`` verifies the raw bytes, then
orders.services.paid records it once, locks order and payment, compares, writes. No
method below may be called inside a database transaction: each may take seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.money import CURRENCY
from payments.errors import UnknownGateway

ADAPTERS = {
    "sandbox": "payments.gateways.sandbox.SandboxGateway",
}

PaymentState = Literal["unknown", "waiting", "paid", "failed", "closed"]
RefundState = Literal["unknown", "accepted", "succeeded", "failed"]
NotificationState = Literal["paid", "failed", "closed", "refunded"]
FlowKind = Literal["payment", "refund"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """What a gateway needs to open a payment; ``number`` is ours and makes a retry harmless."""

    number: str
    amount_fen: int
    subject: str
    return_url: str
    expires_at: dt.datetime
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPayment:
    """Where the customer pays. ``pay_url`` is absolute, or a path of this site (sandbox)."""

    pay_url: str
    gateway_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """The gateway's word on one payment; ``unknown`` when it never heard of the number."""

    state: PaymentState
    amount_fen: int = 0
    currency: str = CURRENCY
    gateway_number: str = ""
    occurred_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Money to give back; ``number`` is ours and stays the same over retries."""

    number: str
    amount_fen: int
    payment_number: str
    payment_amount_fen: int
    gateway_trade_no: str
    reason: str
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAnswer:
    """``accepted`` is not done: ask again, or wait for the notification."""

    state: RefundState
    gateway_number: str = ""
    amount_fen: int = 0
    occurred_at: dt.datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A verified message of a gateway, in our words.

    ``event_id`` is stable over the gateway's retries. ``amount_fen`` is the refund's amount
    when ``kind`` is "refund". ``occurred_at`` is the gateway's moment of the fact: it decides
    on which day's bill the fact stands. ``payer`` is how the gateway calls the account that paid, "" where
    it names none.
    """

    event_id: str
    kind: FlowKind
    out_trade_no: str
    state: NotificationState
    amount_fen: int
    gateway_number: str
    currency: str = CURRENCY
    out_refund_no: str = ""
    app_id: str = ""
    merchant_id: str = ""
    occurred_at: dt.datetime | None = None
    payer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One line of a daily bill. A fee given back with a refund is negative."""

    kind: FlowKind
    our_number: str
    gateway_number: str
    amount_fen: int
    fee_fen: int
    occurred_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the gateway expects as the answer to a processed notification."""

    status: int = 200
    content_type: str = "text/plain"
    body: str = "success"


class Gateway(Protocol):
    """One adapter. Each method raises GatewayUnavailable when trying again may help."""

    code: str
    name: Any  # a lazy translation
    time_zone: ZoneInfo  # in which a day of its bill is counted
    acknowledgement: Acknowledgement
    refunds_per_payment: int  # more of them are refused

    def open_payment(self, request: PaymentRequest) -> OpenedPayment:
        """Open a payment, or return the one opened before under the same number.

        Raises GatewayRefused when the number is known with another amount.
        """
        ...

    def query_payment(self, *, number: str) -> PaymentAnswer:
        """Ask for the state of a payment."""
        ...

    def close_payment(self, *, number: str) -> PaymentAnswer:
        """Close an unpaid payment; the answer is "paid" when the money came first."""
        ...

    def refund(self, request: RefundRequest) -> RefundAnswer:
        """Ask for a refund, or learn the state of the one asked for under the same number."""
        ...

    def query_refund(self, *, number: str, payment_number: str) -> RefundAnswer:
        """Ask for the state of a refund."""
        ...

    def parse_notification(self, *, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify the raw bytes and translate them. Raises BadSignature, BadNotification."""
        ...

    def download_bill(self, *, day: dt.date) -> bytes:
        """Return the raw bill of a day. Raises BillNotReady before the day is over."""
        ...

    def parse_bill(self, *, content: bytes) -> Iterable[BillRow]:
        """Read a raw bill. Raises BadBill."""
        ...


def get_gateway(code: str) -> Gateway:
    """Return the adapter of ``code``; raises UnknownGateway unless settings switch it on."""
    if code not in settings.PAYMENT_GATEWAYS or code not in ADAPTERS:
        raise UnknownGateway
    adapter: Gateway = import_string(ADAPTERS[code])()
    return adapter


def all_gateways() -> list[Gateway]:
    """Return the adapters of settings.PAYMENT_GATEWAYS, in the order people see them."""
    return [get_gateway(code) for code in settings.PAYMENT_GATEWAYS]
