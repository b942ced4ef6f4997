"""Every entry of the ledger is made here, one function for each row of the table in docs/money.md.

The rooms say what happened, with plain ids and fen, and never which accounts move. A test reads
the table and calls each function: a row without a function fails, and so does the reverse.

All of them run inside the caller's transaction, write one transaction of the ledger in one
statement, leave out entries of 0 fen, and raise IntegrityError when the event is in the ledger
already. A debit is positive, a credit negative, in fen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Sum

from payments.models import Account, LedgerEntry
from payments.services.ledger import Entry, post


class Sold(NamedTuple):
    """A voucher that a payment has bought."""

    voucher_id: int
    merchant_id: int
    price_fen: int


def pay(*, payment_number: str, amount_fen: int, vouchers: Sequence[Sold]) -> None:
    """An order is paid. Key ``pay:PAYMENT``.

    Debits gateway by the payment; credits escrow by the price of each voucher, one entry each.
    Raises ValueError when the prices are not the payment.
    """
    post(
        kind="pay",
        key=f"pay:{payment_number}",
        entries=[
            Entry(Account.GATEWAY, amount_fen),
            *(
                Entry(Account.ESCROW, -sold.price_fen, sold.merchant_id, sold.voucher_id)
                for sold in vouchers
            ),
        ],
    )


def pay_unclaimed(*, payment_number: str, amount_fen: int) -> None:
    """Money came too late or twice: no order can have it. Key ``pay:PAYMENT``.

    Debits gateway, credits unclaimed.
    """
    post(
        kind="pay",
        key=f"pay:{payment_number}",
        entries=[Entry(Account.GATEWAY, amount_fen), Entry(Account.UNCLAIMED, -amount_fen)],
    )


def refund_unclaimed(*, refund_number: str, amount_fen: int) -> None:
    """The refund of money that came too late or twice is requested. Key ``refund:REFUND``.

    Debits unclaimed, credits refund_due.
    """
    post(
        kind="refund",
        key=f"refund:{refund_number}",
        entries=[Entry(Account.UNCLAIMED, amount_fen), Entry(Account.REFUND_DUE, -amount_fen)],
    )


def redeem(*, redemption_id: int, merchant_id: int, voucher_id: int, value_fen: int) -> None:
    """Uses of a voucher are redeemed. Key ``redeem:REDEMPTION``.

    Debits escrow by their value, credits pending. Uses worth 0 fen, as a very cheap card has
    them, move nothing and are not in the ledger.
    """
    if not value_fen:
        return
    post(
        kind="redeem",
        key=f"redeem:{redemption_id}",
        entries=[
            Entry(Account.ESCROW, value_fen, merchant_id, voucher_id),
            Entry(Account.PENDING, -value_fen, merchant_id, voucher_id),
        ],
    )


def undo(*, redemption_id: int, merchant_id: int, voucher_id: int, value_fen: int) -> None:
    """A redemption is undone: the mirror of `redeem`. Key ``undo:REDEMPTION``.

    Debits pending by the value, credits escrow. A value of 0 fen moves nothing.
    """
    if not value_fen:
        return
    post(
        kind="undo",
        key=f"undo:{redemption_id}",
        entries=[
            Entry(Account.PENDING, value_fen, merchant_id, voucher_id),
            Entry(Account.ESCROW, -value_fen, merchant_id, voucher_id),
        ],
    )


def release(
    *,
    redemption_id: int,
    merchant_id: int,
    voucher_id: int,
    value_fen: int,
    commission_fen: int,
) -> None:
    """The undo window has closed: the merchant has earned the value. Key ``release:REDEMPTION``.

    Debits pending by the value and payable by the commission; credits payable by the value and
    commission. A value of 0 fen moves nothing.
    """
    if not value_fen:
        return
    post(
        kind="release",
        key=f"release:{redemption_id}",
        entries=[
            Entry(Account.PENDING, value_fen, merchant_id, voucher_id),
            Entry(Account.PAYABLE, -value_fen, merchant_id, voucher_id),
            Entry(Account.PAYABLE, commission_fen, merchant_id, voucher_id),
            Entry(Account.COMMISSION, -commission_fen, None, voucher_id),
        ],
    )


def refund_unused(
    *, refund_number: str, merchant_id: int, voucher_id: int, unused_fen: int
) -> None:
    """The refund of unused uses is requested, asked for or on expiry. Key ``refund:REFUND``.

    Debits escrow by the unused value, credits refund_due.
    """
    post(
        kind="refund",
        key=f"refund:{refund_number}",
        entries=[
            Entry(Account.ESCROW, unused_fen, merchant_id, voucher_id),
            Entry(Account.REFUND_DUE, -unused_fen, None, voucher_id),
        ],
    )


def forfeit(*, voucher_id: int, merchant_id: int, unused_fen: int, commission_fen: int) -> None:
    """A voucher has expired without a right to a refund. Key ``forfeit:VOUCHER``.

    Debits escrow by the unused value and payable by its commission; credits payable by the
    unused value and commission (docs/adr/0005-forfeit-to-merchant.md).
    """
    post(
        kind="forfeit",
        key=f"forfeit:{voucher_id}",
        entries=[
            Entry(Account.ESCROW, unused_fen, merchant_id, voucher_id),
            Entry(Account.PAYABLE, -unused_fen, merchant_id, voucher_id),
            Entry(Account.PAYABLE, commission_fen, merchant_id, voucher_id),
            Entry(Account.COMMISSION, -commission_fen, None, voucher_id),
        ],
    )


def return_redeemed(
    *,
    refund_number: str,
    merchant_id: int,
    voucher_id: int,
    value_fen: int,
    commission_fen: int,
) -> None:
    """Redeemed uses are taken back after sales. Key ``return:REFUND``.

    Debits payable by their value and commission by what was earned on them; credits refund_due
    by the value and payable by that commission.
    """
    post(
        kind="return",
        key=f"return:{refund_number}",
        entries=[
            Entry(Account.PAYABLE, value_fen, merchant_id, voucher_id),
            Entry(Account.REFUND_DUE, -value_fen, None, voucher_id),
            Entry(Account.COMMISSION, commission_fen, None, voucher_id),
            Entry(Account.PAYABLE, -commission_fen, merchant_id, voucher_id),
        ],
    )


def refunded(*, refund_number: str, amount_fen: int) -> None:
    """The gateway confirms a refund. Key ``refunded:REFUND``.

    Debits refund_due, credits gateway.
    """
    post(
        kind="refunded",
        key=f"refunded:{refund_number}",
        entries=[Entry(Account.REFUND_DUE, amount_fen), Entry(Account.GATEWAY, -amount_fen)],
    )


def settle(*, statement_number: str, merchant_id: int, net_fen: int) -> None:
    """A statement is issued. Key ``settle:STATEMENT``.

    Debits payable by its net, credits settled.
    """
    post(
        kind="settle",
        key=f"settle:{statement_number}",
        entries=[
            Entry(Account.PAYABLE, net_fen, merchant_id),
            Entry(Account.SETTLED, -net_fen, merchant_id),
        ],
    )


def payout(*, payout_number: str, merchant_id: int, amount_fen: int) -> None:
    """A statement's money was sent to the merchant. Key ``payout:PAYOUT``.

    Debits settled, credits bank.
    """
    post(
        kind="payout",
        key=f"payout:{payout_number}",
        entries=[
            Entry(Account.SETTLED, amount_fen, merchant_id),
            Entry(Account.BANK, -amount_fen),
        ],
    )


def payout_returned(*, payout_number: str, merchant_id: int, amount_fen: int) -> None:
    """The bank sent a payout back: the mirror of `payout`. Key ``payout-returned:PAYOUT``.

    Debits bank, credits settled.
    """
    post(
        kind="payout-returned",
        key=f"payout-returned:{payout_number}",
        entries=[
            Entry(Account.BANK, amount_fen),
            Entry(Account.SETTLED, -amount_fen, merchant_id),
        ],
    )


def gateway_fees(*, gateway: str, day: dt.date, fees_fen: int) -> None:
    """The gateway's bill of a day names its fees. Key ``fees:GATEWAY:DAY``.

    Debits fees, credits gateway, by what the bill's ``fees_fen`` add to the fees of that day in
    the ledger: all of them the first time; what a corrected bill adds, or takes away, under
    ``…:2``, ``…:3``; nothing when the bill is as it was. The caller has locked the bill.
    """
    key = f"fees:{gateway}:{day:%Y-%m-%d}"
    posted = LedgerEntry.objects.filter(
        account=Account.FEES, transaction__key__startswith=key
    ).aggregate(fen=Sum("amount_fen"), times=Count("id"))
    missing_fen = fees_fen - (posted["fen"] or 0)
    if missing_fen:
        post(
            kind="fees",
            key=f"{key}:{posted['times'] + 1}" if posted["times"] else key,
            entries=[Entry(Account.FEES, missing_fen), Entry(Account.GATEWAY, -missing_fen)],
        )
