"""Orders in the admin: the operator sees whole orders, a merchant its own lines."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine
from stores.admin_base import NOTHING, VIEW, ReadOnlyAdmin, TenantTabularInline
from stores.admin_columns import moment, money, percent, plain, state
from stores.admin_filters import MERCHANT, DayFilter

COLOURS = {"pending": "warning", "paid": "success", "cancelled": "info", "timed_out": "info"}
UNIT_PRICE = money("unit_price_fen", _("unit price"))
TOTAL = money("total_fen", _("total"))
STATE = state(COLOURS)
PLACED = moment("created_at", _("placed"))


class LineInline(TenantTabularInline):
    model = OrderLine
    operator_may = VIEW
    merchant_may = NOTHING
    fields = ("title", "merchant", "quantity", UNIT_PRICE, TOTAL)
    readonly_fields = fields


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    merchant_path = None
    merchant_may = NOTHING
    list_display = ("number", "buyer", TOTAL, STATE, PLACED)
    list_filter = ("state", ("created_at", DayFilter), ("paid_at", DayFilter))
    list_select_related = ("buyer",)
    search_fields = ("number", "buyer__email", "buyer__phone", "buyer__display_name")
    search_help_text = _("Number, name, e-mail or phone of the buyer")
    empty_text = _("What customers order in the shop appears here.")
    fields = (
        "number",
        STATE,
        plain("buyer", _("buyer")),
        TOTAL,
        "payment",
        PLACED,
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
        "show_title",
        "merchant",
        "quantity",
        TOTAL,
        state(COLOURS, "order"),
        moment("order.created_at", _("placed")),
    )
    list_filter = (
        "order__state",
        ("order__created_at", DayFilter),
        ("order__paid_at", DayFilter),
        MERCHANT,
    )
    list_select_related = ("order", "merchant")
    ordering = ("-id",)
    search_fields = ("order__number", "title_en", "title_zh")
    operator_search_fields = (
        "order__buyer__email",
        "order__buyer__phone",
        "order__buyer__display_name",
    )
    search_help_text = _("Order number or product")
    empty_text = _("What customers buy of you appears here, a row for each product.")
    fields = (*list_display[:4], UNIT_PRICE, TOTAL, "show_rate", *list_display[5:])
    readonly_fields = fields

    @admin.display(description=_("order"), ordering="order_id")
    def show_number(self, line: OrderLine) -> str:
        return line.order.number

    @admin.display(description=_("product"), ordering="title_en")
    def show_title(self, line: OrderLine) -> str:
        return line.title

    @admin.display(description=_("commission"))
    def show_rate(self, line: OrderLine) -> str:
        return percent(line.commission_rate)
