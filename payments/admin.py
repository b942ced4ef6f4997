"""Money in the admin: books to read, and the few decisions a person takes."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from o2o.web.templatetags.fmt import fen
from payments.admin_base import COLOURS, GATEWAY, OperatorBook
from payments.admin_bills import (
    GatewayBillAdmin,
    ReconciliationExceptionAdmin,
    ReconciliationRunAdmin,
)
from payments.admin_ledger import LedgerEntryAdmin, LedgerTransactionAdmin
from payments.models import (
    GatewayEvent,
    Payment,
    Payout,
    Refund,
    SettlementLine,
    Statement,
)
from payments.services.payouts import return_payout, send_payout
from payments.services.refunds import retry_refund
from payments.wording import (
    NOTIFICATIONS,
    word_event,
    word_notification,
    word_outcome,
)
from payments.wording import OUTCOMES as RESULTS
from stores.admin_base import (
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
    worded,
)
from stores.admin_filters import MERCHANT, DayFilter, words

__all__ = [
    "GatewayBillAdmin",
    "GatewayEventAdmin",
    "LedgerEntryAdmin",
    "LedgerTransactionAdmin",
    "PaymentAdmin",
    "PayoutAdmin",
    "ReconciliationExceptionAdmin",
    "ReconciliationRunAdmin",
    "RefundAdmin",
    "StatementAdmin",
]


@admin.register(Payment)
class PaymentAdmin(OperatorBook):
    list_display = (
        "number",
        "reference",
        GATEWAY,
        money("amount_fen", _("amount")),
        money("refunded_fen", _("refunded")),
        state(COLOURS),
        moment("created_at", _("created")),
    )
    list_filter = ("state", ("created_at", DayFilter))
    search_fields = ("number", "reference", "gateway_trade_no")
    search_help_text = _("Number of the payment, of the order, or of the gateway")
    fields = (
        "number",
        "reference",
        plain("payer", _("payer")),
        GATEWAY,
        "gateway_trade_no",
        money("amount_fen", _("amount")),
        money("refunded_fen", _("refunded")),
        "state",
        moment("created_at", _("created")),
        moment("expires_at", _("pay before")),
        moment("succeeded_at", _("paid at")),
    )
    readonly_fields = fields


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
    list_filter = ("state", "reason", ("created_at", DayFilter))
    list_select_related = ("payment",)
    search_fields = ("number", "payment__number", "payment__reference")
    search_help_text = _("Number of the refund, of the payment, or of the order")
    actions = ("try_again",)

    @admin.action(description=_("Try the gateway again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        for refund in queryset:
            attempt(self, request, refund, partial(retry_refund, refund_id=refund.pk))


@admin.register(GatewayEvent)
class GatewayEventAdmin(OperatorBook):
    list_display = (
        worded("kind", _("kind"), word_notification),
        GATEWAY,
        "payment_number",
        worded("outcome", _("outcome"), word_outcome),
        moment("received_at", _("received")),
    )
    list_filter = (
        words("kind", _("kind"), NOTIFICATIONS),
        words("outcome", _("outcome"), RESULTS),
        ("received_at", DayFilter),
    )
    search_fields = ("event_id", "payment_number")
    search_help_text = _("Number of the payment")
    fields = (*list_display, "event_id", "body")
    readonly_fields = fields


class LineInline(TenantTabularInline):
    model = SettlementLine
    merchant_path = "statement__merchant"
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("show_event", "show_amount")
    readonly_fields = fields
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettlementLine]:
        return super().get_queryset(request).select_related("entry__transaction")

    @admin.display(description=_("event"))
    def show_event(self, line: SettlementLine) -> str:
        return word_event(line.entry.transaction)

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
    list_filter = ("state", ("issued_at", DayFilter), MERCHANT)
    list_select_related = ("merchant",)
    search_fields = ("number", "merchant__name_en", "merchant__name_zh")
    search_help_text = _("Number or merchant")
    empty_text = _("A statement is issued every night for what became payable.")
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
    list_filter = ("state", ("sent_at", DayFilter), MERCHANT)
    list_select_related = ("merchant", "statement")
    search_fields = ("number", "statement__number", "bank_reference")
    search_help_text = _("Number, statement or the bank's reference")
    empty_text = _("Payouts follow statements.")
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
