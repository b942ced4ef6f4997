"""Money in the admin: books to read, and the few decisions a person takes."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from o2o.web.templatetags.fmt import fen
from payments.models import (
    BillLine,
    GatewayBill,
    GatewayEvent,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    Payout,
    ReconciliationException,
    ReconciliationRun,
    Refund,
    SettlementLine,
    Statement,
)
from payments.services.payouts import return_payout, send_payout
from payments.services.reconcile import resolve_exception
from payments.services.refunds import retry_refund
from payments.wording import word_event, word_kind
from stores.admin_base import (
    EDIT,
    NOTHING,
    VIEW,
    OperatorActions,
    ReadOnlyAdmin,
    TenantTabularInline,
    attempt,
    moment,
    money,
    person,
    plain,
    state,
)

COLOURS = {
    "created": "warning",
    "succeeded": "success",
    "failed": "danger",
    "closed": "info",
    "requested": "warning",
    "accepted": "warning",
    "issued": "warning",
    "paid": "success",
    "sent": "success",
    "returned": "danger",
    "open": "danger",
    "resolved": "success",
}


class OperatorBook(ReadOnlyAdmin):
    """A book that only the operator reads."""

    merchant_path = None
    merchant_may = NOTHING


@admin.register(Payment)
class PaymentAdmin(OperatorBook):
    list_display = (
        "number",
        "reference",
        "gateway",
        money("amount_fen", _("amount")),
        money("refunded_fen", _("refunded")),
        state(COLOURS),
        moment("created_at", _("created")),
    )
    list_filter = ("state", "gateway")
    search_fields = ("number", "reference", "gateway_trade_no")


@admin.register(Refund)
class RefundAdmin(OperatorBook):
    list_display = (
        "number",
        "payment",
        money("amount_fen", _("amount")),
        "reason",
        state(COLOURS),
        moment("created_at", _("requested")),
    )
    list_filter = ("state", "reason")
    list_select_related = ("payment",)
    search_fields = ("number", "payment__number", "payment__reference")
    actions = ("try_again",)

    @admin.action(description=_("Try the gateway again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        for refund in queryset:
            attempt(self, request, refund, partial(retry_refund, refund_id=refund.pk))


@admin.register(GatewayEvent)
class GatewayEventAdmin(OperatorBook):
    list_display = (
        "event_id",
        "gateway",
        "kind",
        "payment_number",
        "outcome",
        moment("received_at", _("received")),
    )
    list_filter = ("gateway", "kind", "outcome")
    search_fields = ("event_id", "payment_number")


class EntryInline(TenantTabularInline):
    model = LedgerEntry
    operator_may = VIEW
    merchant_may = NOTHING
    fields = ("account", "merchant", "show_amount", "voucher_ref")
    readonly_fields = ("show_amount",)

    @admin.display(description=_("amount"))
    def show_amount(self, entry: LedgerEntry) -> str:
        return fen(entry.amount_fen)


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(OperatorBook):
    list_display = ("key", "show_kind", moment("occurred_at", _("occurred")))
    list_filter = ("kind",)
    search_fields = ("key",)
    inlines = (EntryInline,)

    @admin.display(description=_("kind"), ordering="kind")
    def show_kind(self, transaction: LedgerTransaction) -> str:
        return word_kind(transaction)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The merchant reads the entries of its own accounts."""

    list_display = (
        "show_event",
        "account",
        "merchant",
        money("amount_fen", _("amount")),
        "voucher_ref",
    )
    list_filter = ("account",)
    list_select_related = ("transaction", "merchant")
    search_fields = ("transaction__key",)
    fields = (
        "show_event",
        "account",
        "merchant",
        money("amount_fen", _("amount")),
        "voucher_ref",
    )
    readonly_fields = fields

    @admin.display(description=_("event"), ordering="transaction")
    def show_event(self, entry: LedgerEntry) -> str:
        return word_event(entry.transaction)


class LineInline(TenantTabularInline):
    model = SettlementLine
    merchant_path = "statement__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("show_event", "show_voucher", "show_amount")
    readonly_fields = fields
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementLine]:
        return super().get_queryset(request).select_related("entry__transaction")

    @admin.display(description=_("event"))
    def show_event(self, line: SettlementLine) -> str:
        return word_event(line.entry.transaction)

    @admin.display(description=_("voucher"))
    def show_voucher(self, line: SettlementLine) -> str:
        return str(line.entry.voucher_ref or "—")

    @admin.display(description=_("amount"))
    def show_amount(self, line: SettlementLine) -> str:
        return fen(-line.entry.amount_fen)


@admin.register(Statement)
class StatementAdmin(OperatorActions, ReadOnlyAdmin):
    list_display = (
        "number",
        "merchant",
        "day",
        money("gross_fen", _("redeemed")),
        money("commission_fen", _("commission")),
        money("returns_fen", _("returned")),
        money("net_fen", _("to be paid out")),
        state(COLOURS),
    )
    list_filter = ("state", ("merchant", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant",)
    search_fields = ("number", "merchant__name_en", "merchant__name_zh")
    inlines = (LineInline,)
    actions = ("pay_out",)

    @admin.action(description=_("Record the payout"))
    def pay_out(self, request: HttpRequest, queryset: QuerySet[Statement]) -> None:
        for row in queryset:
            attempt(
                self,
                request,
                row,
                partial(send_payout, statement_id=row.pk, sent_by=person(request)),
            )


@admin.register(Payout)
class PayoutAdmin(OperatorActions, ReadOnlyAdmin):
    list_display = (
        "number",
        "merchant",
        "statement",
        money("amount_fen", _("amount")),
        state(COLOURS),
        moment("sent_at", _("sent")),
    )
    list_filter = ("state",)
    list_select_related = ("merchant", "statement")
    search_fields = ("number", "statement__number", "bank_reference")
    actions = ("record_return",)
    fields = (
        "number",
        "merchant",
        "statement",
        money("amount_fen", _("amount")),
        "state",
        "bank_reference",
        moment("sent_at", _("sent")),
        plain("sent_by", _("sent by")),
    )
    readonly_fields = fields

    @admin.action(description=_("The bank returned it"))
    def record_return(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        for row in queryset:
            attempt(
                self,
                request,
                row,
                partial(return_payout, payout_id=row.pk, by=person(request)),
            )


class BillLineInline(TenantTabularInline):
    model = BillLine
    operator_may = VIEW
    merchant_may = NOTHING
    per_page = 50
    fields = (
        "kind",
        "our_number",
        "gateway_number",
        money("amount_fen", _("amount")),
        money("fee_fen", _("fee")),
        moment("occurred_at", _("occurred")),
    )
    readonly_fields = fields


@admin.register(GatewayBill)
class GatewayBillAdmin(OperatorBook):
    list_display = ("gateway", "day", moment("fetched_at", _("fetched")))
    list_filter = ("gateway",)
    inlines = (BillLineInline,)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(OperatorBook):
    list_display = (
        "bill",
        "payments_matched",
        "refunds_matched",
        "exceptions_found",
        moment("ran_at", _("ran")),
    )
    list_select_related = ("bill",)


@admin.register(ReconciliationException)
class ReconciliationExceptionAdmin(OperatorBook):
    list_display = (
        "kind",
        "subject",
        "gateway",
        "day",
        money("expected_fen", _("our books")),
        money("actual_fen", _("the bill")),
        state(COLOURS),
        moment("found_at", _("found")),
    )
    list_filter = ("state", "kind", "gateway")
    search_fields = ("subject",)
    operator_may = EDIT
    actions_submit_line = ("resolve",)
    fields = (
        "kind",
        "subject",
        "gateway",
        "day",
        money("expected_fen", _("our books")),
        money("actual_fen", _("the bill")),
        "state",
        moment("found_at", _("found")),
        moment("resolved_at", _("resolved at")),
        "resolved_by",
        "note",
    )
    readonly_fields = fields[:-1]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A difference is settled once, with a note that says why."""
        settled = obj is not None and obj.state != ReconciliationException.State.OPEN
        return not settled and super().has_change_permission(request, obj)

    @action(description=_("Save and mark as resolved"))
    def resolve(self, request: HttpRequest, obj: ReconciliationException) -> None:
        attempt(
            self,
            request,
            obj,
            lambda: resolve_exception(
                exception_id=obj.pk, note=obj.note, resolved_by=person(request)
            ),
        )
