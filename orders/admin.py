"""Orders in the admin: the operator sees whole orders, a merchant its own lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.admin_trail import (
    discount_lines,
    line_link,
    redemption_links,
    refund_lines,
    voucher_links,
)
from orders.models import Order, OrderDiscount, OrderLine
from orders.net import with_net
from orders.states import OrderState, with_standing
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import badge, moment, money, percent, plain
from stores.admin_filters import MERCHANT, DayFilter, choices
from stores.admin_inlines import TenantTabularInline
from stores.admin_rights import NOTHING, VIEW, desk_rights, holds
from stores.rights import Right

COLOURS = {"pending": "warning", "deposit": "warning", "paid": "success"}
UNIT_PRICE = money("unit_price_fen", _("unit price"))
TOTAL = money("total_fen", _("total"))
GROSS = money("gross_fen", _("before discounts"))
DISCOUNT = money("discount_fen", _("discount"))
PAYABLE = money("payable_fen", _("total"))
RECEIVED = money("received_fen", _("received"))
REFUNDED = money("refunded_fen", _("refunded"))
NET = money("net_fen", _("after refunds"))
PLACED = moment("created_at", _("placed"))


def _standing(state: OrderState) -> tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]:
    return state.label, lambda rows: rows.filter(standing=state.value)


STANDINGS = choices("standing", _("state"), {state.value: _standing(state) for state in OrderState})


@admin.display(description=_("state"), ordering="standing")
def show_state(row: Any) -> str:
    """An order's state in words, of an order and of a line alike (orders/states.py)."""
    return badge(COLOURS.get(row.standing, "info"), OrderState(row.standing).label)


class LineInline(TenantTabularInline):
    model = OrderLine
    operator_may = VIEW
    merchant_may = NOTHING
    fields = (
        *("show_line", "merchant", "quantity", UNIT_PRICE, DISCOUNT),
        *(PAYABLE, RECEIVED, REFUNDED, NET),
    )
    readonly_fields = fields

    @admin.display(description=_("product"))
    def show_line(self, line: OrderLine) -> str:
        return line_link(line)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return with_net(super().get_queryset(request))


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    see = Right.SEE_ORDERS
    merchant_path = None
    merchant_may = NOTHING
    list_display = ("number", "buyer", TOTAL, show_state, PLACED)
    list_filter = (STANDINGS, ("created_at", DayFilter), ("paid_at", DayFilter))
    list_select_related = ("buyer",)
    search_fields = ("number", "buyer__email", "buyer__phone", "buyer__display_name")
    search_help_text = _("Number of the order, or who bought it")
    empty_text = _("What customers order in the shop appears here.")
    fields = (
        "number",
        show_state,
        plain("buyer", _("buyer")),
        TOTAL,
        "show_discounts",
        "payment",
        PLACED,
        moment("expires_at", _("pay before")),
        moment("paid_at", _("paid at")),
        moment("closed_at", _("closed at")),
    )
    readonly_fields = fields
    inlines = (LineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return with_standing(super().get_queryset(request))

    @admin.display(description=_("discounts"))
    def show_discounts(self, order: Order) -> str:
        return discount_lines(OrderDiscount.objects.filter(line__order=order))


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    """What a merchant calls its orders: one row per product sold, never another merchant's."""

    see = Right.SEE_SALES
    list_display = (
        "show_number",
        "show_title",
        "merchant",
        "quantity",
        PAYABLE,
        NET,
        show_state,
        moment("order.created_at", _("placed")),
    )
    list_filter = (
        STANDINGS,
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
    empty_text = _("What customers buy from you appears here, one row per product.")
    fields = (
        "show_number",
        "product",
        "merchant",
        "quantity",
        UNIT_PRICE,
        GROSS,
        DISCOUNT,
        "show_discounts",
        PAYABLE,
        RECEIVED,
        REFUNDED,
        NET,
        "show_rate",
        *list_display[6:],
    )
    readonly_fields = (
        *fields,
        "show_vouchers",
        "show_redemptions",
        "show_refunds",
        "show_linked_refunds",
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Below the line itself, what became of it, as far as the role goes."""
        books = Right.SEE_BOOKS in desk_rights(request)
        refunds = "show_linked_refunds" if books else "show_refunds"
        codes = holds(request, Right.SEE_VOUCHERS)
        trail = [*(["show_vouchers", "show_redemptions"] if codes else []), refunds]
        return [*super().get_fieldsets(request, obj), (_("Since the sale"), {"fields": trail})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without a discount only the list of them says so."""
        hidden = obj is not None and not obj.discount_fen
        return [
            name for name in super().get_fields(request, obj) if not (hidden and name is DISCOUNT)
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return with_standing(with_net(super().get_queryset(request)), "order__")

    @admin.display(description=_("order"), ordering="order_id")
    def show_number(self, line: OrderLine) -> str:
        return line.order.number

    @admin.display(description=_("product"), ordering="title_en")
    def show_title(self, line: OrderLine) -> str:
        return line.title

    @admin.display(description=_("discounts"))
    def show_discounts(self, line: OrderLine) -> str:
        return discount_lines(line.discounts.all())

    @admin.display(description=_("commission"))
    def show_rate(self, line: OrderLine) -> str:
        return percent(line.commission_rate)

    @admin.display(description=_("vouchers"))
    def show_vouchers(self, line: OrderLine) -> str:
        return voucher_links(line)

    @admin.display(description=_("redemptions"))
    def show_redemptions(self, line: OrderLine) -> str:
        return redemption_links(line)

    @admin.display(description=_("refunds"))
    def show_refunds(self, line: OrderLine) -> str:
        return refund_lines(line, linked=False)

    @admin.display(description=_("refunds"))
    def show_linked_refunds(self, line: OrderLine) -> str:
        return refund_lines(line, linked=True)
