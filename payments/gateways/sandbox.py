"""The adapter of the built-in sandbox gateway: the same path as a real one, without keys."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import yuan_to_fen
from payments.errors import BadBill, BadNotification, BadSignature
from payments.gateways.base import (
    Acknowledgement,
    BillRow,
    FlowKind,
    Notification,
    OpenedPayment,
    PaymentAnswer,
    PaymentRequest,
    PaymentState,
    RefundAnswer,
    RefundRequest,
)
from payments.models import SandboxRefund, SandboxTrade
from payments.sandbox import CASHIER, bill, services, signing

TOLERANCE_SECONDS = 300
_STATES: dict[str, PaymentState] = {
    SandboxTrade.State.WAITING: "waiting",
    SandboxTrade.State.PAID: "paid",
    SandboxTrade.State.FAILED: "failed",
    SandboxTrade.State.CLOSED: "closed",
}


class SandboxGateway:
    """Play money. Refuses to start in production unless it is switched on by name."""

    code = "sandbox"
    name = _("Sandbox (play money)")
    time_zone = bill.TIME_ZONE
    acknowledgement = Acknowledgement()
    refunds_per_payment = services.REFUNDS_PER_TRADE

    def __init__(self) -> None:
        if not (settings.DEBUG or settings.SANDBOX_GATEWAY):
            raise ImproperlyConfigured(
                "The sandbox gateway gives goods away for play money. Set SANDBOX_GATEWAY=1 to"
                " have it outside DEBUG, or take it out of PAYMENT_GATEWAYS."
            )

    def open_payment(self, request: PaymentRequest) -> OpenedPayment:
        trade = services.open_trade(
            out_trade_no=request.number,
            amount_fen=request.amount_fen,
            currency=request.currency,
            subject=request.subject,
            return_url=request.return_url,
            expires_at=request.expires_at,
        )
        return OpenedPayment(pay_url=f"/{CASHIER}{trade.token}/", gateway_number=trade.trade_no)

    def query_payment(self, *, number: str) -> PaymentAnswer:
        return _payment_answer(services.find_trade(out_trade_no=number))

    def close_payment(self, *, number: str) -> PaymentAnswer:
        return _payment_answer(services.close_trade(out_trade_no=number))

    def refund(self, request: RefundRequest) -> RefundAnswer:
        return _refund_answer(
            services.open_refund(
                out_trade_no=request.payment_number,
                out_refund_no=request.number,
                amount_fen=request.amount_fen,
            )
        )

    def query_refund(self, *, number: str, payment_number: str) -> RefundAnswer:
        return _refund_answer(services.find_refund(out_refund_no=number))

    def parse_notification(self, *, headers: Mapping[str, str], body: bytes) -> Notification:
        """Verify signature and time (±300 s), then read the message and whom it is meant for."""
        sent = {name.lower(): value for name, value in headers.items()}
        timestamp = sent.get("sandbox-timestamp", "")
        if not signing.verify(
            serial=sent.get("sandbox-serial", ""),
            timestamp=timestamp,
            nonce=sent.get("sandbox-nonce", ""),
            signature=sent.get("sandbox-signature", ""),
            body=body,
        ):
            raise BadSignature
        if abs(now().timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
            raise BadSignature(reason="stale")
        return _read_message(body)

    def download_bill(self, *, day: dt.date) -> bytes:
        return bill.make_bill(day=day)

    def parse_bill(self, *, content: bytes) -> Iterable[BillRow]:
        """Read the lines and hold them against the summary; raises BadBill."""
        try:
            rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
            if len(rows) < 3 or tuple(rows[0]) != bill.COLUMNS or tuple(rows[-2]) != bill.SUMMARY:
                raise ValueError("columns or summary are missing")
            lines = list(_read_lines(rows[1:-2]))
            _check_summary(lines, rows[-1])
        except (ValueError, ArithmeticError, csv.Error) as error:
            raise BadBill(reason=str(error)) from error
        return lines


def _payment_answer(trade: SandboxTrade | None) -> PaymentAnswer:
    if trade is None:
        return PaymentAnswer(state="unknown")
    return PaymentAnswer(
        state=_STATES[trade.state],
        amount_fen=trade.amount_fen,
        currency=trade.currency,
        gateway_number=trade.trade_no,
        occurred_at=trade.decided_at,
    )


def _refund_answer(refund: SandboxRefund | None) -> RefundAnswer:
    if refund is None:
        return RefundAnswer(state="unknown")
    return RefundAnswer(
        state="succeeded" if refund.done_at <= now() else "accepted",
        gateway_number=refund.refund_no,
        amount_fen=refund.amount_fen,
        occurred_at=refund.done_at,
    )


def _read_message(body: bytes) -> Notification:
    try:
        message: dict[str, Any] = json.loads(body)
        notification = Notification(
            event_id=message["event_id"],
            kind=message["kind"],
            out_trade_no=message["out_trade_no"],
            out_refund_no=message["out_refund_no"],
            state=message["state"],
            amount_fen=message["amount_fen"],
            currency=message["currency"],
            gateway_number=message["gateway_number"],
            app_id=message["app_id"],
            merchant_id=message["merchant_id"],
            occurred_at=dt.datetime.fromisoformat(message["occurred_at"]),
            payer=str(message.get("payer", "")),
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadNotification from error
    if (notification.app_id, notification.merchant_id) != (services.APP_ID, services.MERCHANT_ID):
        raise BadNotification(reason="meant for somebody else")
    return notification


def _read_lines(rows: Iterable[list[str]]) -> Iterator[BillRow]:
    for kind, ours, theirs, amount, fee, moment in rows:
        if kind not in {"payment", "refund"}:
            raise ValueError(f"a line of kind {kind!r}")
        yield BillRow(
            kind=cast(FlowKind, kind),
            our_number=ours.removeprefix("`"),
            gateway_number=theirs.removeprefix("`"),
            amount_fen=yuan_to_fen(amount),
            fee_fen=yuan_to_fen(fee),
            occurred_at=dt.datetime.fromisoformat(moment).replace(tzinfo=bill.TIME_ZONE),
        )


def _check_summary(lines: list[BillRow], summary: list[str]) -> None:
    amount_fen = sum(
        line.amount_fen if line.kind == "payment" else -line.amount_fen for line in lines
    )
    fee_fen = sum(line.fee_fen for line in lines)
    stated = (int(summary[0]), yuan_to_fen(summary[3]), yuan_to_fen(summary[4]))
    if stated != (len(lines), amount_fen, fee_fen):
        raise ValueError("the lines do not add up to the summary")
    if len({(line.kind, line.our_number) for line in lines}) < len(lines):
        raise ValueError("a number stands there twice")
