"""Who may do what in the back office: one rule per model of the admin."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.http import HttpResponse
from django.urls import reverse

from stores.models import Merchant
from tests.access.world import World, rolled_back
from tests.forms import LONG

SOME = 5 if LONG else 1  # rows of each kind are opened
OUTSIDERS = ("guest", "customer", "other_customer", "clerk", "other_clerk", "removed_clerk")
VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"


class Rights(NamedTuple):
    """``merchant``: the way from a row to its merchant, None when only the operator sees it.

    What is ``open`` belongs to nobody: every merchant reads it.
    """

    merchant: str | None
    owner: frozenset[str] = frozenset()
    operator: frozenset[str] = frozenset({VIEW})
    open: bool = False


READ = frozenset({VIEW})
EDIT = frozenset({VIEW, CHANGE})
KEEP = frozenset({VIEW, ADD, CHANGE})
ALL = frozenset({VIEW, ADD, CHANGE, DELETE})

RIGHTS: dict[str, Rights] = {
    "stores.city": Rights(None, owner=READ, operator=ALL, open=True),
    "stores.merchant": Rights("pk", owner=EDIT, operator=EDIT),
    "stores.store": Rights("merchant", owner=KEEP, operator=KEEP),
    "stores.staffmembership": Rights("merchant", owner=EDIT, operator=EDIT),
    "stores.staffinvitation": Rights(
        "merchant", owner=frozenset({VIEW, ADD}), operator=frozenset({VIEW, ADD})
    ),
    "stores.device": Rights(
        "merchant", owner=frozenset({VIEW, ADD}), operator=frozenset({VIEW, ADD})
    ),
    "codes.code": Rights("merchant", owner=KEEP, operator=KEEP),
    "stores.approval": Rights(None),
    "stores.storegroup": Rights("merchant", owner=ALL, operator=ALL),
    "stores.platformrole": Rights(None, operator=frozenset({VIEW, ADD, DELETE})),
    "members.user": Rights(None, operator=EDIT),
    "inbox.notification": Rights(None),
    "members.apitoken": Rights(None, operator=frozenset({VIEW, DELETE})),
    "catalog.category": Rights(None, operator=ALL),
    "catalog.product": Rights("merchant", owner=KEEP, operator=KEEP),
    "catalog.variant": Rights("product__merchant", owner=READ),
    "catalog.offer": Rights("merchant", owner=KEEP, operator=KEEP),
    "catalog.stocklevel": Rights("merchant", owner=EDIT, operator=EDIT),
    "catalog.stockmovement": Rights("merchant", owner=READ),
    "catalog.stockdiscrepancy": Rights("merchant", owner=READ),
    "payments.payment": Rights(None),
    "payments.refund": Rights(None),
    "payments.gatewayevent": Rights(None),
    "payments.ledgertransaction": Rights(None),
    "payments.ledgerentry": Rights("merchant", owner=READ),
    "payments.statement": Rights("merchant", owner=READ),
    "payments.payout": Rights("merchant", owner=READ),
    "payments.contract": Rights("merchant", owner=READ, operator=frozenset({VIEW, ADD})),
    "payments.gatewaybill": Rights(None),
    "payments.reconciliationrun": Rights(None),
    "payments.reconciliationexception": Rights(None, operator=EDIT),
    "watch.incident": Rights(None),
    "vouchers.voucher": Rights("merchant", owner=READ),
    "vouchers.grant": Rights(
        "merchant", owner=frozenset({VIEW, ADD}), operator=frozenset({VIEW, ADD})
    ),
    "vouchers.redemption": Rights("merchant", owner=READ),
    "campaigns.campaign": Rights("merchant", owner=KEEP, operator=KEEP),
    "campaigns.coupon": Rights("campaign__merchant", owner=READ),
    "campaigns.couponcode": Rights("campaign__merchant", owner=READ),
    "campaigns.coupongrant": Rights(
        "campaign__merchant", owner=frozenset({VIEW, ADD}), operator=frozenset({VIEW, ADD})
    ),
    "campaigns.funder": Rights("merchant", owner=READ),
    "campaigns.sale": Rights("merchant", owner=KEEP, operator=KEEP),
    "orders.order": Rights(None),
    "orders.orderline": Rights("merchant", owner=READ),
    "reviews.review": Rights("merchant", owner=EDIT, operator=EDIT),
    "insights.auditrun": Rights(None),
    "insights.orderpart": Rights("merchant", owner=READ),
    "insights.channelplan": Rights("merchant", owner=ALL, operator=ALL),
    "outbox.outboxevent": Rights(None),
}
REGISTERED = sorted(model._meta.label_lower for model in admin.site._registry)
SCOPED = sorted(label for label, rights in RIGHTS.items() if rights.merchant)


def rights_of(label: str) -> Rights:
    if label not in RIGHTS:
        pytest.fail(
            f"{label} is in the admin without a rule. Say in tests/access/admin_rules.py who may do what."
        )
    return RIGHTS[label]


def url_of(label: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def rows(label: str) -> Any:
    return apps.get_model(label)._default_manager.all()


def sample(label: str, found: Any) -> Any:
    """A row by which rights can be told: a normal price is changed on its product, not here."""
    return found.exclude(kind="normal").first() if label == "catalog.offer" else found.first()


def own(label: str, merchant: Merchant) -> Any:
    return rows(label).filter(**{RIGHTS[label].merchant: merchant.pk})


def foreign(label: str, merchant: Merchant) -> Any:
    return rows(label).exclude(pk__in=own(label, merchant).values("pk"))


def get(world: World, role: str, url: str) -> HttpResponse:
    with rolled_back():
        return world.visitor(role).get(url)


def post(world: World, role: str, url: str, data: dict[str, Any]) -> HttpResponse:
    return world.visitor(role).post(url, data)
