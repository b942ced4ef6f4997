"""Finds movements of the books by what people have in hand: the number of an order, a voucher's code, …

A term is the whole number: each way in is an index of a table, and what is found is a list of
transactions, so that the books themselves are never read from end to end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from payments.models import (
    Account,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Payout,
    Refund,
    Statement,
)
from payments.services.payouts import same_reference
from payments.wording import TRANSACTIONS

MOST = 500
"""How many movements one term leads to; those of the largest order are fewer."""
VoucherFinder = Callable[[str, Any, Collection[int] | None], Collection[int]]
_finders: list[VoucherFinder] = []


def register_voucher_finder(find: VoucherFinder) -> None:
    """Let ``find(term, person, merchants)`` name the vouchers of a code or an order's number.

    ``merchants`` None: of every merchant. Its refusals are shown to whoever searched.
    """
    _finders.append(find)


def transactions_found(term: str, *, person: Any, merchants: Collection[int] | None) -> list[int]:
    """Ids of the transactions that ``term`` leads to, the newest first.

    The number of an order, payment, refund, statement or payout, the bank's reference of a payout
    or of what was collected, or a voucher's code. Raises what a finder refuses.
    """
    numbers = _numbers(term)
    keys = [f"{kind}:{number}" for kind in TRANSACTIONS for number in numbers]
    found = {*LedgerTransaction.objects.filter(key__in=keys).values_list("pk", flat=True)}
    found |= _refunds_asked(numbers)
    vouchers = [pk for find in _finders for pk in find(term, person, merchants)]
    if vouchers:
        entries = LedgerEntry.objects.filter(voucher_ref__in=vouchers).order_by()
        found.update(entries.values_list("transaction_id", flat=True)[: MOST * 10])
    return sorted(found, reverse=True)[:MOST]


def _refunds_asked(numbers: Collection[str]) -> set[int]:
    """The movements by which the refunds of these numbers became due; their keys name vouchers.

    Looked for among those of the vouchers that were paid with the same payment.
    """
    refunds = dict(
        Refund.objects.filter(number__in=numbers).values_list("number", "payment__number")
    )
    if not refunds:
        return set()
    entries = LedgerEntry.objects.order_by()
    paid = entries.filter(transaction__key__in={f"pay:{number}" for number in refunds.values()})
    due = entries.filter(
        voucher_ref__in=set(paid.values_list("voucher_ref", flat=True)) - {None},
        account=Account.REFUND_DUE,
        subject__in=[f"refund:{number}" for number in refunds],
    )
    return set(due.values_list("transaction_id", flat=True))


def _numbers(term: str) -> set[str]:
    """The numbers by which the books know what ``term`` names."""
    numbers = {term, term.upper()}
    payments = Payment.objects.filter(reference=term).values_list("number", flat=True)
    numbers.update(payments)
    refunds = Refund.objects.filter(payment__number__in=numbers)
    numbers.update(refunds.values_list("number", flat=True))
    reference = same_reference(term)
    for rows in (
        Payout.objects.filter(statement__in=Statement.objects.filter(number=term.upper())),
        Payout.objects.filter(reference_key=reference),
        Statement.objects.filter(collected_key=reference),
    ):
        numbers.update(rows.values_list("number", flat=True))
    return numbers
