"""The first page of the admin: figures and charts for the merchant and for the operator."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from insights import selectors
from insights.selectors import Series
from insights.worklist import list_url, merchant_tasks, operator_tasks
from kernel.bilingual import pick
from kernel.clock import now
from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.money import fen_to_yuan
from stores.admin_rights import is_operator, merchant_ids_with
from stores.models import Merchant
from stores.rights import Right
from stores.services.approvals import waiting_for

SOLD_COLOUR = "var(--color-primary-500)"
CHART_OPTIONS = {
    "responsive": True,
    "maintainAspectRatio": False,
    "animation": False,
    "plugins": {"legend": {"labels": {"boxWidth": 14}}},
    "layout": {"padding": {"left": 12, "right": 4}},
    "scales": {
        "y": {"beginAtZero": True},
        "x": {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 12}},
    },
}
REDEEMED_COLOUR = "var(--color-base-400)"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD's DASHBOARD_CALLBACK: fills the context of templates/admin/index.html."""
    operator = is_operator(request)
    merchants = None if operator else merchant_ids_with(request, Right.SEE_SALES)
    sold = selectors.sales_by_day(merchants=merchants)
    redeemed = selectors.redemptions_by_day(merchants=merchants)
    month = _month(merchants, sold, redeemed)
    if operator:
        work = selectors.operator_worklist() | {"approvals": waiting_for(request.user).count()}
        tasks = operator_tasks(request, work)
        month.append(_commission(work))
    else:
        tasks = merchant_tasks(request, merchants or [])
    context.update(
        {
            "title": _("Overview"),
            "operator": operator,
            "merchants": [] if operator else Merchant.objects.filter(pk__in=merchants or []),
            "day": now(),
            "tasks": tasks,
            "today": _today(sold, redeemed),
            "flow": _flow(merchants),
            "month": month,
            "chart": _chart(
                [(_("Sold"), sold, SOLD_COLOUR), (_("Redeemed"), redeemed, REDEEMED_COLOUR)]
            ),
            "chart_options": json.dumps(CHART_OPTIONS),
            "has_sales": any(sold.values) or any(redeemed.values),
            "best_sellers": _best_sellers(merchants),
            "busiest_stores": _busiest_stores(merchants),
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


def _today(sold: Series, redeemed: Series) -> list[dict[str, Any]]:
    """What happened since midnight, beside the day before."""
    day = f"{sold.days[-1]:%Y-%m-%d}"
    before = _("%(amount)s yesterday")
    return [
        _figure(
            _("Sold today, after refunds"),
            fen(sold.values[-1], "exact"),
            before % {"amount": fen(sold.values[-2], "exact")},
            list_url("orders_orderline", order__state__exact="paid", order__paid_at_from=day),
        ),
        _figure(
            _("Redeemed today, after returns"),
            fen(redeemed.values[-1], "exact"),
            before % {"amount": fen(redeemed.values[-2], "exact")},
            list_url("vouchers_redemption", redeemed_at_from=day),
        ),
    ]


def _flow(merchants: list[int] | None) -> list[dict[str, Any]]:
    """The money on its way to the merchant, step by step, each with when it goes on."""
    balance = selectors.balances(merchants=merchants)
    return [
        _figure(
            _("Paid, not redeemed"),
            fen(balance["escrow"], "exact"),
            _("held for customers until they redeem"),
            list_url("vouchers_voucher", state__exact="active"),
        ),
        _figure(
            _("Pending"),
            fen(balance["pending"], "exact"),
            _("until it can no longer be undone"),
            list_url("vouchers_redemption", outcome="live"),
        ),
        _figure(
            _("Payable"),
            fen(balance["payable"], "exact"),
            _("on the next statement, every night"),
            list_url("payments_ledgerentry", account__exact="payable"),
        ),
        _figure(
            _("On statements"),
            fen(balance["settled"], "exact"),
            _("waits for its payout"),
            list_url("payments_statement", state__exact="issued"),
        ),
        _figure(
            _("Paid out"),
            fen(balance["paid"], "exact"),
            _("so far"),
            list_url("payments_payout", state__exact="sent"),
        ),
    ]


def _month(merchants: list[int] | None, sold: Series, redeemed: Series) -> list[dict[str, Any]]:
    score = selectors.review_score(merchants=merchants)
    since = f"{sold.days[0]:%Y-%m-%d}"
    return [
        _figure(
            _("Sold"),
            fen(sum(sold.values), "exact"),
            _("paid orders, after refunds"),
            list_url("orders_orderline", order__state__exact="paid", order__paid_at_from=since),
        ),
        _figure(
            _("Redeemed"),
            fen(sum(redeemed.values), "exact"),
            _("at the counter"),
            list_url("vouchers_redemption", redeemed_at_from=since),
        ),
        _figure(
            _("Rating"),
            f"{score['average']:.1f} ★" if score["average"] else "—",
            _("%(count)d reviews, %(unanswered)d without a reply") % score,
            list_url("reviews_review"),
        ),
    ]


def _figure(title: str, value: str, note: str, url: str) -> dict[str, Any]:
    return {"title": title, "value": value, "note": note, "url": url}


def _best_sellers(merchants: list[int] | None) -> dict[str, Any]:
    return {
        "headers": [_("Product"), _("Pieces"), _("Sales after refunds")],
        "rows": [
            [
                pick(row["product__title_en"], row["product__title_zh"]),
                row["sold"],
                fen(row["left_fen"], "exact"),
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
                fen(row["total_fen"], "exact"),
            ]
            for row in selectors.busiest_stores(merchants=merchants)
        ],
    }


def _commission(work: dict[str, Any]) -> dict[str, Any]:
    """The platform's own income, and when its books were last proved."""
    audit = work["audit"]
    note = (
        _("books audited %(when)s") % {"when": datetime_local(audit.ran_at)}
        if audit
        else _("books not audited yet")
    )
    return _figure(
        _("Commission earned"),
        fen(work["commission_fen"], "exact"),
        note,
        list_url("payments_ledgerentry", account__exact="commission"),
    )
