"""Money in the admin: books to read, and the few decisions a person takes."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from payments.admin_base import AMOUNT, CREATED, GATEWAY, STATE, OperatorBook
from payments.admin_bills import (
    GatewayBillAdmin,
    ReconciliationExceptionAdmin,
    ReconciliationRunAdmin,
)
from payments.admin_contracts import ContractAdmin
from payments.admin_ledger import LedgerEntryAdmin, LedgerTransactionAdmin
from payments.admin_statements import PayoutAdmin, StatementAdmin
from payments.models import GatewayEvent, Payment, Refund
from payments.services.refunds import retry_refund
from payments.subjects import REFUND, names_of
from payments.wording import NOTIFICATIONS, word_notification, word_outcome
from payments.wording import OUTCOMES as RESULTS
from stores.admin_actions import attempt
from stores.admin_columns import moment, money, plain, worded
from stores.admin_filters import DayFilter, words
from stores.rights import Right

__all__ = [
    "ContractAdmin",
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

REFUNDED = money("refunded_fen", _("refunded"))
REQUESTED = moment("created_at", _("requested"))


@admin.register(Payment)
class PaymentAdmin(OperatorBook):
    list_display = (
        "number",
        "reference",
        "purpose",
        GATEWAY,
        AMOUNT,
        REFUNDED,
        STATE,
        CREATED,
    )
    list_filter = ("state", "purpose", ("created_at", DayFilter))
    search_fields = (
        "number",
        "reference",
        "gateway_trade_no",
        "payer__display_name",
        "payer__email",
        "payer__phone",
    )
    search_help_text = _("Number of the payment, order or gateway, or the payer")
    empty_text = _("Every attempt to pay an order appears here.")
    fields = (
        "number",
        STATE,
        "reference",
        "purpose",
        plain("payer", _("payer")),
        GATEWAY,
        "gateway_trade_no",
        AMOUNT,
        REFUNDED,
        CREATED,
        moment("expires_at", _("pay before")),
        moment("succeeded_at", _("paid at")),
    )
    readonly_fields = fields


@admin.register(Refund)
class RefundAdmin(OperatorBook):
    act = Right.RECONCILE
    list_display = (
        "number",
        "payment",
        AMOUNT,
        "reason",
        STATE,
        REQUESTED,
    )
    list_filter = ("state", "reason", ("created_at", DayFilter))
    list_select_related = ("payment",)
    search_fields = (
        "number",
        "payment__number",
        "payment__reference",
        "payment__payer__display_name",
        "payment__payer__email",
        "payment__payer__phone",
    )
    search_help_text = _("Number of the refund, payment or order, or the payer")
    empty_text = _("Money that goes back to customers appears here.")
    actions = ("try_again",)
    fields = (
        "number",
        STATE,
        "payment",
        AMOUNT,
        "reason",
        "show_voucher",
        "gateway_refund_no",
        "error",
        plain("requested_by", _("requested by")),
        REQUESTED,
        moment("succeeded_at", _("returned at")),
    )
    readonly_fields = fields

    @admin.display(description=_("vouchers"))
    def show_voucher(self, refund: Refund) -> str:
        return names_of(REFUND, [refund.pk]).get(refund.pk, "—")

    @admin.action(description=_("Try the gateway again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        for refund in queryset:
            act = partial(retry_refund, refund_id=refund.pk)
            attempt(self, request, refund, act, done=lambda sent: _("The gateway was asked again."))


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
