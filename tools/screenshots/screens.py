"""The list of all screens: what `make screenshots` draws and what the accessibility tests judge.

A screen is an address and, for a state that has none of its own, the steps to it. Words in braces
are filled from the stage (tools/screenshots/stage.py). A new page belongs here:
tests/browser/test_screens.py fails for a page that no screen opens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Role = Literal["guest", "customer", "newcomer", "clerk", "owner", "operator"]
Act = Literal["fill", "click", "press", "send", "see"]


class Step(NamedTuple):
    """One step to a state.

    ``fill`` the field ``at`` with ``text``; ``click`` what of it shows (at some widths nothing may);
    ``press`` the key ``text`` in it; ``send`` the form ``at`` as it stands, without the browser's own
    checks; ``see``: wait for it.
    """

    act: Act
    at: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen. ``name`` is its file name; ``status`` what the last address answers."""

    name: str
    path: str
    who: Role = "guest"
    steps: tuple[Step, ...] = ()
    status: int = 200
    html: Mapping[str, str] | None = None
    """What no address gives on purpose, by language: error pages, e-mails."""


def _fill(at: str, text: str) -> Step:
    return Step("fill", at, text)


def _click(at: str) -> Step:
    return Step("click", at)


def _send(at: str = "main form[data-once]") -> Step:
    return Step("send", at)


_FILTERS = (_click("main summary.fold__head, main [data-open*=filter]"),)

SHOP = (
    Screen("home", "/"),
    Screen("home-signed-in", "/", "customer"),
    Screen("list", "/products/"),
    Screen("list-filters", "/products/", steps=_FILTERS),
    Screen("list-search", "/products/?q={word}"),
    Screen("list-category", "/products/?category={category}"),
    Screen("list-nothing", "/products/?q=nothing+like+it"),
    Screen("product", "/products/{product}/"),
    Screen("product-limited", "/products/{limited}/"),
    Screen("product-times-card", "/products/{card}/"),
    Screen("product-stores", "/products/{product}/stores/"),
    Screen("product-reviews", "/products/{product}/reviews/"),
    Screen("stores", "/stores/"),
    Screen("stores-nothing", "/stores/?q=nothing+like+it"),
    Screen("store", "/stores/{store}/"),
    Screen("store-reviews", "/stores/{store}/reviews/"),
    Screen("basket-empty", "/basket/"),
    Screen("login", "/login/"),
    Screen(
        "login-refused",
        "/login/",
        steps=(
            _fill("main [name=identifier]", "nobody@example.com"),
            _fill("main [name=password]", "not the word"),
            _send(),
            Step("see", "main [role=alert], main .alert"),
        ),
    ),
    Screen("register", "/register/"),
    Screen(
        "register-errors",
        "/register/",
        steps=(
            _fill("main [name=identifier]", "no address"),
            _fill("main [name=password]", "1"),
            _send(),
            Step("see", "main [aria-invalid=true]"),
        ),
    ),
    Screen("password-forgot", "/password/forgot/"),
    Screen("password-link-old", "/password/reset/MQ/old-link/"),
    Screen("mail-switched-off", "/mail/off/{mail_off}/"),
    Screen("invitation", "/invitations/{invitation}/"),
    Screen("invitation-over", "/invitations/an-old-link/", status=404),
    Screen("code-over", "/q/0000000", status=404),
    Screen("help", "/help/"),
    Screen("privacy", "/privacy/"),
    Screen("offline", "/offline/"),
    Screen("styleguide", "/styleguide/"),
)
CUSTOMER = (
    Screen("basket", "/basket/", "customer"),
    Screen("checkout", "/checkout/", "customer"),
    Screen("cashier", "{cashier}", "customer"),
    Screen("pay-waiting", "/orders/{waiting}/pay/", "customer"),
    Screen("pay-failed", "/orders/{failed}/pay/", "customer"),
    Screen("pay-paid", "/orders/{paid}/pay/", "customer"),
    Screen("pay-late", "/orders/{cancelled}/pay/", "customer"),
    Screen("orders", "/orders/", "customer"),
    Screen("orders-empty", "/orders/", "newcomer"),
    Screen("order-waiting", "/orders/{waiting}/", "customer"),
    Screen(
        "order-cancel-ask",
        "/orders/{waiting}/",
        "customer",
        (_click("main summary.button--danger, main [data-open*=cancel]"),),
    ),
    Screen("order-paid", "/orders/{paid}/", "customer"),
    Screen("order-cancelled", "/orders/{cancelled}/", "customer"),
    Screen("wallet", "/vouchers/", "customer"),
    Screen("wallet-used", "/vouchers/?tab=used", "customer"),
    Screen("wallet-expired", "/vouchers/?tab=expired", "customer"),
    Screen("wallet-empty", "/vouchers/", "newcomer"),
    Screen("wallet-used-empty", "/vouchers/?tab=used", "newcomer"),
    Screen("coupons", "/coupons/", "customer"),
    Screen("coupons-empty", "/coupons/", "newcomer"),
    Screen("coupon-centre", "/coupon-centre/", "newcomer"),
    Screen("coupon-claim", "/campaigns/{campaign}/", "newcomer"),
    Screen("voucher", "/vouchers/{fresh}/", "customer"),
    Screen("voucher-times-card", "/vouchers/{opened}/", "customer"),
    Screen("voucher-used", "/vouchers/{used}/", "customer"),
    Screen("voucher-refunded", "/vouchers/{refunded}/", "customer"),
    Screen("refund-ask", "/vouchers/{fresh}/refund/", "customer"),
    Screen("refund-not-possible", "/vouchers/{used}/refund/", "customer"),
    Screen("review-write", "/vouchers/{used}/review/", "customer"),
    Screen(
        "review-errors",
        "/vouchers/{used}/review/",
        "customer",
        (_send(), Step("see", "main [aria-invalid=true], main .alert")),
    ),
    Screen("review-written", "/vouchers/{reviewed}/review/", "customer"),
    Screen("me", "/account/", "customer"),
    Screen("settings", "/account/settings/", "customer"),
    Screen("api-keys", "/account/keys/", "customer"),
    Screen(
        "settings-errors",
        "/account/settings/",
        "customer",
        (_fill("main [name=display_name]", ""), _send(), Step("see", "main [aria-invalid=true]")),
    ),
    Screen("password-change", "/account/password/", "customer"),
    Screen("email-add", "/account/email/", "newcomer"),
    Screen(
        "email-add-errors",
        "/account/email/",
        "newcomer",
        (
            _fill("main [name=email]", "no address"),
            _fill("main [name=password]", "1"),
            _send(),
            Step("see", "main [aria-invalid=true], main .alert"),
        ),
    ),
    Screen("email-link", "/account/email/{email_link}/", "newcomer"),
    Screen("email-link-over", "/account/email/an-old-link/", "newcomer", status=410),
    Screen("invitation-logged-in", "/invitations/{invitation}/", "newcomer"),
    Screen("inbox", "/inbox/", "customer"),
    Screen("inbox-empty", "/inbox/", "newcomer"),
    Screen("message-preferences", "/inbox/preferences/", "owner"),
    Screen("apply", "/merchants/apply/", "newcomer"),
    Screen(
        "apply-errors",
        "/merchants/apply/",
        "newcomer",
        (_send(), Step("see", "main [aria-invalid=true], main .alert")),
    ),
)
_SCAN = "[data-scan-code]"
CONSOLE = (
    Screen("console-stores", "/console/", "owner"),
    Screen("console-codes", "/console/codes/", "clerk"),
    Screen("console-enrol", "/console/enrol/", "clerk"),
    Screen("console-scan", "/console/{store}/", "clerk"),
    Screen(
        "console-preview",
        "/console/{store}/",
        "clerk",
        (
            _fill(_SCAN, "{fresh_code}"),
            Step("press", _SCAN, "Enter"),
            Step("see", "[data-preview]"),
        ),
    ),
    Screen(
        "console-times-card",
        "/console/{store}/",
        "clerk",
        (_fill(_SCAN, "{card_code}"), Step("press", _SCAN, "Enter"), Step("see", "[data-preview]")),
    ),
    Screen(
        "console-refused",
        "/console/{store}/",
        "clerk",
        (_fill(_SCAN, "000000000000"), Step("press", _SCAN, "Enter"), Step("see", "[data-code]")),
    ),
    Screen(
        "console-used-before",
        "/console/{store}/",
        "clerk",
        (_fill(_SCAN, "{used_code}"), Step("press", _SCAN, "Enter"), Step("see", "[data-code]")),
    ),
    Screen("console-redeemed", "/console/{store}/redemptions/{redemption}/", "clerk"),
    Screen("console-undone", "/console/{store}/redemptions/{undone}/", "clerk"),
    Screen("console-coupons", "/console/{store}/coupons/", "clerk"),
    Screen("console-stock", "/console/{store}/stock/", "clerk"),
    Screen("console-today", "/console/{store}/today/", "clerk"),
    Screen("console-day", "/console/{store}/today/", "owner"),
    Screen("console-day-nothing", "/console/{store}/today/?q=nothing-like-it", "clerk"),
    Screen("console-today-empty", "/console/{store}/today/?date=2020-02-02", "clerk"),
)
OFFICE = (
    Screen("admin-operator", "/admin/", "operator"),
    Screen("admin-merchant", "/admin/", "owner"),
    Screen("admin-codes", "/admin/codes/code/", "owner"),
    Screen("admin-code-print", "/admin/codes/code/{poster}/print/", "owner"),
    Screen("admin-code-new", "/admin/codes/code/add/", "owner"),
    Screen("admin-campaigns", "/admin/campaigns/campaign/", "owner"),
    Screen("admin-campaign", "/admin/campaigns/campaign/{campaign}/change/", "owner"),
    Screen("admin-shares", "/admin/campaigns/funder/", "owner"),
    Screen("admin-campaign-gallery", "/admin/campaigns/campaign/gallery/", "owner"),
    Screen(
        "admin-campaign-template",
        "/admin/campaigns/campaign/gallery/?template=welcome",
        "owner",
    ),
    Screen("admin-campaign-calendar", "/admin/campaigns/campaign/calendar/", "owner"),
    Screen("admin-campaign-plan", "/admin/campaigns/campaign/{campaign}/plan/", "owner"),
    Screen("admin-campaign-try", "/admin/campaigns/campaign/{campaign}/try/", "owner"),
    Screen("sale", "/sales/{sale}/", "newcomer"),
    Screen("occasions", "/occasions/"),
    Screen("occasion", "/occasions/family/"),
    Screen("admin-sales", "/admin/campaigns/sale/", "owner"),
    Screen("admin-sale", "/admin/campaigns/sale/{sale}/change/", "owner"),
    Screen("admin-sale-new", "/admin/campaigns/sale/add/", "owner"),
    Screen("admin-campaign-new", "/admin/campaigns/campaign/add/", "owner"),
    Screen("admin-results", "/admin/insights/orderpart/", "owner"),
    Screen("admin-costs", "/admin/insights/channelplan/", "owner"),
    Screen("admin-cost-new", "/admin/insights/channelplan/add/", "owner"),
    Screen("admin-products", "/admin/catalog/product/", "owner"),
    Screen("admin-stock", "/admin/catalog/stocklevel/", "owner"),
    Screen("admin-stock-upload", "/admin/catalog/stocklevel/upload/", "owner"),
    Screen("admin-stock-movements", "/admin/catalog/stockmovement/", "owner"),
    Screen("admin-product", "/admin/catalog/product/{own_product}/change/", "owner"),
    Screen("admin-product-new", "/admin/catalog/product/add/", "owner"),
    Screen(
        "admin-store-errors",
        "/admin/stores/store/add/",
        "owner",
        (_send("#store_form"), Step("see", ".errorlist, [id^=error]")),
    ),
)
ERRORS = (
    Screen("not-found", "/nowhere/", status=404),
    Screen("not-found-signed-in", "/vouchers/999999999/", "customer", status=404),
)
TEMPLATES = {
    "error-400": "400.html",
    "error-403": "403.html",
    "error-403-form": "403_csrf.html",
    "error-500": "500.html",
    "refused": "refused.html",
    "maintenance": "maintenance.html",
}
"""Pages that no address gives on purpose."""
GROUPS: dict[str, tuple[Screen, ...]] = {
    "shop": SHOP,
    "customer": CUSTOMER,
    "console": CONSOLE,
    "office": OFFICE,
    "errors": ERRORS,
}
SCREENS: tuple[Screen, ...] = sum(GROUPS.values(), ())

NOT_DRAWN = {
    "bell": "asked for by the bell of console and back office",
    "notification_open": "leads on to what the message is about",
    "code": "leads on to the page that a scanned code is for",
    "voucher_pulse": "a part of the voucher page, asked for by it",
    "voucher_qr": "a picture, on the voucher page",
    "voucher_offline": "for the service worker",
    "voucher_calendar": "a file for calendars",
    "voucher_picture": "a file to save",
    "voucher_sheet": "a file to print",
    "console_day_file": "a file for spreadsheets",
    "service_worker": "a script",
    "web_manifest": "for browsers",
    "robots": "for search engines",
    "sitemap": "for search engines",
    "sitemap_part": "for search engines",
    "media": "uploaded pictures",
    "schema": "for programs",
    "api_docs": "Swagger's own page",
}
"""Names of addresses that answer GET and are no screen, and why."""
