"""Vouchers and redemptions in the admin: read by merchant and operator."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o.web.templatetags.fmt import fen
from stores.admin_base import (
    VIEW,
    ReadOnlyAdmin,
    TenantTabularInline,
    attempt,
    moment,
    money,
    person,
    plain,
    state,
)
from stores.admin_filters import MERCHANT, STORE, DayFilter, choices
from vouchers.models import Redemption, Voucher, VoucherReturn
from vouchers.services.refund import return_redeemed

COLOURS = {
    "active": "success",
    "used": "info",
    "refunding": "warning",
    "refunded": "info",
    "expired": "danger",
    "void": "danger",
}
OUTCOMES = choices(
    "outcome",
    _("state"),
    {
        "live": (
            _("undo window open"),
            lambda rows: rows.filter(undone_at__isnull=True, released_at__isnull=True),
        ),
        "released": (
            _("payable"),
            lambda rows: rows.filter(released_at__isnull=False, returned_uses=0),
        ),
        "undone": (_("undone"), lambda rows: rows.filter(undone_at__isnull=False)),
        "returned": (_("returned"), lambda rows: rows.filter(returned_uses__gt=0)),
    },
)


class RedemptionInline(TenantTabularInline):
    model = Redemption
    operator_may = VIEW
    merchant_may = VIEW
    fields = (
        "store",
        plain("staff", _("redeemed by")),
        "uses",
        "show_value",
        moment("redeemed_at", _("redeemed"), "store.time_zone"),
        moment("undone_at", _("undone"), "store.time_zone"),
        moment("released_at", _("became payable"), "store.time_zone"),
    )
    readonly_fields = fields
    fk_name = "voucher"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        return super().get_queryset(request).select_related("store", "staff")

    @admin.display(description=_("value"))
    def show_value(self, redemption: Redemption) -> str:
        return fen(redemption.value_fen)


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    """A merchant sees its vouchers with the code's last digits only: the code is the customer's."""

    list_display = (
        "show_code",
        "title",
        "merchant",
        "order_number",
        money("price_fen", _("price")),
        "show_uses",
        state(COLOURS),
        moment("valid_until", _("valid until"), "time_zone"),
    )
    list_filter = ("state", ("created_at", DayFilter), ("valid_until", DayFilter), MERCHANT)
    search_help_text = _("Order number, or all twelve digits of a code")
    empty_text = _("Vouchers are issued when an order is paid.")
    list_select_related = ("merchant", "terms")
    search_fields = ("order_number",)
    inlines = (RedemptionInline,)
    fields = (
        "show_code",
        "title",
        "merchant",
        "product",
        "order_number",
        "show_price",
        "show_uses",
        "state",
        moment("valid_from", _("valid from"), "time_zone"),
        moment("valid_until", _("valid until"), "time_zone"),
        moment("created_at", _("issued"), "time_zone"),
    )
    readonly_fields = fields

    @admin.display(description=_("title"))
    def title(self, voucher: Voucher) -> str:
        return voucher.title

    @admin.display(description=_("code"))
    def show_code(self, voucher: Voucher) -> str:
        return f"•••• •••• {voucher.code[8:]}"

    @admin.display(description=_("price"))
    def show_price(self, voucher: Voucher) -> str:
        return fen(voucher.price_fen)

    @admin.display(description=_("used"))
    def show_uses(self, voucher: Voucher) -> str:
        return f"{voucher.uses_used} / {voucher.uses_total}"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """The full code finds its voucher; parts of codes find nothing."""
        found, distinct = super().get_search_results(request, queryset, search_term)
        digits = search_term.replace(" ", "")
        if len(digits) == 12 and digits.isdigit():
            found = found | queryset.filter(code=digits)
        return found, distinct


class ReturnInline(TenantTabularInline):
    model = VoucherReturn
    operator_may = VIEW
    merchant_may = VIEW
    fields = ("uses", "show_value", "show_refund", moment("created_at", _("created")))
    readonly_fields = fields

    @admin.display(description=_("value"))
    def show_value(self, row: VoucherReturn) -> str:
        return fen(row.value_fen)

    @admin.display(description=_("refund"))
    def show_refund(self, row: VoucherReturn) -> str:
        return str(row.refund)


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = (
        "show_title",
        "store",
        "staff",
        "uses",
        money("value_fen", _("value")),
        moment("redeemed_at", _("redeemed"), "store.time_zone"),
        "show_outcome",
    )
    list_filter = (OUTCOMES, ("redeemed_at", DayFilter), STORE)
    list_select_related = ("voucher__terms", "store", "staff")
    search_fields = ("voucher__order_number",)
    search_help_text = _("Order number")
    empty_text = _("What the stores redeem in their console appears here.")
    inlines = (ReturnInline,)
    actions = ("take_back",)
    fields = (
        "show_title",
        "voucher",
        "store",
        plain("staff", _("redeemed by")),
        "uses",
        money("value_fen", _("value")),
        moment("redeemed_at", _("redeemed"), "store.time_zone"),
        moment("undone_at", _("undone"), "store.time_zone"),
        moment("released_at", _("became payable"), "store.time_zone"),
        "returned_uses",
    )
    readonly_fields = fields

    @admin.display(description=_("voucher"))
    def show_title(self, redemption: Redemption) -> str:
        return redemption.voucher.title

    @display(
        description=_("state"),
        label={"live": "warning", "undone": "danger", "released": "success", "returned": "danger"},
    )
    def show_outcome(self, redemption: Redemption) -> tuple[str, Any]:
        if redemption.undone_at:
            return "undone", _("undone")
        if redemption.returned_uses:
            return "returned", _("returned")
        if redemption.released_at:
            return "released", _("payable")
        return "live", _("undo window open")

    @admin.action(description=_("After-sales: take back and refund what was redeemed"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        for redemption in queryset:
            left = redemption.uses - redemption.returned_uses
            attempt(
                self,
                request,
                redemption,
                partial(
                    return_redeemed,
                    redemption_id=redemption.pk,
                    uses=left,
                    requested_by=person(request),
                ),
                done=lambda taken: (
                    _("%(amount)s goes back to the customer.") % {"amount": fen(taken.value_fen)}
                ),
            )
