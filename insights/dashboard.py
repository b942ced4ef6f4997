"""The first page of the admin: figures and charts for the merchant and for the operator."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from insights import selectors
from insights.selectors import Series
from o2o.money import fen_to_yuan
from o2o.web.bilingual import pick
from o2o.web.templatetags.fmt import fen
from stores.admin_base import is_operator, own_merchant_ids
from stores.models import Merchant

SOLD_COLOUR = "var(--color-primary-500)"
REDEEMED_COLOUR = "var(--color-base-400)"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD's DASHBOARD_CALLBACK: fills the context of templates/admin/index.html."""
    operator = is_operator(request)
    merchants = None if operator else own_merchant_ids(request)
    sold = selectors.sales_by_day(merchants=merchants)
    redeemed = selectors.redemptions_by_day(merchants=merchants)
    context.update(
        {
            "title": _("Overview"),
            "operator": operator,
            "merchants": [] if operator else Merchant.objects.filter(pk__in=merchants or []),
            "figures": _figures(merchants, sold, redeemed),
            "chart": _chart(
                [(_("Sold"), sold, SOLD_COLOUR), (_("Redeemed"), redeemed, REDEEMED_COLOUR)]
            ),
            "chart_options": json.dumps({"responsive": True, "maintainAspectRatio": False}),
            "has_sales": any(sold.values) or any(redeemed.values),
            "best_sellers": _best_sellers(merchants),
            "busiest_stores": _busiest_stores(merchants),
            "worklist": _worklist() if operator else [],
        }
    )
    return context


def _chart(lines: list[tuple[str, Series, str]]) -> str:
    """Chart.js data: one bar per day and line, in yuan."""
    return json.dumps(
        {
            "labels": [f"{day:%m-%d}" for day in lines[0][1].days],
            "datasets": [
                {
                    "label": f"{label} (¥)",
                    "data": [float(fen_to_yuan(value)) for value in series.values],
                    "backgroundColor": colour,
                    "borderColor": colour,
                }
                for label, series, colour in lines
            ],
        }
    )


def _figures(merchants: list[int] | None, sold: Series, redeemed: Series) -> list[dict[str, Any]]:
    balance = selectors.balances(merchants=merchants)
    score = selectors.review_score(merchants=merchants)
    stars = f"{score['average']:.1f} ★" if score["average"] else "—"
    return [
        _figure(_("Sold in 30 days"), fen(sum(sold.values)), _("paid orders")),
        _figure(_("Redeemed in 30 days"), fen(sum(redeemed.values)), _("at the counter")),
        _figure(_("Paid, not redeemed"), fen(balance["escrow"]), _("held for customers")),
        _figure(_("Pending"), fen(balance["pending"]), _("undo window still open")),
        _figure(_("Payable"), fen(balance["payable"]), _("goes out with the next payout")),
        _figure(_("Paid out"), fen(balance["paid"]), _("so far")),
        _figure(
            _("Rating"),
            stars,
            _("%(count)d reviews, %(unanswered)d without a reply") % score,
        ),
    ]


def _figure(title: str, value: str, note: str) -> dict[str, Any]:
    return {"title": title, "value": value, "note": note}


def _best_sellers(merchants: list[int] | None) -> dict[str, Any]:
    return {
        "headers": [_("Product"), _("Sold"), _("Sales")],
        "rows": [
            [
                pick(row["product__title_en"], row["product__title_zh"]),
                row["sold"],
                fen(row["total_fen"]),
            ]
            for row in selectors.best_sellers(merchants=merchants)
        ],
    }


def _busiest_stores(merchants: list[int] | None) -> dict[str, Any]:
    return {
        "headers": [_("Store"), pgettext("count", "Redemptions"), _("Value")],
        "rows": [
            [
                pick(row["store__name_en"], row["store__name_zh"]),
                row["redemptions"],
                fen(row["value_fen"]),
            ]
            for row in selectors.busiest_stores(merchants=merchants)
        ],
    }


def _worklist() -> list[dict[str, Any]]:
    """What waits for the operator, each with its way there."""
    work = selectors.operator_worklist()
    audit = work["audit"]
    if audit is None:
        audit_text = _("never ran")
    else:
        audit_text = (
            _("clean") if audit.is_clean else _("%(count)d rows") % {"count": len(audit.findings)}
        )
    rows: list[tuple[str, Any, str, bool]] = [
        (
            _("Merchant applications"),
            work["applications"],
            "admin:stores_merchant_changelist",
            bool(work["applications"]),
        ),
        (
            _("Reconciliation exceptions"),
            work["exceptions"],
            "admin:payments_reconciliationexception_changelist",
            bool(work["exceptions"]),
        ),
        (
            _("Refunds that need attention"),
            work["failed_refunds"],
            "admin:payments_refund_changelist",
            bool(work["failed_refunds"]),
        ),
        (
            _("Outbox events that keep failing"),
            work["stuck_events"],
            "admin:outbox_outboxevent_changelist",
            bool(work["stuck_events"]),
        ),
        (
            _("Last audit"),
            audit_text,
            "admin:insights_auditrun_changelist",
            audit is not None and not audit.is_clean,
        ),
        (
            _("Commission earned"),
            fen(work["commission_fen"]),
            "admin:payments_ledgertransaction_changelist",
            False,
        ),
    ]
    return [
        {"title": title, "value": value, "url": reverse(url), "alarming": alarming}
        for title, value, url, alarming in rows
    ]
