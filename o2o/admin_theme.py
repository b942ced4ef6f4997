"""The admin's frame: name, colours, sidebar. Read by settings.UNFOLD."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


def operator_only(request: HttpRequest) -> bool:
    """Sidebar links that only the operator's people get."""
    return bool(_page("stores_merchant").for_the_platform(request))


def merchant_only(request: HttpRequest) -> bool:
    """Sidebar links for people who run a business."""
    return not operator_only(request)


def opens_console(request: HttpRequest) -> bool:
    """For whom the store console opens; looked up once a request."""
    found: bool | None = getattr(request, "_has_counter", None)
    if found is None:
        found = import_module("stores.access").has_counter(request.user)
        request._has_counter = found  # type: ignore[attr-defined]
    return found


def _link(title: Any, icon: str, name: str, permission: Any = None) -> dict[str, Any]:
    link = {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}")}
    if permission:
        link["permission"] = permission
    return link


def _changelist(
    title: Any, icon: str, model: str, permission: Any = None, query: str = ""
) -> dict[str, Any]:
    """A link to a list, for whose role shows it."""

    def shown(request: HttpRequest) -> bool:
        page = _page(model)
        return page.has_view_permission(request) and (not permission or permission(request))

    link = _link(title, icon, f"{model}_changelist", shown)
    return link | {"link": format_lazy("{}{}", link["link"], query)} if query else link


def _page(model: str) -> Any:
    """The page of the back office for ``model`` ("stores_store"); asked when a link is drawn."""
    return admin.site.get_model_admin(apps.get_model(model.replace("_", ".", 1)))


_STEPS = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")
# docs/design.md: warm paper and persimmon, the shop's own palette.
COLOURS = {
    "base": dict(
        zip(
            _STEPS,
            (
                "#f7f5f2",
                "#efebe5",
                "#e4ded6",
                "#cdc4bb",
                "#aba197",
                "#8a8178",
                "#574f48",
                "#3a342f",
                "#2b2622",
                "#201c19",
                "#151210",
            ),
            strict=True,
        )
    ),
    "primary": dict(
        zip(
            _STEPS,
            (
                "#fef4ef",
                "#fdece4",
                "#fbd3c2",
                "#ffbb9f",
                "#ff8b5e",
                "#e0592a",
                "#be3a10",
                "#a0310c",
                "#7d260a",
                "#5a1c08",
                "#2b1006",
            ),
            strict=True,
        )
    ),
    # Small print keeps a contrast of 4.5 : 1 on paper and in the dark.
    "font": {
        "subtle-light": "var(--color-base-600)",
        "subtle-dark": "var(--color-base-400)",
        "default-light": "var(--color-base-600)",
        "default-dark": "var(--color-base-300)",
        "important-light": "var(--color-base-900)",
        "important-dark": "var(--color-base-100)",
    },
}


def script(request: HttpRequest) -> str:
    """The address of what makes the theme's parts known to screen readers."""
    return static("js/admin.js")


def favicon(request: HttpRequest) -> str:
    """The address of the shop's mark."""
    return static("img/mark.svg")


def stylesheet(request: HttpRequest) -> str:
    """The address of our corrections to the admin theme."""
    return static("css/admin.css")


NAVIGATION = [
    {
        "title": None,
        "items": [
            _link(_("Overview"), "monitoring", "index"),
            {
                "title": _("Store console"),
                "icon": "qr_code_scanner",
                "link": reverse_lazy("console_home"),
                "permission": opens_console,
            },
            {
                "title": _("Messages of your business"),
                "icon": "notifications",
                "link": reverse_lazy("message_preferences"),
                "permission": merchant_only,
            },
            _changelist(_("My business"), "storefront", "stores_merchant", merchant_only),
            _changelist(_("Merchants"), "storefront", "stores_merchant", operator_only),
        ],
    },
    {
        "title": _("Shop"),
        "separator": True,
        "items": [
            _changelist(_("Stores"), "location_on", "stores_store"),
            _changelist(_("Groups of stores"), "workspaces", "stores_storegroup"),
            _changelist(_("Staff"), "badge", "stores_staffmembership"),
            _changelist(_("Invitations"), "mail", "stores_staffinvitation"),
            _changelist(_("Devices"), "point_of_sale", "stores_device"),
            _changelist(_("Codes"), "qr_code_2", "codes_code"),
            _changelist(_("Products"), "inventory_2", "catalog_product"),
            _changelist(
                _("Limited-time prices"), "timer", "catalog_offer", query="?kind__exact=limited"
            ),
            _changelist(_("Stock at stores"), "warehouse", "catalog_stocklevel"),
            _changelist(_("Stock movements"), "swap_vert", "catalog_stockmovement"),
            _changelist(_("Stock discrepancies"), "rule", "catalog_stockdiscrepancy"),
            _changelist(_("Categories"), "category", "catalog_category", operator_only),
            _changelist(_("Cities"), "apartment", "stores_city", operator_only),
        ],
    },
    {
        "title": pgettext_lazy("section", "Sales"),
        "separator": True,
        "items": [
            _changelist(_("Orders"), "receipt_long", "orders_order", operator_only),
            _changelist(_("Orders"), "receipt_long", "orders_orderline", merchant_only),
            _changelist(_("Order lines"), "receipt", "orders_orderline", operator_only),
            _changelist(_("Vouchers"), "confirmation_number", "vouchers_voucher"),
            _changelist(_("Gifts"), "redeem", "vouchers_grant"),
            _changelist(_("Redemptions"), "qr_code_scanner", "vouchers_redemption"),
            _changelist(_("Campaigns"), "campaign", "campaigns_campaign"),
            _changelist(_("Coupons"), "local_activity", "campaigns_coupon"),
            _changelist(_("Codes of coupons"), "pin", "campaigns_couponcode"),
            _changelist(_("Coupons given"), "volunteer_activism", "campaigns_coupongrant"),
            _changelist(_("Shares of campaigns"), "handshake", "campaigns_funder"),
            _changelist(_("Limited-time sales"), "bolt", "campaigns_sale"),
            _changelist(_("What it brought"), "insights", "insights_orderpart"),
            _changelist(_("Costs and targets"), "price_check", "insights_channelplan"),
            _changelist(_("Reviews"), "reviews", "reviews_review"),
        ],
    },
    {
        "title": _("Money"),
        "separator": True,
        "items": [
            _changelist(
                _("Waiting for a second person"), "group_add", "stores_approval", query="?open=yes"
            ),
            _changelist(_("Statements"), "request_quote", "payments_statement"),
            _changelist(_("Payouts"), "payments", "payments_payout"),
            _changelist(_("Contracts"), "handshake", "payments_contract"),
            _changelist(_("Ledger entries"), "menu_book", "payments_ledgerentry"),
            _changelist(
                _("Ledger"), "account_balance", "payments_ledgertransaction", operator_only
            ),
            _changelist(_("Payments"), "credit_card", "payments_payment", operator_only),
            _changelist(_("Refunds"), "undo", "payments_refund", operator_only),
            _changelist(
                _("Reconciliation"), "balance", "payments_reconciliationrun", operator_only
            ),
            _changelist(
                _("Exceptions"), "report", "payments_reconciliationexception", operator_only
            ),
            _changelist(_("Gateway bills"), "description", "payments_gatewaybill", operator_only),
        ],
    },
    {
        "title": _("Platform"),
        "separator": True,
        "items": [
            _changelist(_("Roles"), "admin_panel_settings", "stores_platformrole"),
            _changelist(_("People"), "group", "members_user", operator_only),
            _changelist(_("Audits"), "verified", "insights_auditrun", operator_only),
            _changelist(_("Outbox"), "outbox", "outbox_outboxevent", operator_only),
            _changelist(_("Incidents"), "error", "watch_incident", operator_only),
            _changelist(
                _("Gateway notifications"), "notifications", "payments_gatewayevent", operator_only
            ),
        ],
    },
]
