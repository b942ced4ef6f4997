"""Payments made through the real services and the sandbox gateway, without an order."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Sum

from kernel.clock import now
from kernel.money import apply_rate
from members.models import User
from payments.access import lock_payment
from payments.agreements import PAYOUT
from payments.gateways.base import Notification, get_gateway
from payments.models import (
    Account,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Refund,
    Statement,
)
from payments.sandbox.services import decide
from payments.services import moves, postings
from payments.services.payments import (
    create_payment,
    open_at_gateway,
    record_notification,
    record_success,
)
from payments.services.refunds import request_refund
from stores.models import Approval, Merchant
from stores.services.approvals import approve, ask
from tests.factories import make_merchant, make_user

SHANGHAI = ZoneInfo("Asia/Shanghai")
_count = itertools.count(1)


def agree_to_payout(statement: Statement, *, asked_by: User) -> Approval:
    """Somebody asked for a statement's payout, and a second person agreed."""
    asked = ask(kind=PAYOUT, payload={"statement": statement.pk}, by=asked_by)
    assert asked is not None
    return approve(approval_id=asked.pk, digest=asked.digest, by=make_user("operator"))


def shanghai(day: dt.date, hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute, second), SHANGHAI)


def start_payment(*, amount_fen: int = 10_000, reference: str = "", minutes: int = 15) -> Payment:
    """A payment with a cashier page at the sandbox."""
    payment = create_payment(
        reference=reference or f"ORDER{next(_count)}",
        payer_id=make_user().pk,
        gateway="sandbox",
        amount_fen=amount_fen,
        expires_at=now() + dt.timedelta(minutes=minutes),
    )
    return open_at_gateway(payment=payment, subject="Two coffees", return_url="/orders/1/")


def token_of(payment: Payment) -> str:
    return payment.pay_url.rstrip("/").rsplit("/", 1)[-1]


def decide_payment(payment: Payment, outcome: str = "paid") -> tuple[dict[str, str], bytes]:
    """Press a button on the cashier page; the signed notification."""
    message = decide(token=token_of(payment), outcome=outcome)
    assert message is not None
    return message


def read(message: tuple[dict[str, str], bytes]) -> Notification:
    headers, body = message
    return get_gateway("sandbox").parse_notification(headers=headers, body=body)


def take_in(message: tuple[dict[str, str], bytes], merchant: Merchant) -> Payment:
    """What orders does with a paid notification, for an order of one merchant's voucher."""
    notification = read(message)
    with transaction.atomic():
        assert record_notification(gateway="sandbox", notification=notification, body=message[1])
        payment = lock_payment(gateway="sandbox", number=notification.out_trade_no)
        assert record_success(payment=payment, notification=notification)
        postings.pay(
            payment_number=payment.number,
            custodian=payment.gateway,
            amount_fen=payment.amount_fen,
            vouchers=[moves.Sold(payment.pk, merchant.pk, payment.amount_fen)],
        )
    return payment


def make_paid_payment(*, amount_fen: int = 10_000, merchant: Merchant | None = None) -> Payment:
    payment = start_payment(amount_fen=amount_fen)
    return take_in(decide_payment(payment), merchant or make_merchant())


def ask_refund(payment: Payment, *, amount_fen: int = 10_000) -> Refund:
    """Request a refund of unused value, ledger entries included, as vouchers do."""
    escrow = payment_merchant(payment)
    with transaction.atomic():
        lock_payment(gateway=payment.gateway, number=payment.number)
        refund = request_refund(
            payment_id=payment.pk, amount_fen=amount_fen, reason=Refund.Reason.UNUSED
        )
        postings.refund_unused(
            merchant_id=escrow,
            voucher_id=next(_count),
            parts=[moves.Back(payment.gateway, amount_fen, refund_number=refund.number)],
        )
    return refund


def payment_merchant(payment: Payment) -> int:
    return (
        LedgerEntry.objects.filter(transaction__key=f"pay:{payment.number}", account=Account.ESCROW)
        .values_list("merchant_id", flat=True)
        .get()
    )


def earn(merchant: Merchant, value_fen: int, *, rate: str = "0.1000", kind: str = "release") -> int:
    """A redemption whose undo window closed (or a forfeit): value less commission is payable.

    Returns what the merchant is owed for it.
    """
    commission_fen = apply_rate(value_fen, Decimal(rate))
    number = next(_count)
    parts = [moves.Part("sandbox", value_fen)]
    whose = {"merchant_id": merchant.pk, "voucher_id": number, "parts": parts}
    with transaction.atomic():
        if kind == "release":
            postings.release(redemption_id=number, commission_fen=commission_fen, **whose)
        else:
            postings.forfeit(commission_fen=commission_fen, **whose)
    return value_fen - commission_fen


def take_back(merchant: Merchant, value_fen: int, *, rate: str = "0.1000") -> int:
    """An after-sales return; returns what the merchant loses by it."""
    commission_fen = apply_rate(value_fen, Decimal(rate))
    with transaction.atomic():
        postings.return_redeemed(
            return_id=next(_count),
            merchant_id=merchant.pk,
            voucher_id=next(_count),
            parts=[moves.Back("sandbox", value_fen, refund_number=f"test-{next(_count)}")],
            commission_fen=commission_fen,
        )
    return value_fen - commission_fen


def no_vouchers(payment_ids: Sequence[int]) -> dict[int, int]:
    """What a vouchers room that lost everything would answer."""
    return {}


def is_posted(key: str) -> bool:
    """Whether the event named by ``key`` is in the ledger."""
    return LedgerTransaction.objects.filter(key=key).exists()


def account_totals() -> dict[str, int]:
    """Return the debit-positive balance of every account of the chart, in fen."""
    sums = dict(LedgerEntry.objects.order_by().values_list("account").annotate(Sum("amount_fen")))
    return {account: sums.get(account, 0) for account in Account.values}
