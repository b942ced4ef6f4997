"""Bills and reconciliation in the admin: what did not match is settled with a note."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from payments.admin_base import AMOUNT, GATEWAY, STATE, OperatorBook
from payments.models import (
    BillLine,
    GatewayBill,
    ReconciliationException,
    ReconciliationRun,
)
from payments.services.reconcile import note_exception, resolve_exception
from stores.admin_actions import attempt
from stores.admin_columns import moment, money
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import EDIT, NOTHING, VIEW, person
from stores.rights import Right

FETCHED = moment("fetched_at", _("fetched"))
FOUND = moment("found_at", _("found"))
OUR_BOOKS = money("expected_fen", _("our books"))
THE_BILL = money("actual_fen", _("the bill"))


class BillLineInline(TenantTabularInline):
    model = BillLine
    operator_may = VIEW
    merchant_may = NOTHING
    per_page = 50
    fields = (
        "kind",
        "our_number",
        "gateway_number",
        AMOUNT,
        money("fee_fen", _("fee")),
        moment("occurred_at", _("occurred")),
    )
    readonly_fields = fields


@admin.register(GatewayBill)
class GatewayBillAdmin(OperatorBook):
    list_display = ("day", GATEWAY, FETCHED)
    list_filter = (("day", RangeDateFilter),)
    fields = (GATEWAY, "day", FETCHED, "digest")
    empty_text = _("The gateways' bills of the day before are fetched every morning.")
    readonly_fields = fields
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
    list_filter = (("bill__day", RangeDateFilter),)
    empty_text = _("Every bill is compared with our books as soon as it is fetched.")
    fields = list_display
    readonly_fields = fields


@admin.register(ReconciliationException)
class ReconciliationExceptionAdmin(OperatorBook):
    edit = Right.RECONCILE
    list_display = (
        "kind",
        "subject",
        GATEWAY,
        "day",
        OUR_BOOKS,
        THE_BILL,
        STATE,
        FOUND,
    )
    list_filter = ("state", "kind", ("day", RangeDateFilter))
    search_fields = ("subject",)
    search_help_text = _("Number of the payment or refund")
    empty_text = _("Our books and the gateway's bills agree.")
    operator_may = EDIT
    actions_submit_line = ("resolve",)
    fields = (
        "kind",
        "subject",
        GATEWAY,
        "day",
        OUR_BOOKS,
        THE_BILL,
        STATE,
        FOUND,
        moment("resolved_at", _("resolved at")),
        "resolved_by",
        "note",
    )
    readonly_fields = fields[:-1]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A difference is settled once, with a note that says why."""
        settled = obj is not None and obj.state != ReconciliationException.State.OPEN
        return not settled and super().has_change_permission(request, obj)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        note_exception(exception_id=obj.pk, note=obj.note)

    @action(description=_("Save and mark as resolved"))
    def resolve(self, request: HttpRequest, obj: ReconciliationException) -> None:
        attempt(
            self,
            request,
            obj,
            lambda: resolve_exception(
                exception_id=obj.pk, note=obj.note, resolved_by=person(request)
            ),
            done=lambda settled: _("Marked as resolved."),
        )
