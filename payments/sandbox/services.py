"""The sandbox gateway itself: what would run on somebody else's machines.

It keeps its own books (SandboxTrade, SandboxRefund), never looks at ours and is reached only
through payments.gateways.sandbox and the cashier page. Its rules:

- a number of ours opens one trade; the same number with a different amount is refused;
- a trade is decided once, at the latest when it expires;
- refunds of a trade never exceed it, and are REFUNDS_PER_TRADE at most; the same refund number
  gives the same refund;
- a refund is done at once, or ``settings.SANDBOX_REFUND_SECONDS`` later.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from kernel.clock import now
from kernel.db.prepared import Change, insert_rows
from kernel.errors import NotFound
from kernel.ids import new_token
from payments.errors import GatewayRefused
from payments.models import SandboxRefund, SandboxTrade
from payments.sandbox.signing import sign

APP_ID = "o2o-sandbox-app"
MERCHANT_ID = "o2o-sandbox-merchant"
REFUNDS_PER_TRADE = 50
"""As many as the strictest of the real ones takes."""

SignedMessage = tuple[dict[str, str], bytes]


# Trades --------------------------------------------------------------------------------


def open_trade(
    *,
    out_trade_no: str,
    amount_fen: int,
    currency: str,
    subject: str,
    return_url: str,
    expires_at: dt.datetime,
) -> SandboxTrade:
    """Open a trade, or return the one opened under the same number (unique index).

    Raises GatewayRefused when the number stands for another amount or currency.
    """
    trade = SandboxTrade(
        out_trade_no=out_trade_no,
        token=new_token(),
        trade_no=_new_no("T"),
        amount_fen=amount_fen,
        currency=currency,
        subject=subject[:200],
        return_url=return_url,
        expires_at=expires_at,
    )
    if insert_rows([trade], unless="out_trade_no"):
        trade = SandboxTrade.objects.get(out_trade_no=out_trade_no)
    if (trade.amount_fen, trade.currency) != (amount_fen, currency):
        raise GatewayRefused(reason="this number was used for another amount")
    return trade


def find_trade(*, out_trade_no: str) -> SandboxTrade | None:
    """Return the trade of our number, closed when its time is over."""
    trade = SandboxTrade.objects.filter(out_trade_no=out_trade_no).first()
    return _close_if_expired(trade) if trade else None


def view_trade(*, token: str) -> SandboxTrade:
    """Return the trade a cashier page shows. Raises NotFound."""
    trade = SandboxTrade.objects.filter(token=token).first()
    if trade is None:
        raise NotFound
    return _close_if_expired(trade)


def close_trade(*, out_trade_no: str) -> SandboxTrade | None:
    """Close a waiting trade; a paid one stays paid. None when the number is unknown."""
    SandboxTrade.objects.filter(out_trade_no=out_trade_no, state=SandboxTrade.State.WAITING).update(
        state=SandboxTrade.State.CLOSED, decided_at=now(), delivered_at=now()
    )
    return SandboxTrade.objects.filter(out_trade_no=out_trade_no).first()


_decided = Change(
    lambda token, outcome, moment, payer: (
        SandboxTrade.objects.filter(
            token=token, state=SandboxTrade.State.WAITING, expires_at__gt=moment
        ),
        {"state": outcome, "decided_at": moment, "payer": payer},
    ),
    *(str, str, dt.datetime, str),
)


def decide_trade(
    *, token: str, outcome: str, payer: str = ""
) -> tuple[SandboxTrade, SignedMessage | None]:
    """Do what a button of the cashier page does; return the trade and the signed notification.

    ``outcome`` is "paid", "failed" or "closed"; ``payer`` the account that pays. One
    compare-and-set from waiting: no message when the trade was decided before or its time is over. Whoever called
    delivers headers and raw body to orders.services.pay.receive_notification and then calls `mark_delivered`; what is
    not marked is sent again by the sweep over `undelivered`. Raises NotFound, ValueError.
    """
    if outcome not in {"paid", "failed", "closed"}:
        raise ValueError(f"a trade cannot become {outcome!r}")
    trade = _decided.row(token, outcome, now(), payer)
    if trade is None:
        return view_trade(token=token), None
    return trade, _trade_message(trade)


def decide(*, token: str, outcome: str, payer: str = "") -> SignedMessage | None:
    """The message of `decide_trade` alone."""
    return decide_trade(token=token, outcome=outcome, payer=payer)[1]


_delivered = Change(
    lambda number, moment: (
        SandboxTrade.objects.filter(trade_no=number),
        {"delivered_at": moment},
    ),
    *(str, dt.datetime),
)


def _close_if_expired(trade: SandboxTrade) -> SandboxTrade:
    """Close a trade nobody paid in time; nobody is told, as at the real gateways."""
    if trade.state == SandboxTrade.State.WAITING and trade.expires_at <= now():
        SandboxTrade.objects.filter(pk=trade.pk, state=SandboxTrade.State.WAITING).update(
            state=SandboxTrade.State.CLOSED, decided_at=now(), delivered_at=now()
        )
        trade.refresh_from_db()
    return trade


# Refunds -------------------------------------------------------------------------------


def open_refund(*, out_trade_no: str, out_refund_no: str, amount_fen: int) -> SandboxRefund:
    """Refund a paid trade in whole or part, or return the refund of the same number.

    Locks the trade. Raises GatewayRefused when the trade is not paid, less than the amount is
    left of it, or the number stands for another refund.
    """
    with transaction.atomic():
        trade = (
            SandboxTrade.objects.select_for_update(no_key=True)
            .filter(out_trade_no=out_trade_no)
            .first()
        )
        if trade is None or trade.state != SandboxTrade.State.PAID:
            raise GatewayRefused(reason="this trade is not paid")
        known = SandboxRefund.objects.filter(out_refund_no=out_refund_no).first()
        if known is not None:
            if (known.trade_id, known.amount_fen) != (trade.pk, amount_fen):
                raise GatewayRefused(reason="this refund number was used for another refund")
            return known
        refunds = trade.refunds.aggregate(total=Sum("amount_fen"), number=Count("pk"))
        if refunds["number"] >= REFUNDS_PER_TRADE:
            raise GatewayRefused(reason="this trade had as many refunds as it may have")
        refunded = refunds["total"] or 0
        if refunded + amount_fen > trade.amount_fen:
            raise GatewayRefused(reason="more than is left of this trade")
        moment = now()
        delay = dt.timedelta(seconds=settings.SANDBOX_REFUND_SECONDS)
        return SandboxRefund.objects.create(
            trade=trade,
            refund_no=_new_no("F"),
            out_refund_no=out_refund_no,
            amount_fen=amount_fen,
            created_at=moment,
            done_at=moment + delay,
            delivered_at=None if delay else moment,
        )


def find_refund(*, out_refund_no: str) -> SandboxRefund | None:
    """Return the refund of our number."""
    return SandboxRefund.objects.filter(out_refund_no=out_refund_no).first()


# Notifications -------------------------------------------------------------------------


def undelivered(*, limit: int = 100, older_than_seconds: int = 15) -> list[SignedMessage]:
    """Return messages that were not delivered, signed again under their old event ids, oldest first."""
    before = now() - dt.timedelta(seconds=older_than_seconds)
    trades = SandboxTrade.objects.filter(decided_at__lt=before, delivered_at__isnull=True).order_by(
        "decided_at"
    )[:limit]
    refunds = (
        SandboxRefund.objects.filter(done_at__lt=before, delivered_at__isnull=True)
        .select_related("trade")
        .order_by("done_at")[:limit]
    )
    return [_trade_message(trade) for trade in trades] + [
        _refund_message(refund) for refund in refunds
    ]


def mark_delivered(*, body: bytes) -> None:
    """Note that the message ``body`` was processed; it is not sent again."""
    message = json.loads(body)
    number, moment = message["gateway_number"], now()
    if message["kind"] == "refund":
        SandboxRefund.objects.filter(refund_no=number).update(delivered_at=moment)
    else:
        _delivered.rows(number, moment)


def _trade_message(trade: SandboxTrade) -> SignedMessage:
    return _signed(
        event_id=f"{trade.trade_no}-{trade.state}",
        kind="payment",
        state=trade.state,
        out_trade_no=trade.out_trade_no,
        out_refund_no="",
        gateway_number=trade.trade_no,
        amount_fen=trade.amount_fen,
        currency=trade.currency,
        occurred_at=trade.decided_at.isoformat() if trade.decided_at else "",
        payer=trade.payer,
    )


def _refund_message(refund: SandboxRefund) -> SignedMessage:
    return _signed(
        event_id=f"{refund.refund_no}-refunded",
        kind="refund",
        state="refunded",
        out_trade_no=refund.trade.out_trade_no,
        out_refund_no=refund.out_refund_no,
        gateway_number=refund.refund_no,
        amount_fen=refund.amount_fen,
        currency=refund.trade.currency,
        occurred_at=refund.done_at.isoformat(),
    )


def _signed(**message: Any) -> SignedMessage:
    message |= {"app_id": APP_ID, "merchant_id": MERCHANT_ID}
    body = json.dumps(message, separators=(",", ":")).encode()
    return sign(body), body


def _new_no(prefix: str) -> str:
    return f"SB{prefix}{now():%Y%m%d}{secrets.randbelow(10**14):014d}"
