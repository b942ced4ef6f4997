"""The sandbox gateway's daily bill: a CSV file like those of the real gateways.

A day is a day in Asia/Shanghai. Amounts are in yuan with two decimals, numbers carry a
backtick in front so that a spreadsheet leaves them alone, and two summary lines close the
file. Each line's fee is 0.6 % of its amount, half a fen up; a refund's line gives its own
0.6 % back.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal

from kernel.clock import now
from kernel.money import apply_rate, fen_to_yuan
from payments.days import SHANGHAI, day_bounds
from payments.errors import BillNotReady
from payments.models import SandboxRefund, SandboxTrade

TIME_ZONE = SHANGHAI
FEE_RATE = Decimal("0.006")
COLUMNS = ("Kind", "Our number", "Gateway number", "Amount", "Fee", "Time")
SUMMARY = ("Total lines", "", "", "Total amount", "Total fee", "")


def make_bill(*, day: dt.date) -> bytes:
    """Return the bill of ``day``: payments by their time, then refunds by theirs.

    Raises BillNotReady before the day is over.
    """
    start, end = day_bounds(day)
    if now() < end:
        raise BillNotReady(day=day.isoformat())
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    lines = amount_fen = fee_fen = 0
    for kind, ours, theirs, amount, moment in _rows(start, end):
        fee = apply_rate(amount, FEE_RATE)
        signed_amount, signed_fee = (amount, fee) if kind == "payment" else (-amount, -fee)
        lines, amount_fen, fee_fen = (
            lines + 1,
            amount_fen + signed_amount,
            fee_fen + signed_fee,
        )
        local = moment.astimezone(TIME_ZONE).replace(tzinfo=None)
        writer.writerow(
            (
                kind,
                f"`{ours}",
                f"`{theirs}",
                fen_to_yuan(amount),
                fen_to_yuan(signed_fee),
                local.isoformat(" ", "microseconds"),
            )
        )
    writer.writerow(SUMMARY)
    writer.writerow((lines, "", "", fen_to_yuan(amount_fen), fen_to_yuan(fee_fen), ""))
    return file.getvalue().encode()


def _rows(start: dt.datetime, end: dt.datetime) -> Iterator[tuple[str, str, str, int, dt.datetime]]:
    trades = (
        SandboxTrade.objects.filter(
            state=SandboxTrade.State.PAID, decided_at__gte=start, decided_at__lt=end
        )
        .order_by("decided_at", "id")
        .values_list("out_trade_no", "trade_no", "amount_fen", "decided_at")
    )
    for ours, theirs, amount_fen, moment in trades.iterator():
        assert moment is not None
        yield "payment", ours, theirs, amount_fen, moment
    refunds = (
        SandboxRefund.objects.filter(done_at__gte=start, done_at__lt=end, done_at__lte=now())
        .order_by("done_at", "id")
        .values_list("out_refund_no", "refund_no", "amount_fen", "done_at")
    )
    for ours, theirs, amount_fen, done_at in refunds.iterator():
        yield "refund", ours, theirs, amount_fen, done_at
