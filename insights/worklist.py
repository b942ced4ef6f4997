"""What needs doing today: the first thing on a desk, each line with its filtered list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from insights import selectors
from payments.agreements import Step
from stores.admin_rights import holds, merchant_ids_with, reach
from stores.rights import Right


class Task(NamedTuple):
    """A kind of work: what counts it, how it reads, the list of its rows, and the right that does it.

    Without a ``right``, what counts it has looked at the reader's.
    """

    key: str
    words: Any
    icon: str
    model: str
    filters: Mapping[str, str]
    right: Right | None = None


MERCHANT_TASKS = (
    Task(
        "unanswered",
        ngettext_lazy(
            "%(count)d review waits for your reply",
            "%(count)d reviews wait for your reply",
            "count",
        ),
        "reviews",
        "reviews_review",
        {"answered": "no", "state__exact": "published"},
        Right.REPLY,
    ),
    Task(
        "sold_out",
        ngettext_lazy(
            "%(count)d product on sale is sold out",
            "%(count)d products on sale are sold out",
            "count",
        ),
        "production_quantity_limits",
        "catalog_product",
        {"supply": "out", "state__exact": "active"},
        Right.EDIT_CATALOG,
    ),
    Task(
        "low",
        ngettext_lazy(
            "%(count)d product is nearly sold out",
            "%(count)d products are nearly sold out",
            "count",
        ),
        "inventory",
        "catalog_product",
        {"supply": "low", "state__exact": "active"},
        Right.EDIT_CATALOG,
    ),
    Task(
        "nowhere",
        ngettext_lazy(
            "%(count)d product on sale is taken by no store: open one",
            "%(count)d products on sale are taken by no store: open one",
            "count",
        ),
        "store",
        "catalog_product",
        {"taken": "nowhere", "state__exact": "active"},
        Right.EDIT_CATALOG,
    ),
    Task(
        "ending",
        ngettext_lazy(
            "%(count)d limited-time price ends within three days",
            "%(count)d limited-time prices end within three days",
            "count",
        ),
        "timer",
        "catalog_offer",
        {"running": "ending"},
        Right.EDIT_CATALOG,
    ),
    Task(
        "drafts",
        ngettext_lazy(
            "%(count)d draft is not on sale yet", "%(count)d drafts are not on sale yet", "count"
        ),
        "edit_note",
        "catalog_product",
        {"state__exact": "draft"},
        Right.EDIT_CATALOG,
    ),
)
OPERATOR_TASKS = (
    Task(
        "approvals",
        ngettext_lazy(
            "%(count)d request waits for you as the second person",
            "%(count)d requests wait for you as the second person",
            "count",
        ),
        "group_add",
        "stores_approval",
        {"open": "yes"},
    ),
    Task(
        "applications",
        ngettext_lazy(
            "%(count)d merchant waits for your decision",
            "%(count)d merchants wait for your decision",
            "count",
        ),
        "storefront",
        "stores_merchant",
        {"state__exact": "applied"},
        Right.DECIDE_MERCHANTS,
    ),
    Task(
        "failed_refunds",
        ngettext_lazy(
            "%(count)d refund failed at its gateway",
            "%(count)d refunds failed at their gateway",
            "count",
        ),
        "undo",
        "payments_refund",
        {"state__exact": "failed"},
        Right.RECONCILE,
    ),
    Task(
        "exceptions",
        ngettext_lazy(
            "%(count)d difference between our books and a bill",
            "%(count)d differences between our books and a bill",
            "count",
        ),
        "report",
        "payments_reconciliationexception",
        {"state__exact": "open"},
        Right.RECONCILE,
    ),
    Task(
        "incidents",
        ngettext_lazy(
            "%(count)d row was left out or skipped",
            "%(count)d rows were left out or skipped",
            "count",
        ),
        "error",
        "watch_incident",
        {"settled": "open"},
        Right.MEND_SYSTEM,
    ),
    Task(
        "parked_events",
        ngettext_lazy(
            "%(count)d background task was given up: find the reason, then try it again",
            "%(count)d background tasks were given up: find the reasons, then try them again",
            "count",
        ),
        "sync_problem",
        "outbox_outboxevent",
        {"condition": "parked"},
        Right.MEND_SYSTEM,
    ),
    Task(
        "stuck_events",
        ngettext_lazy(
            "%(count)d task in the background keeps failing",
            "%(count)d tasks in the background keep failing",
            "count",
        ),
        "outbox",
        "outbox_outboxevent",
        {"condition": "failing"},
        Right.MEND_SYSTEM,
    ),
    Task(
        "broken",
        ngettext_lazy(
            "The audit found %(count)d broken row",
            "The audit found %(count)d broken rows",
            "count",
        ),
        "verified",
        "insights_auditrun",
        {},
        Right.SEE_SYSTEM,
    ),
    Task(
        "to_ask",
        ngettext_lazy(
            "%(count)d statement: ask for its payout",
            "%(count)d statements: ask for their payouts",
            "count",
        ),
        "request_quote",
        "payments_statement",
        {"next": Step.ASK.value},
        Right.PAY_OUT,
    ),
    Task(
        "to_transfer",
        ngettext_lazy(
            "%(count)d statement: make its transfer and enter the bank's reference",
            "%(count)d statements: make their transfers and enter the bank's references",
            "count",
        ),
        "account_balance",
        "payments_statement",
        {"next": Step.TRANSFER.value},
        Right.PAY_OUT,
    ),
    Task(
        "to_collect",
        ngettext_lazy(
            "%(count)d statement below zero: collect it, carry it or ask to write it off",
            "%(count)d statements below zero: collect them, carry them or ask to write them off",
            "count",
        ),
        "savings",
        "payments_statement",
        {"next": Step.COLLECT.value},
        Right.PAY_OUT,
    ),
)


def list_url(model: str, **filters: str) -> str:
    """The address of a list of the admin, filtered."""
    url = reverse(f"admin:{model}_changelist")
    return f"{url}?{urlencode(filters)}" if filters else url


def link(request: HttpRequest, model: str, **filters: str) -> str:
    """The address of a list, filtered; "" for somebody whose role does not show it."""
    return list_url(model, **filters) if _page(model).has_view_permission(request) else ""


def may_add(request: HttpRequest, model: str) -> bool:
    """Whether the person may add such a row in the back office."""
    return bool(_page(model).has_add_permission(request))


def merchant_tasks(request: HttpRequest) -> list[dict[str, Any]]:
    """What a merchant has to do, each with its filtered list; what is done is left out.

    Counted where the reader may do it: whoever may only read has nothing to do.
    """
    work = selectors.merchant_worklist(
        goods=merchant_ids_with(request, Right.EDIT_CATALOG, to_write=True),
        reviews=reach(request, Right.REPLY, to_write=True),
        stores=reach(request, Right.EDIT_STORES, to_write=True),
    )
    mine = [task for task in MERCHANT_TASKS if _may(request, task)]
    return [*_first_steps(request, work), *_open_tasks(mine, work)]


def operator_tasks(request: HttpRequest, work: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What waits for the operator's people, of what their role does; done is left out."""
    return _open_tasks([task for task in OPERATOR_TASKS if _may(request, task)], work)


def _may(request: HttpRequest, task: Task) -> bool:
    """Whether the reader does such work, and its list is open to them."""
    does = task.right is None or holds(request, task.right)
    return does and _page(task.model).has_view_permission(request)


def _page(model: str) -> Any:
    """The page of the back office that shows rows of ``model`` ("stores_store")."""
    found = {
        m._meta.label_lower.replace(".", "_"): page for m, page in admin.site._registry.items()
    }
    return found[model]


def _first_steps(request: HttpRequest, work: Mapping[str, int]) -> list[dict[str, Any]]:
    """What somebody who has just begun does first."""
    steps = []
    if not work["stores"] and _page("stores_store").has_add_permission(request):
        steps.append(
            {
                "text": _("Add your first store: where guests find you"),
                "icon": "add_location",
                "url": reverse("admin:stores_store_add"),
            }
        )
    if not work["products"] and _page("catalog_product").has_add_permission(request):
        steps.append(
            {
                "text": _("Add your first product, with a price and a picture"),
                "icon": "add_box",
                "url": reverse("admin:catalog_product_add"),
            }
        )
    return steps


def _open_tasks(tasks: Sequence[Task], work: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "text": task.words % {"count": work[task.key]},
            "icon": task.icon,
            "url": list_url(task.model, **task.filters),
        }
        for task in tasks
        if work[task.key]
    ]
