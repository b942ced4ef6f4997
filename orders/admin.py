"""Orders in the admin: the operator sees whole orders, a merchant its own lines."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from o2o.web.templatetags.fmt import datetime_local, fen
from orders.models import Order, OrderLine
from stores.admin_base import (
    NOTHING,
    VIEW,
    ReadOnlyAdmin,
    TenantTabularInline,
    moment,
    money,
    plain,
    state,
)
from stores.admin_filters import MERCHANT, DayFilter

COLOURS = {"pending": "warning", "paid": "success", "cancelled": "info", "timed_out": "info"}


class LineInline(TenantTabularInline):
    model = OrderLine
    operator_may = VIEW
    merchant_may = NOTHING
    fields = ("title", "merchant", "quantity", "show_price", "show_total")
    readonly_fields = fields

    @admin.display(description=_("unit price"))
    def show_price(self, line: OrderLine) -> str:
        return fen(line.unit_price_fen)

    @admin.display(description=_("total"))
    def show_total(self, line: OrderLine) -> str:
        return fen(line.total_fen)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = (
        "number",
        "buyer",
        money("total_fen", _("total")),
        state(COLOURS),
        moment("created_at", _("placed")),
    )
    list_filter = ("state", ("created_at", DayFilter), ("paid_at", DayFilter))
    list_select_related = ("buyer",)
    search_fields = ("number", "buyer__email", "buyer__phone", "buyer__display_name")
    search_help_text = _("Number, name, e-mail or phone of the buyer")
    empty_text = _("What customers order in the shop appears here.")
    fields = (
        "number",
        plain("buyer", _("buyer")),
        money("total_fen", _("total")),
        "state",
        "payment",
        moment("created_at", _("placed")),
        moment("expires_at", _("pay before")),
        moment("paid_at", _("paid at")),
        moment("closed_at", _("closed at")),
    )
    readonly_fields = fields
    inlines = (LineInline,)


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    """What a merchant calls its orders: one row per product sold, never another merchant's."""

    list_display = (
        "show_number",
        "title",
        "merchant",
        "quantity",
        money("total_fen", _("total")),
        "show_state",
        "show_placed",
    )
    list_filter = (
        "order__state",
        ("order__created_at", DayFilter),
        ("order__paid_at", DayFilter),
        MERCHANT,
    )
    list_select_related = ("order", "merchant")
    search_fields = ("order__number", "title_en", "title_zh")
    search_help_text = _("Order number or product")
    empty_text = _("What customers buy of you appears here, a row for each product.")
    fields = (
        "show_number",
        "title",
        "merchant",
        "quantity",
        "show_price",
        "show_total",
        "show_rate",
        "show_state_word",
        "show_placed",
    )
    readonly_fields = fields

    @admin.display(description=_("order"), ordering="order_id")
    def show_number(self, line: OrderLine) -> str:
        return line.order.number

    @admin.display(description=_("unit price"))
    def show_price(self, line: OrderLine) -> str:
        return fen(line.unit_price_fen)

    @admin.display(description=_("total"))
    def show_total(self, line: OrderLine) -> str:
        return fen(line.total_fen)

    @admin.display(description=_("commission"))
    def show_rate(self, line: OrderLine) -> str:
        return f"{line.commission_rate * 100:.2f} %"

    @display(description=_("state"), label=COLOURS)
    def show_state(self, line: OrderLine) -> tuple[str, Any]:
        return line.order.state, line.order.get_state_display()

    @admin.display(description=_("state"))
    def show_state_word(self, line: OrderLine) -> str:
        return line.order.get_state_display()

    @admin.display(description=_("placed"), ordering="order_id")
    def show_placed(self, line: OrderLine) -> str:
        return datetime_local(line.order.created_at, timezone.get_current_timezone())
