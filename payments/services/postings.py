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

from django.db.models import Count, Sum

from payments.models import BANK, BOOKS, Account, LedgerEntry, Purpose
from payments.parties import MERCHANT, PLATFORM, POINTS, BadParty, Party, parse_party
from payments.services.ledger import Entry, post
from payments.services.moves import NO_FEE, Back, Charged, Fee, Owed, Part, Sold


def pay(
    *,
    payment_number: str,
    custodian: str,
    amount_fen: int,
    vouchers: Sequence[Sold],
    fees: Sequence[Charged] = (),
) -> None:
    """An order, its deposit or its balance is paid. Key ``pay:PAYMENT``.

    Debits gateway by the payment; credits escrow by what it brings in for each voucher, and for
    each fee in the account of its payee, one entry each. Raises ValueError when these are not
    the payment.
    """
    post(
        kind="pay",
        key=f"pay:{payment_number}",
        entries=[
            _buyers(Account.GATEWAY, amount_fen, custodian, f"payment:{payment_number}"),
            *(
                _of_voucher(
                    Account.ESCROW, -sold.amount_fen, custodian, sold.merchant_id, sold.voucher_id
                )
                for sold in vouchers
            ),
            *(
                Entry(
                    Account.ESCROW,
                    -fee.amount_fen,
                    Purpose.VALUE,
                    custodian,
                    f"line:{fee.line_id}",
                    fee.party,
                )
                for fee in fees
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


def redeem(*, redemption_id: int, merchant_id: int, voucher_id: int, parts: Sequence[Part]) -> None:
    """Uses of a voucher are redeemed. Key ``redeem:REDEMPTION``.

    Component by component, debits what pays for them: escrow for the buyer's money; for what
    is funded promotions, points_liability, or receivable of the partner. Credits pending with
    the same custodian. Uses worth 0 fen move nothing and are not in the ledger.
    """
    _post_if_any("redeem", redemption_id, _used(1, parts, merchant_id, voucher_id))


def undo(*, redemption_id: int, merchant_id: int, voucher_id: int, parts: Sequence[Part]) -> None:
    """A redemption is undone: the mirror of `redeem`. Key ``undo:REDEMPTION``.

    Debits pending, credits escrow, promotions, points_liability and receivable.
    """
    _post_if_any("undo", redemption_id, _used(-1, parts, merchant_id, voucher_id))


def release(
    *,
    redemption_id: int,
    merchant_id: int,
    voucher_id: int,
    parts: Sequence[Part],
    commission_fen: int,
    fee: Fee = NO_FEE,
) -> None:
    """The undo window has closed: the merchant has earned the value. Key ``release:REDEMPTION``.

    Debits pending by the value and credits payable with the same custodian. In the books:
    payable by the commission, against commission; payable of each partner by its dues, against
    receivable; payable by the referral fee, against payable of who sent the guest.
    """
    _post_if_any(
        "release",
        redemption_id,
        [
            *(
                _of_voucher(account, sign * fen, custodian, merchant_id, voucher_id)
                for custodian, fen, _party in parts
                for account, sign in ((Account.PENDING, 1), (Account.PAYABLE, -1))
            ),
            *_commission(commission_fen, merchant_id, voucher_id),
            *(entry for part in parts for entry in _called_in(part, voucher_id)),
            *_referral(fee, fee.amount_fen, merchant_id, voucher_id),
        ],
    )


def refund_unused(*, voucher_id: int, merchant_id: int, parts: Sequence[Back]) -> None:
    """The refund of unused uses is requested, asked for or on expiry. Key ``refund:VOUCHER``.

    Debits escrow by the unused value of each tender, credits refund_due of the refund that
    carries it, with the same custodian. Funders have paid nothing for unused uses.
    """
    _post_if_any("refund", voucher_id, _sent_back(parts, merchant_id, voucher_id))


def rebate(
    *,
    rebate_id: int,
    voucher_id: int,
    merchant_id: int,
    custodian: str,
    amount_fen: int,
    refund_number: str,
) -> None:
    """A voucher has become cheaper after it was paid. Key ``rebate:REBATE``.

    Debits escrow by the amount, credits refund_due.
    """
    back = Back(custodian, amount_fen, refund_number=refund_number)
    _post_if_any("rebate", rebate_id, _sent_back([back], merchant_id, voucher_id))


def forfeit(
    *, voucher_id: int, merchant_id: int, parts: Sequence[Part], commission_fen: int
) -> None:
    """A voucher has ended without a right to a refund. Key ``forfeit:VOUCHER``.

    Debits escrow by the unused value of each tender and payable by its commission; credits
    payable by the unused value and commission (docs/adr/0005-forfeit-to-merchant.md).
    """
    _post_if_any(
        "forfeit",
        voucher_id,
        [
            *(
                _of_voucher(account, sign * fen, custodian, merchant_id, voucher_id)
                for custodian, fen, _party in parts
                for account, sign in ((Account.ESCROW, 1), (Account.PAYABLE, -1))
            ),
            *_commission(commission_fen, merchant_id, voucher_id),
        ],
    )


def return_redeemed(
    *,
    return_id: int,
    merchant_id: int,
    voucher_id: int,
    parts: Sequence[Back],
    commission_fen: int,
    fee: Fee = NO_FEE,
) -> None:
    """Redeemed uses are taken back after sales. Key ``return:RETURN``.

    Component by component, debits payable and credits where it goes: refund_due for the
    buyer's money; promotions, points_liability or the partner's payable. What was earned on the
    uses as commission and as referral fee goes back, too.
    """
    _post_if_any(
        "return",
        return_id,
        [
            *(
                entry
                for part in parts
                for entry in (
                    _of_voucher(
                        Account.PAYABLE, part.amount_fen, part.custodian, merchant_id, voucher_id
                    ),
                    _given_back(part, voucher_id),
                )
            ),
            *_commission(-commission_fen, merchant_id, voucher_id),
            *_referral(fee, -fee.amount_fen, merchant_id, voucher_id),
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


def collect(*, statement_number: str, merchant_id: int, due_fen: int) -> None:
    """A merchant has paid what its statement says that it owes. Key ``collect:STATEMENT``.

    Debits bank, credits settled in the books; clearing links the two.
    """
    about = f"statement:{statement_number}"
    moved = [
        _net(Account.BANK, due_fen, BANK, about),
        _net(Account.CLEARING, -due_fen, BANK, about),
        _net(Account.CLEARING, due_fen, BOOKS, about),
    ]
    _closed("collect", statement_number, merchant_id, due_fen, moved)


def carry(*, statement_number: str, merchant_id: int, due_fen: int) -> None:
    """What a negative statement owes stands on the next one. Key ``carry:STATEMENT``.

    Debits payable, credits settled, both in the books.
    """
    owed = _net(Account.PAYABLE, due_fen, BOOKS, f"statement:{statement_number}", merchant_id)
    _closed("carry", statement_number, merchant_id, due_fen, [owed])


def write_off(*, statement_number: str, merchant_id: int, due_fen: int) -> None:
    """What a negative statement owes is given up. Key ``write-off:STATEMENT``.

    Debits loss, credits settled, both in the books.
    """
    lost = _net(Account.LOSS, due_fen, BOOKS, f"statement:{statement_number}")
    _closed("write-off", statement_number, merchant_id, due_fen, [lost])


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


def _post_if_any(kind: str, row_id: int, entries: Sequence[Entry]) -> None:
    """Write the event ``kind:row_id``; nothing when none of its entries moves anything."""
    if any(entry.amount_fen for entry in entries):
        post(kind=kind, key=f"{kind}:{row_id}", entries=entries)


def _buyers(account: Account, amount_fen: int, custodian: str, subject: str) -> Entry:
    """Buyers' money that is no merchant's."""
    return Entry(account, amount_fen, Purpose.VALUE, custodian, subject)


def _of_voucher(
    account: Account, amount_fen: int, custodian: str, merchant_id: int, voucher_id: int
) -> Entry:
    """The value of a voucher in one of its merchant's accounts."""
    subject = f"voucher:{voucher_id}"
    own = Party(MERCHANT, merchant_id)
    return Entry(account, amount_fen, Purpose.VALUE, custodian, subject, own, voucher_id)


def _party(merchant_id: int | None) -> Party:
    """A merchant, or the platform where none is named."""
    return PLATFORM if merchant_id is None else Party(MERCHANT, merchant_id)


def _used(sign: int, parts: Sequence[Part], merchant_id: int, voucher_id: int) -> list[Entry]:
    """Uses on their way from who pays for them to the merchant's pending money; -1 is the way back."""
    return [
        entry
        for part in parts
        for entry in (
            _source(part, sign * part.amount_fen, merchant_id, voucher_id),
            _of_voucher(
                Account.PENDING, -sign * part.amount_fen, part.custodian, merchant_id, voucher_id
            ),
        )
    ]


def _source(part: Part, amount_fen: int, merchant_id: int, voucher_id: int) -> Entry:
    """Where a component's money is until uses are redeemed, or who will owe it."""
    if not part.party:
        return _of_voucher(Account.ESCROW, amount_fen, part.custodian, merchant_id, voucher_id)
    return _funder(part.party, Account.RECEIVABLE, Purpose.VALUE, amount_fen, voucher_id)


def _funder(
    key: str, of_partner: Account, purpose: Purpose, amount_fen: int, voucher_id: int
) -> Entry:
    """An entry of who funds a part of a discount; a partner's is in its own account."""
    subject, party = f"voucher:{voucher_id}", parse_party(key)
    if party in _OF_THE_PLATFORM:
        account = _OF_THE_PLATFORM[party]
        return Entry(account, amount_fen, Purpose.VALUE, BOOKS, subject, PLATFORM, voucher_id)
    if party.kind != MERCHANT:
        raise BadParty(f"{key!r} funds no discounts")
    return Entry(of_partner, amount_fen, purpose, BOOKS, subject, party, voucher_id)


_OF_THE_PLATFORM = {PLATFORM: Account.PROMOTIONS, POINTS: Account.POINTS_LIABILITY}
"""Where the platform bears its own part of a discount, and that of its points."""


def _called_in(part: Part, voucher_id: int) -> list[Entry]:
    """What a partner owes goes onto its next statement; others have paid at redemption."""
    if not part.party or parse_party(part.party) in _OF_THE_PLATFORM:
        return []
    return [
        _funder(part.party, account, Purpose.DUES, sign * part.amount_fen, voucher_id)
        for account, sign in ((Account.PAYABLE, 1), (Account.RECEIVABLE, -1))
    ]


def _given_back(part: Back, voucher_id: int) -> Entry:
    if not part.party:
        return _refund_due(-part.amount_fen, part.custodian, part.refund_number, voucher_id)
    return _funder(part.party, Account.PAYABLE, Purpose.DUES, -part.amount_fen, voucher_id)


def _sent_back(parts: Sequence[Back], merchant_id: int, voucher_id: int) -> list[Entry]:
    """Out of escrow, and owed back."""
    return [
        entry
        for part in parts
        for entry in (
            _of_voucher(Account.ESCROW, part.amount_fen, part.custodian, merchant_id, voucher_id),
            _refund_due(-part.amount_fen, part.custodian, part.refund_number, voucher_id),
        )
    ]


def _refund_due(amount_fen: int, custodian: str, refund_number: str, voucher_id: int) -> Entry:
    """What is owed back for a voucher: settled refund by refund."""
    subject = f"refund:{refund_number}"
    return Entry(
        Account.REFUND_DUE, amount_fen, Purpose.VALUE, custodian, subject, PLATFORM, voucher_id
    )


def _commission(amount_fen: int, merchant_id: int, voucher_id: int) -> list[Entry]:
    """The platform's share: it exists in the books alone until the bank moves."""
    purpose, subject, own = (
        Purpose.COMMISSION,
        f"voucher:{voucher_id}",
        Party(MERCHANT, merchant_id),
    )
    return [
        Entry(Account.PAYABLE, amount_fen, purpose, BOOKS, subject, own, voucher_id),
        Entry(Account.COMMISSION, -amount_fen, purpose, BOOKS, subject, PLATFORM, voucher_id),
    ]


def _referral(fee: Fee, amount_fen: int, merchant_id: int, voucher_id: int) -> list[Entry]:
    """From who served the guest to who sent the guest."""
    purpose, subject = Purpose.REFERRAL, f"voucher:{voucher_id}"
    return [
        Entry(Account.PAYABLE, fen, purpose, BOOKS, subject, Party(MERCHANT, whose), voucher_id)
        for whose, fen in ((merchant_id, amount_fen), (fee.merchant_id, -amount_fen))
    ]


def _net(
    account: Account, amount_fen: int, custodian: str, subject: str, merchant_id: int | None = None
) -> Entry:
    """What a statement comes to, on its way to the merchant."""
    return Entry(account, amount_fen, Purpose.NET, custodian, subject, _party(merchant_id))


def _closed(
    kind: str, number: str, merchant_id: int, due_fen: int, entries: Sequence[Entry]
) -> None:
    """What a negative statement owes is owed on it no more."""
    settled = _net(Account.SETTLED, -due_fen, BOOKS, f"statement:{number}", merchant_id)
    post(kind=kind, key=f"{kind}:{number}", entries=[*entries, settled])


def _sent(payout_number: str, statement_number: str, merchant_id: int, fen: int) -> list[Entry]:
    about, sent = f"statement:{statement_number}", f"payout:{payout_number}"
    return [
        _net(Account.SETTLED, fen, BOOKS, about, merchant_id),
        _net(Account.CLEARING, -fen, BOOKS, sent),
        _net(Account.CLEARING, fen, BANK, sent),
        _net(Account.BANK, -fen, BANK, sent),
    ]
