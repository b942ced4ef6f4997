"""Write and read the ledger. The entries of every event stand in docs/money.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from django.db.models import Sum

from kernel.clock import now
from kernel.db.prepared import Statement
from payments.days import month_of
from payments.models import Account, LedgerEntry
from payments.parties import MERCHANT, PLATFORM, Party, party_key

_ENTRY = ("text", "bigint", "bigint", "bigint", "text", "text", "text", "text")
"""The SQL types of what `_values` gives."""


class Entry(NamedTuple):
    """One side: a debit is positive, a credit negative, in fen.

    ``custodian`` is where the money is: a gateway's code, `BANK` or `BOOKS`. ``subject`` is
    what it is about, "voucher:17".
    """

    account: str
    amount_fen: int
    purpose: str
    custodian: str
    subject: str
    party: Party = PLATFORM
    voucher_ref: int | None = None

    @property
    def merchant_id(self) -> int | None:
        """The merchant whose account it is; None for another party."""
        return self.party.pk if self.party.kind == MERCHANT else None


class MerchantBalance(NamedTuple):
    """What the platform holds for a merchant, in fen, each as a positive credit."""

    escrow_fen: int
    pending_fen: int
    payable_fen: int
    settled_fen: int


def post(*, kind: str, key: str, entries: Sequence[Entry]) -> int:
    """Write one balanced transaction and return its id; must be called inside a transaction.

    ``key`` names the event (``redeem:17``): posting an event twice raises IntegrityError,
    so a caller's compare-and-set that failed to protect it cannot double money. Entries of
    0 fen are left out. Raises ValueError when the entries do not sum to zero at each custodian,
    or `Account.CLEARING` does not; the database checks the same at commit. One statement,
    whatever the number of entries.
    """
    rows = [entry for entry in entries if entry.amount_fen]
    if not rows or not _balanced(rows):
        raise ValueError(f"unbalanced ledger transaction {key}: {rows}")
    moment = now()
    values = [value for row in rows for value in _values(row)]
    made = _posting(len(rows)).rows(kind, key, moment, month_of(moment), *values)
    return int(made[0][0])


@cache
def _posting(count: int) -> Statement:
    """One transaction of ``count`` entries. There are a dozen counts at most: a row of docs/money.md each."""
    # Said with their types also where the statement goes out as text: NULL alone would be a text.
    entry = ", ".join(f"%s::{kind}" for kind in _ENTRY)
    values = ", ".join([f"({entry})"] * count)
    return Statement(
        "WITH t AS (INSERT INTO payments_ledgertransaction (kind, key, occurred_at)"  # noqa: S608 - placeholders
        " VALUES (%s, %s, %s) RETURNING id)"
        " INSERT INTO payments_ledgerentry"
        " (transaction_id, month, account, amount_fen, merchant_id, voucher_ref,"
        " party, custodian, subject, purpose)"
        f" SELECT t.id, %s, v.* FROM t, (VALUES {values}) v RETURNING transaction_id::bigint",
        *("text", "text", "timestamptz", "date"),
        *(_ENTRY * count),
    )


def _balanced(rows: Sequence[Entry]) -> bool:
    held: Counter[str] = Counter()
    for row in rows:
        held[row.custodian] += row.amount_fen
    linked = sum(row.amount_fen for row in rows if row.account == Account.CLEARING)
    return linked == 0 and not any(held.values())


def _values(row: Entry) -> tuple[str | int | None, ...]:
    """In the order of the columns that `post` names."""
    return (
        row.account,
        row.amount_fen,
        row.merchant_id,
        row.voucher_ref,
        party_key(row.party),
        row.custodian,
        row.subject,
        row.purpose,
    )


def merchant_balance(merchant_id: int) -> MerchantBalance:
    """Return the merchant's four balances in one query over the covering index."""
    sums = dict(
        LedgerEntry.objects.filter(merchant_id=merchant_id)
        .order_by()
        .values_list("account")
        .annotate(total=Sum("amount_fen"))
    )
    return MerchantBalance(
        escrow_fen=-sums.get(Account.ESCROW, 0),
        pending_fen=-sums.get(Account.PENDING, 0),
        payable_fen=-sums.get(Account.PAYABLE, 0),
        settled_fen=-sums.get(Account.SETTLED, 0),
    )
