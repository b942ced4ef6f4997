"""What happened in the ledger, in words; the kinds are those of docs/money.md."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from payments.models import LedgerTransaction

EVENTS = {
    "pay": pgettext_lazy("ledger", "Payment"),
    "redeem": pgettext_lazy("ledger", "Redemption"),
    "undo": pgettext_lazy("ledger", "Undo"),
    "release": pgettext_lazy("ledger", "Release"),
    "forfeit": pgettext_lazy("ledger", "Forfeit"),
    "refund": pgettext_lazy("ledger", "Refund requested"),
    "refunded": pgettext_lazy("ledger", "Refund done"),
    "return": pgettext_lazy("ledger", "After-sales return"),
    "settle": pgettext_lazy("ledger", "Settlement"),
    "payout": pgettext_lazy("ledger", "Payout"),
    "payout-returned": pgettext_lazy("ledger", "Payout returned"),
    "fees": pgettext_lazy("ledger", "Gateway fees"),
}


def word_kind(transaction: LedgerTransaction) -> str:
    """The kind of a ledger transaction: "Redemption"."""
    return str(EVENTS.get(transaction.kind, transaction.kind))


def word_event(transaction: LedgerTransaction) -> str:
    """A ledger transaction with what it is about: "Redemption 649"."""
    return f"{word_kind(transaction)} {transaction.key.partition(':')[2]}".strip()
