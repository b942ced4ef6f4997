"""What needs doing today: the first thing on a desk, each line with its filtered list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext

from insights import selectors


def list_url(model: str, **filters: str) -> str:
    """The address of a list of the admin, filtered."""
    url = reverse(f"admin:{model}_changelist")
    return f"{url}?{urlencode(filters)}" if filters else url


def merchant_tasks(merchants: list[int]) -> list[dict[str, Any]]:
    """What a merchant has to do, each with its filtered list; what is done is left out."""
    work = selectors.merchant_worklist(merchants=merchants)
    return _tasks(
        [
            (
                work["unanswered"],
                ngettext(
                    "%(count)d review waits for your reply",
                    "%(count)d reviews wait for your reply",
                    work["unanswered"],
                ),
                "reviews",
                list_url("reviews_review", answered="no", state__exact="published"),
            ),
            (
                work["sold_out"],
                ngettext(
                    "%(count)d product on sale is sold out",
                    "%(count)d products on sale are sold out",
                    work["sold_out"],
                ),
                "production_quantity_limits",
                list_url("catalog_product", supply="out", state__exact="active"),
            ),
            (
                work["low"],
                ngettext(
                    "%(count)d product is nearly sold out",
                    "%(count)d products are nearly sold out",
                    work["low"],
                ),
                "inventory",
                list_url("catalog_product", supply="low", state__exact="active"),
            ),
            (
                work["ending"],
                ngettext(
                    "%(count)d limited-time price ends within three days",
                    "%(count)d limited-time prices end within three days",
                    work["ending"],
                ),
                "timer",
                list_url("catalog_offer", running="now", kind__exact="flash"),
            ),
            (
                work["drafts"],
                ngettext(
                    "%(count)d draft is not on sale yet",
                    "%(count)d drafts are not on sale yet",
                    work["drafts"],
                ),
                "edit_note",
                list_url("catalog_product", state__exact="draft"),
            ),
            (
                work["statements"],
                ngettext(
                    "%(count)d statement is about to be paid out",
                    "%(count)d statements are about to be paid out",
                    work["statements"],
                ),
                "request_quote",
                list_url("payments_statement", state__exact="issued"),
            ),
        ]
    )


def operator_tasks(work: dict[str, Any]) -> list[dict[str, Any]]:
    """What waits for the operator, each with its filtered list; what is done is left out."""
    audit = work["audit"]
    broken = len(audit.findings) if audit and not audit.is_clean else 0
    return _tasks(
        [
            (
                work["applications"],
                ngettext(
                    "%(count)d merchant waits for your decision",
                    "%(count)d merchants wait for your decision",
                    work["applications"],
                ),
                "storefront",
                list_url("stores_merchant", state__exact="applied"),
            ),
            (
                work["failed_refunds"],
                ngettext(
                    "%(count)d refund failed at its gateway",
                    "%(count)d refunds failed at their gateway",
                    work["failed_refunds"],
                ),
                "undo",
                list_url("payments_refund", state__exact="failed"),
            ),
            (
                work["exceptions"],
                ngettext(
                    "%(count)d difference between our books and a bill",
                    "%(count)d differences between our books and a bill",
                    work["exceptions"],
                ),
                "report",
                list_url("payments_reconciliationexception", state__exact="open"),
            ),
            (
                work["stuck_events"],
                ngettext(
                    "%(count)d task in the background keeps failing",
                    "%(count)d tasks in the background keep failing",
                    work["stuck_events"],
                ),
                "outbox",
                list_url("outbox_outboxevent", condition="failing"),
            ),
            (
                broken,
                ngettext(
                    "The audit found %(count)d broken row",
                    "The audit found %(count)d broken rows",
                    broken,
                ),
                "verified",
                list_url("insights_auditrun"),
            ),
            (
                work["statements"],
                ngettext(
                    "%(count)d statement waits for its payout",
                    "%(count)d statements wait for their payout",
                    work["statements"],
                ),
                "request_quote",
                list_url("payments_statement", state__exact="issued"),
            ),
        ]
    )


def _tasks(rows: list[tuple[int, str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"text": text % {"count": count}, "icon": icon, "url": url}
        for count, text, icon, url in rows
        if count
    ]
