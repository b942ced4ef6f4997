"""What happened in the ledger, in words; the kinds of transactions are those of docs/money.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.http.templatetags.fmt import fen
from payments.errors import UnknownGateway
from payments.gateways.base import get_gateway
from payments.parties import name_party

if TYPE_CHECKING:
    from payments.models import LedgerEntry, LedgerTransaction

TRANSACTIONS = {
    "pay": pgettext_lazy("ledger", "Payment"),
    "redeem": pgettext_lazy("ledger", "Redemption"),
    "undo": pgettext_lazy("ledger", "Undo"),
    "release": pgettext_lazy("ledger", "Release"),
    "forfeit": pgettext_lazy("ledger", "Forfeit"),
    "refund": pgettext_lazy("ledger", "Refund requested"),
    "refunded": pgettext_lazy("ledger", "Refund done"),
    "return": pgettext_lazy("ledger", "After-sales return"),
    "rebate": pgettext_lazy("ledger", "Rebate"),
    "collect": pgettext_lazy("ledger", "Statement collected"),
    "carry": pgettext_lazy("ledger", "Statement carried"),
    "write-off": pgettext_lazy("ledger", "Statement written off"),
    "settle": pgettext_lazy("ledger", "Settlement"),
    "payout": pgettext_lazy("ledger", "Payout"),
    "payout-returned": pgettext_lazy("ledger", "Payout returned"),
    "fees": pgettext_lazy("ledger", "Gateway fees"),
}

# What an entry on a merchant's payable account is for: (purpose, is of a return) → words.
PURPOSES = {
    ("commission", False): pgettext_lazy("ledger", "Commission"),
    ("commission", True): pgettext_lazy("ledger", "Commission given back"),
    ("dues", False): pgettext_lazy("ledger", "Part of a discount"),
    ("dues", True): pgettext_lazy("ledger", "Part of a discount given back"),
    ("referral", False): pgettext_lazy("ledger", "Referral fee"),
    ("referral", True): pgettext_lazy("ledger", "Referral fee given back"),
}

NOTIFICATIONS = {
    "payment.paid": _("payment succeeded"),
    "payment.failed": _("payment failed"),
    "payment.closed": _("payment cancelled"),
    "refund.refunded": _("refund done"),
    "refund.failed": _("refund failed"),
}
OUTCOMES = {
    "paid": _("order paid"),
    "failed": _("attempt noted as failed"),
    "closed": _("attempt noted as cancelled"),
    "late": _("too late, money sent back"),
    "refunded": _("refund noted as done"),
    "ignored": _("already known; nothing changed"),
    "amount_mismatch": _("amount mismatch; nothing changed"),
    "unknown": _("unknown number; nothing changed"),
}


def signed(amount_fen: int) -> str:
    """An amount with its direction: +¥58.00, −¥58.00."""
    amount = fen(amount_fen, "exact")
    return f"+{amount}" if amount_fen > 0 else amount


def word_gateway(code: str) -> str:
    """The name of a gateway; one that is switched off keeps its code."""
    try:
        return str(get_gateway(code).name)
    except UnknownGateway:
        return code


PLACES = {"bank": _("bank"), "books": _("in the books alone")}


def word_custodian(code: str) -> str:
    """Where an entry's money is: a gateway by its name, the platform's bank, or the books."""
    return str(PLACES.get(code) or word_gateway(code))


def word_party(entry: LedgerEntry) -> str:
    """Whose account an entry (merchant joined) moves."""
    if entry.merchant is not None:
        return str(entry.merchant)
    return name_party(entry.party)


def word_notification(kind: str) -> Any:
    """What a gateway told us: "payment succeeded"."""
    return NOTIFICATIONS.get(kind, kind)


def word_outcome(outcome: str) -> Any:
    """What a gateway's notification changed here."""
    return OUTCOMES.get(outcome, outcome)


def word_kind(transaction: LedgerTransaction) -> str:
    """The kind of a ledger transaction: "Redemption"."""
    return str(TRANSACTIONS.get(transaction.kind, transaction.kind))


def word_transaction(transaction: LedgerTransaction) -> str:
    """A ledger transaction with what it is about: "Payment · P2611…", by name where it is known."""
    about = getattr(transaction, "subject_text", transaction.key.partition(":")[2])
    return f"{word_kind(transaction)} · {about}" if about else word_kind(transaction)


def word_entry(entry: LedgerEntry) -> str:
    """What an entry (transaction joined) tells: the platform's share stands apart from the value."""
    why = (entry.purpose, entry.transaction.kind == "return")
    if entry.account == "payable" and why in PURPOSES:
        return str(PURPOSES[why])
    return word_kind(entry.transaction)
