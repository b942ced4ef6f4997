"""Every entry of the ledger is made here, one function for each row of the table in docs/money.md.

The rooms say what happened, with plain ids and fen, and never which accounts move. A test reads
the table and calls each function: a row without a function fails, and so does the reverse.

All of them run inside the caller's transaction, write one transaction of the ledger in one
statement, leave out entries of 0 fen, and raise IntegrityError when the event is in the ledger
already. A debit is positive, a credit negative, in fen. ``custodian`` is the code of the gateway
that holds the buyer's money; the account ``clearing`` links it with the bank and the books.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count, Sum

from payments.models import BANK, BOOKS, Account, LedgerEntry, Purpose
from payments.services.ledger import Entry, post


class Sold(NamedTuple):
    """A voucher that a payment has bought."""

    voucher_id: int
    merchant_id: int
    price_fen: int


class Owed(NamedTuple):
    """What the lines of a statement come to at one custodian; a credit of the merchant is positive."""

    custodian: str
    amount_fen: int


def pay(*, payment_number: str, custodian: str, amount_fen: int, vouchers: Sequence[Sold]) -> None:
    """An order is paid. Key ``pay:PAYMENT``.

    Debits gateway by the payment; credits escrow by the price of each voucher, one entry each.
    Raises ValueError when the prices are not the payment.
    """
    post(
        kind="pay",
        key=f"pay:{payment_number}",
        entries=[
            _buyers(Account.GATEWAY, amount_fen, custodian, f"payment:{payment_number}"),
            *(
                _of_voucher(
                    Account.ESCROW, -sold.price_fen, custodian, sold.merchant_id, sold.voucher_id
                )
                for sold in vouchers
            ),
        ],
    )


def pay_unclaimed(*, payment_number: str, custodian: str, amount_fen: int) -> None:
    """Money came too late or twice: no order can have it. Key ``pay:PAYMENT``.

    Debits gateway, credits unclaimed.
    """
    payment = f"payment:{payment_number}"
    post(
        kind="pay",
        key=f"pay:{payment_number}",
        entries=[
            _buyers(Account.GATEWAY, amount_fen, custodian, payment),
            _buyers(Account.UNCLAIMED, -amount_fen, custodian, payment),
        ],
    )


def refund_unclaimed(
    *, refund_number: str, payment_number: str, custodian: str, amount_fen: int
) -> None:
    """The refund of money that came too late or twice is requested. Key ``refund:REFUND``.

    Debits unclaimed, credits refund_due.
    """
    post(
        kind="refund",
        key=f"refund:{refund_number}",
        entries=[
            _buyers(Account.UNCLAIMED, amount_fen, custodian, f"payment:{payment_number}"),
            _buyers(Account.REFUND_DUE, -amount_fen, custodian, f"refund:{refund_number}"),
        ],
    )


def redeem(
    *, redemption_id: int, merchant_id: int, voucher_id: int, custodian: str, value_fen: int
) -> None:
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
            _of_voucher(Account.ESCROW, value_fen, custodian, merchant_id, voucher_id),
            _of_voucher(Account.PENDING, -value_fen, custodian, merchant_id, voucher_id),
        ],
    )


def undo(
    *, redemption_id: int, merchant_id: int, voucher_id: int, custodian: str, value_fen: int
) -> None:
    """A redemption is undone: the mirror of `redeem`. Key ``undo:REDEMPTION``.

    Debits pending by the value, credits escrow. A value of 0 fen moves nothing.
    """
    if not value_fen:
        return
    post(
        kind="undo",
        key=f"undo:{redemption_id}",
        entries=[
            _of_voucher(Account.PENDING, value_fen, custodian, merchant_id, voucher_id),
            _of_voucher(Account.ESCROW, -value_fen, custodian, merchant_id, voucher_id),
        ],
    )


def release(
    *,
    redemption_id: int,
    merchant_id: int,
    voucher_id: int,
    custodian: str,
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
            _of_voucher(Account.PENDING, value_fen, custodian, merchant_id, voucher_id),
            _of_voucher(Account.PAYABLE, -value_fen, custodian, merchant_id, voucher_id),
            *_commission(commission_fen, merchant_id, voucher_id),
        ],
    )


def refund_unused(
    *, refund_number: str, merchant_id: int, voucher_id: int, custodian: str, unused_fen: int
) -> None:
    """The refund of unused uses is requested, asked for or on expiry. Key ``refund:REFUND``.

    Debits escrow by the unused value, credits refund_due.
    """
    post(
        kind="refund",
        key=f"refund:{refund_number}",
        entries=[
            _of_voucher(Account.ESCROW, unused_fen, custodian, merchant_id, voucher_id),
            _refund_due(-unused_fen, custodian, refund_number, voucher_id),
        ],
    )


def forfeit(
    *,
    voucher_id: int,
    merchant_id: int,
    custodian: str,
    unused_fen: int,
    commission_fen: int,
) -> None:
    """A voucher has expired without a right to a refund. Key ``forfeit:VOUCHER``.

    Debits escrow by the unused value and payable by its commission; credits payable by the
    unused value and commission (docs/adr/0005-forfeit-to-merchant.md).
    """
    post(
        kind="forfeit",
        key=f"forfeit:{voucher_id}",
        entries=[
            _of_voucher(Account.ESCROW, unused_fen, custodian, merchant_id, voucher_id),
            _of_voucher(Account.PAYABLE, -unused_fen, custodian, merchant_id, voucher_id),
            *_commission(commission_fen, merchant_id, voucher_id),
        ],
    )


def return_redeemed(
    *,
    refund_number: str,
    merchant_id: int,
    voucher_id: int,
    custodian: str,
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
            _of_voucher(Account.PAYABLE, value_fen, custodian, merchant_id, voucher_id),
            _refund_due(-value_fen, custodian, refund_number, voucher_id),
            *_commission(-commission_fen, merchant_id, voucher_id),
        ],
    )


def refunded(*, refund_number: str, custodian: str, amount_fen: int) -> None:
    """The gateway confirms a refund. Key ``refunded:REFUND``.

    Debits refund_due, credits gateway.
    """
    refund = f"refund:{refund_number}"
    post(
        kind="refunded",
        key=f"refunded:{refund_number}",
        entries=[
            _buyers(Account.REFUND_DUE, amount_fen, custodian, refund),
            _buyers(Account.GATEWAY, -amount_fen, custodian, refund),
        ],
    )


def settle(*, statement_number: str, merchant_id: int, net_fen: int, owed: Sequence[Owed]) -> None:
    """A statement is issued. Key ``settle:STATEMENT``.

    Debits payable at each custodian by what the statement's lines come to there, with any sign:
    the value at the gateways, less the commission in the books. Credits settled by the net, in
    the books; clearing brings there what the gateways hold for it. Raises ValueError when
    ``owed`` does not come to the net.
    """
    about = f"statement:{statement_number}"
    held = [row for row in owed if row.custodian != BOOKS]
    post(
        kind="settle",
        key=f"settle:{statement_number}",
        entries=[
            *(
                _net(Account.PAYABLE, row.amount_fen, row.custodian, about, merchant_id)
                for row in owed
            ),
            *(_net(Account.CLEARING, -row.amount_fen, row.custodian, about) for row in held),
            _net(Account.CLEARING, sum(row.amount_fen for row in held), BOOKS, about),
            _net(Account.SETTLED, -net_fen, BOOKS, about, merchant_id),
        ],
    )


def payout(*, payout_number: str, statement_number: str, merchant_id: int, net_fen: int) -> None:
    """A statement's money was sent to the merchant. Key ``payout:PAYOUT``.

    Debits settled in the books, credits bank; clearing links the two.
    """
    post(
        kind="payout",
        key=f"payout:{payout_number}",
        entries=_sent(payout_number, statement_number, merchant_id, net_fen),
    )


def payout_returned(
    *, payout_number: str, statement_number: str, merchant_id: int, net_fen: int
) -> None:
    """The bank sent a payout back: the mirror of `payout`. Key ``payout-returned:PAYOUT``.

    Debits bank, credits settled in the books; clearing links the two.
    """
    post(
        kind="payout-returned",
        key=f"payout-returned:{payout_number}",
        entries=_sent(payout_number, statement_number, merchant_id, -net_fen),
    )


def gateway_fees(*, gateway: str, day: dt.date, fees_fen: int) -> None:
    """The gateway's bill of a day names its fees. Key ``fees:GATEWAY:DAY``.

    Debits fees, credits gateway, by what the bill's ``fees_fen`` add to the fees of that day in
    the ledger: all of them the first time; what a corrected bill adds, or takes away, under
    ``…:2``, ``…:3``; nothing when the bill is as it was. The caller has locked the bill.
    """
    day_of = f"{gateway}:{day:%Y-%m-%d}"
    key, bill = f"fees:{day_of}", f"bill:{day_of}"
    posted = LedgerEntry.objects.filter(
        account=Account.FEES, transaction__key__startswith=key
    ).aggregate(fen=Sum("amount_fen"), times=Count("id"))
    missing_fen = fees_fen - (posted["fen"] or 0)
    if missing_fen:
        post(
            kind="fees",
            key=f"{key}:{posted['times'] + 1}" if posted["times"] else key,
            entries=[
                Entry(Account.FEES, missing_fen, Purpose.FEE, gateway, bill),
                Entry(Account.GATEWAY, -missing_fen, Purpose.FEE, gateway, bill),
            ],
        )


# Entries as several rows of the table have them.


def _buyers(account: Account, amount_fen: int, custodian: str, subject: str) -> Entry:
    """Buyers' money that is no merchant's."""
    return Entry(account, amount_fen, Purpose.VALUE, custodian, subject)


def _of_voucher(
    account: Account, amount_fen: int, custodian: str, merchant_id: int, voucher_id: int
) -> Entry:
    """The value of a voucher in one of its merchant's accounts."""
    subject = f"voucher:{voucher_id}"
    return Entry(account, amount_fen, Purpose.VALUE, custodian, subject, merchant_id, voucher_id)


def _refund_due(amount_fen: int, custodian: str, refund_number: str, voucher_id: int) -> Entry:
    """What is owed back for a voucher: settled refund by refund."""
    subject = f"refund:{refund_number}"
    return Entry(
        Account.REFUND_DUE, amount_fen, Purpose.VALUE, custodian, subject, None, voucher_id
    )


def _commission(amount_fen: int, merchant_id: int, voucher_id: int) -> list[Entry]:
    """The platform's share: it exists in the books alone until the bank moves."""
    purpose, subject = Purpose.COMMISSION, f"voucher:{voucher_id}"
    return [
        Entry(Account.PAYABLE, amount_fen, purpose, BOOKS, subject, merchant_id, voucher_id),
        Entry(Account.COMMISSION, -amount_fen, purpose, BOOKS, subject, None, voucher_id),
    ]


def _net(
    account: Account, amount_fen: int, custodian: str, subject: str, merchant_id: int | None = None
) -> Entry:
    """What a statement comes to, on its way to the merchant."""
    return Entry(account, amount_fen, Purpose.NET, custodian, subject, merchant_id)


def _sent(payout_number: str, statement_number: str, merchant_id: int, fen: int) -> list[Entry]:
    about, sent = f"statement:{statement_number}", f"payout:{payout_number}"
    return [
        _net(Account.SETTLED, fen, BOOKS, about, merchant_id),
        _net(Account.CLEARING, -fen, BOOKS, sent),
        _net(Account.CLEARING, fen, BANK, sent),
        _net(Account.BANK, -fen, BANK, sent),
    ]
