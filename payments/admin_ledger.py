"""The ledger in the admin: read, never edited."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from o2o.web.templatetags.fmt import datetime_local, fen
from payments.admin_base import OperatorBook
from payments.models import (
    LedgerEntry,
    LedgerTransaction,
)
from payments.wording import (
    EVENTS,
    word_event,
)
from stores.admin_base import (
    NOTHING,
    VIEW,
    ReadOnlyAdmin,
    TenantTabularInline,
    moment,
    money,
    plain,
)
from stores.admin_filters import MERCHANT, DayFilter, words


class EntryInline(TenantTabularInline):
    model = LedgerEntry
    operator_may = VIEW
    merchant_may = NOTHING
    fields = ("account", plain("merchant", _("merchant")), "show_amount")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        return super().get_queryset(request).select_related("merchant")

    @admin.display(description=_("amount"))
    def show_amount(self, entry: LedgerEntry) -> str:
        return fen(entry.amount_fen)


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(OperatorBook):
    list_display = ("show_event", moment("occurred_at", _("occurred")))
    list_filter = (words("kind", _("kind"), EVENTS), ("occurred_at", DayFilter))
    search_fields = ("key",)
    search_help_text = _("Number of the payment, refund, statement or payout")
    inlines = (EntryInline,)
    fields = list_display
    readonly_fields = fields

    @admin.display(description=_("event"), ordering="key")
    def show_event(self, transaction: LedgerTransaction) -> str:
        return word_event(transaction)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The merchant reads the entries of its own accounts."""

    list_display = (
        "show_event",
        "account",
        "merchant",
        money("amount_fen", _("amount")),
        "show_moment",
    )
    list_filter = ("account", ("transaction__occurred_at", DayFilter), MERCHANT)
    list_select_related = ("transaction", "merchant")
    search_fields = ("transaction__key",)
    fields = (
        "show_event",
        "account",
        "merchant",
        money("amount_fen", _("amount")),
    )
    readonly_fields = fields

    @admin.display(description=_("event"), ordering="transaction")
    def show_event(self, entry: LedgerEntry) -> str:
        return word_event(entry.transaction)

    @admin.display(description=_("occurred"), ordering="transaction__occurred_at")
    def show_moment(self, entry: LedgerEntry) -> str:
        return datetime_local(entry.transaction.occurred_at)
