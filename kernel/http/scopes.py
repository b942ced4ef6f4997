"""What an API token may be used for: every endpoint names its scope, every token has some.

A view says ``scope = Scope.CATALOG_READ``, or a mapping from its methods where they differ; OPEN
is for what asks for no token at all. members.api_auth asks `refuse_out_of_scope` before anything
of the view runs; the OpenAPI schema names the scope of every operation.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class Scope(TextChoices):
    CATALOG_READ = "catalog:read", _("see products, stores and reviews")
    ORDERS_READ = "orders:read", _("see your orders")
    ORDERS_WRITE = "orders:write", _("place, pay and cancel orders")
    VOUCHERS_READ = "vouchers:read", _("see your vouchers and their codes")
    VOUCHERS_REFUND = "vouchers:refund", _("refund your vouchers")
    VOUCHERS_REDEEM = "vouchers:redeem", _("redeem vouchers at the counter")
    DAY_READ = "day:read", _("see a store's day and its figures")
    GRANTS_READ = "grants:read", _("see the vouchers that were given away")
    GRANTS_WRITE = "grants:write", _("give vouchers away, and take them back")
    STOCK_READ = "stock:read", _("see stock and its movements")
    STOCK_WRITE = "stock:write", _("count, receive and send stock")
    RETURNS_WRITE = "returns:write", _("take redemptions back and refund them")
    STATEMENTS_READ = "statements:read", _("see settlement statements")
    PAYOUTS_WRITE = "payouts:write", _("record payouts that were agreed to")
    COUPONS_READ = "coupons:read", _("see your coupons")
    COUPONS_WRITE = "coupons:write", _("claim coupons")
    CAMPAIGNS_READ = "campaigns:read", _("see a business's campaigns, and try them")
    CAMPAIGNS_WRITE = "campaigns:write", _("draft, plan, start and end campaigns")
    REVIEWS_WRITE = "reviews:write", _("write reviews")
    REVIEWS_REPLY = "reviews:reply", _("reply to reviews")
    STORES_READ = "stores:read", _("see groups of stores")
    STORES_WRITE = "stores:write", _("change groups of stores")
    STAFF_READ = "staff:read", _("see staff and invitations")
    STAFF_WRITE = "staff:write", _("invite and change staff, answer invitations")
    DEVICES_READ = "devices:read", _("see devices")
    DEVICES_WRITE = "devices:write", _("add and revoke devices")
    CODES_READ = "codes:read", _("see codes and what came of them")
    CODES_WRITE = "codes:write", _("make, change and close codes")
    RESULTS_READ = "results:read", _("see what channels and campaigns brought and cost")
    RESULTS_WRITE = "results:write", _("enter costs of channels, make codes of campaigns")
    APPROVALS_READ = "approvals:read", _("see what waits for a second person")
    APPROVALS_WRITE = "approvals:write", _("ask for what needs a second person, and agree to it")
    MESSAGES_READ = "messages:read", _("see your messages and which you get")
    MESSAGES_WRITE = "messages:write", _("mark messages as read, choose which you get")
    ACCOUNT_WRITE = "account:write", _("change your account and its API keys")


AT_WORK = (
    *(Scope.VOUCHERS_REDEEM, Scope.DAY_READ),
    *(Scope.GRANTS_READ, Scope.GRANTS_WRITE),
    *(Scope.STOCK_READ, Scope.STOCK_WRITE),
    *(Scope.RETURNS_WRITE, Scope.STATEMENTS_READ, Scope.PAYOUTS_WRITE),
    Scope.REVIEWS_REPLY,
    *(Scope.STORES_READ, Scope.STORES_WRITE),
    *(Scope.STAFF_READ, Scope.STAFF_WRITE),
    *(Scope.DEVICES_READ, Scope.DEVICES_WRITE),
    *(Scope.CODES_READ, Scope.CODES_WRITE),
    *(Scope.CAMPAIGNS_READ, Scope.CAMPAIGNS_WRITE),
    *(Scope.RESULTS_READ, Scope.RESULTS_WRITE),
    *(Scope.APPROVALS_READ, Scope.APPROVALS_WRITE),
)
"""Those that open something only to who works for a merchant or the platform."""
OPEN = ""
"""The scope of an endpoint that needs no token: signing in and out, links of e-mails, codes."""


class ScopeMissing(Refusal):
    """The token was made for other things. Facts: scope."""

    code = "scope_missing"
    status = 403
    message = _(
        "This API key may not do that: it has no scope “%(scope)s”. Make a key with that scope, "
        "or sign in for a token with all of them."
    )

    def __init__(self, *, scope: str) -> None:
        super().__init__(self.message % {"scope": scope}, scope=scope)


def scope_of(view: Any, method: str) -> str | None:
    """The scope that ``method`` of ``view`` asks for; OPEN for none, None where it names none."""
    named: str | Mapping[str, str] | None = getattr(view, "scope", None)
    if method == "OPTIONS":
        return OPEN
    if isinstance(named, Mapping):
        return named.get("GET" if method == "HEAD" else method)
    return named


def refuse_out_of_scope(*, view: Any, method: str, scopes: Collection[str] | None) -> None:
    """Raise ScopeMissing unless a token with ``scopes`` (None: all of them) may use the endpoint."""
    wanted = scope_of(view, method)
    if scopes is not None and wanted and wanted not in scopes:
        raise ScopeMissing(scope=wanted)


def scope_choices() -> list[tuple[str, str]]:
    """Every scope with what it opens: named by reference in migrations, so a new scope needs none."""
    return [(scope.value, str(scope.label)) for scope in Scope]
