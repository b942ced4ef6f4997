"""The ledger in the admin: read, never edited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal
from kernel.http.templatetags.fmt import fen
from payments.admin_base import OperatorBook
from payments.ledger_search import transactions_found
from payments.models import Account, LedgerEntry, LedgerTransaction, Purpose
from payments.subjects import Named, name_entries, name_transactions, word_subjects
from payments.wording import (
    TRANSACTIONS,
    signed,
    word_custodian,
    word_entry,
    word_kind,
    word_party,
)
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import moment, worded
from stores.admin_filters import MERCHANT, DayFilter, words
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import NOTHING, VIEW, reach
from stores.rights import Right

NAMED = 2
"""How many merchants of one event a row of the list names."""
CUSTODIAN = worded("custodian", _("money at"), word_custodian)
ASSETS = {Account.GATEWAY, Account.BANK, Account.FEES}
"""Accounts that grow by a debit; all others hold what the platform owes or has earned."""


class EntryFormSet(BaseInlineFormSet):
    """The entries of one transaction, with what each is about looked up at once."""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if not hasattr(self, "_named"):
            self._named = True
            words = word_subjects(entry.subject for entry in rows)
            for entry in rows:
                entry.own_subject = words[entry.subject]
        return rows


class EntryInline(TenantTabularInline):
    model = LedgerEntry
    operator_may = VIEW
    merchant_may = NOTHING
    fields = (
        "account",
        "show_party",
        "show_subject",
        "purpose",
        CUSTODIAN,
        "debit_money",
        "credit_money",
    )
    readonly_fields = fields
    formset = EntryFormSet

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        return super().get_queryset(request).select_related("merchant")

    @admin.display(description=_("party"))
    def show_party(self, entry: LedgerEntry) -> str:
        return word_party(entry)

    @admin.display(description=_("about"))
    def show_subject(self, entry: LedgerEntry) -> str:
        return str(entry.own_subject)  # type: ignore[attr-defined]

    @admin.display(description=_("debit"))
    def debit_money(self, entry: LedgerEntry) -> str:
        return fen(entry.amount_fen, "exact") if entry.amount_fen > 0 else ""

    @admin.display(description=_("credit"))
    def credit_money(self, entry: LedgerEntry) -> str:
        return fen(-entry.amount_fen, "exact") if entry.amount_fen < 0 else ""


def _sum_up(transactions: Iterable[LedgerTransaction]) -> None:
    """Write parties, custodians and the amount into each row: one query.

    The amount is the value that moved; commission, dues and fees that a release books beside it are
    parts of it and not added. What moves no value (statements, payouts, fees) has the sum of its
    debits. What only crosses from one custodian to another (clearing) is no amount of its own.
    """
    rows = {row.pk: row for row in transactions}
    found: dict[int, list[LedgerEntry]] = defaultdict(list)
    entries = LedgerEntry.objects.filter(transaction__in=rows).exclude(account=Account.CLEARING)
    for entry in entries.select_related("merchant").order_by("pk"):
        found[entry.transaction_id].append(entry)
    for key, row in rows.items():
        own = found[key]
        merchants = [entry for entry in own if entry.merchant_id]
        row.party_text = _listed(word_party(entry) for entry in merchants or own)  # type: ignore[attr-defined]
        row.custodian_text = _listed(word_custodian(entry.custodian) for entry in own)  # type: ignore[attr-defined]
        value = [entry for entry in own if entry.purpose == Purpose.VALUE]
        row.moved_fen = sum(max(entry.amount_fen, 0) for entry in value or own)  # type: ignore[attr-defined]


def _listed(words: Iterable[str]) -> str:
    """Each once: "Otter, Finch"; from the third on they are counted."""
    names = list(dict.fromkeys(words))
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    if more <= 0:
        return shown
    return gettext("%(names)s and %(count)d more") % {"names": shown, "count": more}


class Book:
    """A list of movements: found by the numbers that people have in hand, each beside what it is about."""

    see: ClassVar[Any]
    transaction_path = "pk"
    search_help_text = _(
        "The whole number of an order, voucher, payment, refund, statement or payout, or a reference of the bank"
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = self.first_words(request, search_term)  # type: ignore[attr-defined]
        if not term:
            return queryset, False
        try:
            found = self._found(request, term)
        except Refusal as refusal:
            found = []
            self.message_user(request, str(refusal), messages.WARNING)  # type: ignore[attr-defined]
            request._ledger_found = found  # type: ignore[attr-defined]
        return queryset.filter(**{f"{self.transaction_path}__in": found}), False

    def _found(self, request: HttpRequest, term: str) -> list[int]:
        """Looked up once, however often the list asks."""
        known: list[int] | None = getattr(request, "_ledger_found", None)
        if known is None:
            reached = reach(request, self.see).merchants  # type: ignore[attr-defined]
            known = transactions_found(term, person=request.user, merchants=reached)
            request._ledger_found = known  # type: ignore[attr-defined]
        return known

    def note_links(self, request: HttpRequest, rows: list[Any]) -> None:
        """Write into each row the address of what it is about, where its reader may go there.

        The page it leads to is asked, once for each: an entry of a partner's is about another
        merchant's voucher.
        """
        wanted: dict[str, set[int | None]] = defaultdict(set)
        for row in rows:
            wanted[row.about.page].add(row.about.pk)
        opens = {page: self._opened(request, page, pks) for page, pks in wanted.items() if page}
        for row in rows:
            named: Named = row.about
            row.about_url = ""
            if named.pk in opens.get(named.page, ()):
                row.about_url = reverse(f"admin:{named.page}_change", args=[named.pk])

    def _opened(self, request: HttpRequest, page: str, pks: set[int | None]) -> set[int]:
        """Those of ``pks`` that ``page`` shows to the reader; one query."""
        app, _underscore, name = page.partition("_")
        model = apps.get_model(app, name)
        shown = self.admin_site.get_model_admin(model)  # type: ignore[attr-defined]
        if not shown.has_view_permission(request):
            return set()
        found = shown.get_queryset(request).filter(pk__in=pks).order_by()
        return set(found.values_list("pk", flat=True))

    @admin.display(description=_("about"))
    def show_about(self, row: Any) -> str:
        if not row.about_url:
            return str(row.subject_text)
        return format_html('<a class="text-link" href="{}">{}</a>', row.about_url, row.subject_text)


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(Book, OperatorBook):
    list_display = (
        "show_event",
        "show_about",
        "show_parties",
        "show_custodians",
        "sum_money",
        moment("occurred_at", _("occurred")),
    )
    list_filter = (words("kind", _("kind"), TRANSACTIONS), ("occurred_at", DayFilter))
    search_fields = ("key",)
    empty_text = _(
        "Every movement of money is recorded here automatically, twice: where it came from and where it went."
    )
    inlines = (EntryInline,)
    fields = list_display
    readonly_fields = fields

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        name_transactions(rows)
        self.note_links(request, rows)
        _sum_up(rows)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        self.prepare(request, [found])
        return found

    @admin.display(description=_("party"))
    def show_parties(self, transaction: LedgerTransaction) -> str:
        """The merchants; the platform where none is among them."""
        return str(transaction.party_text)  # type: ignore[attr-defined]

    @admin.display(description=_("money at"))
    def show_custodians(self, transaction: LedgerTransaction) -> str:
        return str(transaction.custodian_text)  # type: ignore[attr-defined]

    @admin.display(description=_("amount"))
    def sum_money(self, transaction: LedgerTransaction) -> str:
        """The value that it moved, as the redemption says it too."""
        return fen(transaction.moved_fen, "exact")  # type: ignore[attr-defined]

    @admin.display(description=_("what happened"), ordering="kind")
    def show_event(self, transaction: LedgerTransaction) -> str:
        return word_kind(transaction)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(Book, ReadOnlyAdmin):
    """The merchant reads the entries of its own accounts."""

    see = Right.SEE_MONEY
    transaction_path = "transaction"
    list_display = (
        "show_event",
        "show_about",
        "account",
        "purpose",
        CUSTODIAN,
        "merchant",
        "change_money",
        moment("transaction.occurred_at", _("occurred")),
    )
    list_filter = ("account", ("transaction__occurred_at", DayFilter), MERCHANT)
    list_select_related = ("transaction", "merchant")
    search_fields = ("transaction__key",)
    empty_text = _("Every change to your money is recorded here automatically.")
    fields = list_display
    readonly_fields = fields

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        name_entries(rows)
        self.note_links(request, rows)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        self.prepare(request, [found])
        return found

    @admin.display(description=_("what happened"), ordering="transaction")
    def show_event(self, entry: LedgerEntry) -> str:
        return word_entry(entry)

    @admin.display(description=_("change"), ordering="amount_fen")
    def change_money(self, entry: LedgerEntry) -> str:
        """How the account changed: a credit makes what we owe more."""
        return signed(entry.amount_fen if entry.account in ASSETS else -entry.amount_fen)
