"""The ledger in the admin: read, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.http.templatetags.fmt import fen
from payments.admin_base import OperatorBook
from payments.models import Account, LedgerEntry, LedgerTransaction
from payments.subjects import name_entries, name_transactions
from payments.wording import EVENTS, word_entry, word_kind
from stores.admin_base import NOTHING, VIEW, ReadOnlyAdmin, TenantTabularInline
from stores.admin_columns import moment, plain
from stores.admin_filters import MERCHANT, DayFilter, words

ASSETS = {Account.GATEWAY, Account.BANK, Account.FEES}
"""Accounts that grow by a debit; all others hold what the platform owes or has earned."""


def signed(amount_fen: int) -> str:
    """An amount with its direction: +¥58.00, -¥58.00."""
    amount = fen(amount_fen, "exact")
    return f"+{amount}" if amount_fen > 0 else amount


class EntryInline(TenantTabularInline):
    model = LedgerEntry
    operator_may = VIEW
    merchant_may = NOTHING
    fields = ("account", plain("merchant", _("merchant")), "debit_money", "credit_money")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        return super().get_queryset(request).select_related("merchant")

    @admin.display(description=_("debit"))
    def debit_money(self, entry: LedgerEntry) -> str:
        return fen(entry.amount_fen, "exact") if entry.amount_fen > 0 else ""

    @admin.display(description=_("credit"))
    def credit_money(self, entry: LedgerEntry) -> str:
        return fen(-entry.amount_fen, "exact") if entry.amount_fen < 0 else ""


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(OperatorBook):
    list_display = ("show_event", "show_about", moment("occurred_at", _("occurred")))
    list_filter = (words("kind", _("kind"), EVENTS), ("occurred_at", DayFilter))
    search_fields = ("key",)
    search_help_text = _("Number of the payment, refund, statement or payout")
    empty_text = _(
        "Every movement of money is recorded here automatically, twice: where it came from and where it went."
    )
    inlines = (EntryInline,)
    fields = list_display
    readonly_fields = fields

    def prepare(self, rows: list[Any]) -> None:
        name_transactions(rows)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        name_transactions([found])
        return found

    @admin.display(description=_("event"), ordering="kind")
    def show_event(self, transaction: LedgerTransaction) -> str:
        return word_kind(transaction)

    @admin.display(description=_("about"))
    def show_about(self, transaction: LedgerTransaction) -> str:
        return str(transaction.subject_text)  # type: ignore[attr-defined]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The merchant reads the entries of its own accounts."""

    list_display = (
        "show_event",
        "show_about",
        "account",
        "merchant",
        "change_money",
        moment("transaction.occurred_at", _("occurred")),
    )
    list_filter = ("account", ("transaction__occurred_at", DayFilter), MERCHANT)
    list_select_related = ("transaction", "merchant")
    search_fields = ("transaction__key",)
    search_help_text = _("Number of the payment, refund, statement or payout")
    empty_text = _("Every change to your money is recorded here automatically.")
    fields = list_display
    readonly_fields = fields

    def prepare(self, rows: list[Any]) -> None:
        name_entries(rows)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        name_entries([found])
        return found

    @admin.display(description=_("event"), ordering="transaction")
    def show_event(self, entry: LedgerEntry) -> str:
        return word_entry(entry)

    @admin.display(description=_("about"))
    def show_about(self, entry: LedgerEntry) -> str:
        return str(entry.subject_text)  # type: ignore[attr-defined]

    @admin.display(description=_("change"), ordering="amount_fen")
    def change_money(self, entry: LedgerEntry) -> str:
        """How the account changed: a credit makes what we owe more."""
        return signed(entry.amount_fen if entry.account in ASSETS else -entry.amount_fen)
