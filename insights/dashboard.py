"""The first page of the admin: figures and charts for the merchant and for the operator."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from insights import selectors
from insights.funnel import LONGEST, funnel_of
from insights.selectors import Series
from insights.worklist import link, may_add, merchant_tasks, operator_tasks
from kernel.bilingual import pick
from kernel.clock import now
from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.money import fen_to_yuan
from kernel.numerals import read_number
from stores.admin_rights import Reach, holds, is_operator, reach
from stores.models import Merchant, Store
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


def _chart_options(unit: str) -> str:
    """With what the axes count: yuan upwards, days along."""
    scales: dict[str, Any] = CHART_OPTIONS["scales"]  # type: ignore[assignment]
    titled = {
        axis: {**scales[axis], "title": {"display": True, "text": text}}
        for axis, text in (("y", _("yuan (¥)")), ("x", _("day")))
    }
    return json.dumps({**CHART_OPTIONS, "scales": titled, "label": unit})


REDEEMED_COLOUR = "var(--color-base-400)"
FUNNEL_DAYS, FUNNEL_USUAL = (7, 30, 90, 365), 30
VISITS = (Right.SEE_VOUCHERS, Right.SEE_SALES)
"""What shows redeemed amounts: the rows themselves, or the business's sales."""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """UNFOLD's DASHBOARD_CALLBACK: fills the context of templates/admin/index.html.

    Every figure counts the rows that the person's lists hold; what a role cannot see is left out.
    """
    operator = is_operator(request)
    sales, visits = reach(request, Right.SEE_SALES), reach(request, *VISITS)
    # Order lines belong to no store: somebody of single stores sees none of them.
    sells = sales.merchants is None or bool(sales.merchants)
    sold = selectors.sales_by_day(merchants=sales.merchants) if sells else None
    redeemed = selectors.redemptions_by_day(**visits._asdict()) if visits else None
    month = _month(request, sold, redeemed)
    if operator:
        work = selectors.operator_worklist() | {"approvals": waiting_for(request.user).count()}
        tasks = operator_tasks(request, work)
        month += _commission(request, work)
    else:
        tasks = merchant_tasks(request)
    lines: list[tuple[str, Series, str]] = []
    if sold is not None:
        lines.append((_("Sold"), sold, SOLD_COLOUR))
    if redeemed is not None:
        lines.append((_("Redeemed"), redeemed, REDEEMED_COLOUR))
    context.update(
        {
            "title": _("Overview"),
            "operator": operator,
            "places": [] if operator else _places(request),
            "day": now(),
            "tasks": tasks,
            "today": _today(request, sold, redeemed),
            "flow": _flow(request),
            "month": month,
            "chart": _chart(lines) if lines else "",
            "chart_unit": (unit := _chart_unit(sold, redeemed)),
            "chart_options": _chart_options(unit),
            "series": _series(lines) if lines else None,
            "has_sales": any(any(series.values) for _label, series, _colour in lines),
            "sells": may_add(request, "catalog_product"),
            "funnel": (steps := _funnel(request, days := _funnel_days(request))),
            "funnel_days": [(value, value == days) for value in FUNNEL_DAYS] if steps else [],
            "best_sellers": _best_sellers(sales.merchants) if sells else None,
            "busiest_stores": _busiest_stores(visits) if visits else None,
        }
    )
    return context


def _funnel_days(request: HttpRequest) -> int:
    """The period that was chosen for the way to a visit; the usual one for what makes no sense."""
    chosen = read_number(request.GET.get("days", ""), most=LONGEST)
    return chosen if chosen in FUNNEL_DAYS else FUNNEL_USUAL


def _funnel(request: HttpRequest, days: int) -> list[dict[str, Any]]:
    """How many took each step from a look to a visit; for who may see whence guests come."""
    found = reach(request, Right.SEE_CODES)
    if found.merchants is not None and not found.merchants:
        return []
    steps = funnel_of(merchants=found.merchants, days=days)
    words = (
        (_("Visitors who looked at a product"), steps.viewed),
        (_("of these after a search"), steps.searched),
        (_("Put something into the basket"), steps.added),
        (_("Order lines placed"), steps.ordered),
        (_("Order lines paid"), steps.paid),
        (_("Came in"), steps.redeemed),
    )
    return [_figure(label, str(value), "", "") for label, value in words]


def _places(request: HttpRequest) -> list[str]:
    """What the figures are of: the person's businesses, and the stores they are limited to."""
    found = reach(request, *Right)
    merchants = Merchant.objects.filter(pk__in=found.merchants or [])
    stores = Store.objects.filter(pk__in=found.stores)
    return [*(row.name for row in merchants), *(row.name for row in stores)]


def _chart_unit(sold: Series | None, redeemed: Series | None) -> str:
    if sold is None:
        return _("Redeemed per day, in yuan")
    if redeemed is None:
        return _("Sold per day, in yuan")
    return _("Sold and redeemed per day, in yuan")


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


def _series(lines: list[tuple[str, Series, str]]) -> dict[str, Any]:
    """The chart in figures, the last day first: a table is read from its top."""
    headers = [_("Day"), *(label for label, _series, _colour in lines)]
    values = zip(*(series.values for _label, series, _colour in lines), strict=True)
    rows = zip(lines[0][1].days, values, strict=True)
    return {
        "headers": headers,
        "rows": [(day, [fen(value, "exact") for value in row]) for day, row in rows][::-1],
    }


def _today(
    request: HttpRequest, sold: Series | None, redeemed: Series | None
) -> list[dict[str, Any]]:
    """What happened since midnight, beside the day before."""
    before = _("%(amount)s yesterday")
    figures = []
    if sold is not None:
        day = f"{sold.days[-1]:%Y-%m-%d}"
        paid = {"order__paid_at_from": day}
        figures.append(
            _figure(
                _("Sold today, after refunds"),
                fen(sold.values[-1], "exact"),
                before % {"amount": fen(sold.values[-2], "exact")},
                link(request, "orders_orderline", **paid),
            )
        )
    if redeemed is not None:
        day = f"{redeemed.days[-1]:%Y-%m-%d}"
        figures.append(
            _figure(
                _("Redeemed today, after returns"),
                fen(redeemed.values[-1], "exact"),
                before % {"amount": fen(redeemed.values[-2], "exact")},
                link(request, "vouchers_redemption", occurred_at_from=day),
            )
        )
    return figures


def _flow(request: HttpRequest) -> list[dict[str, Any]]:
    """The money on its way to the merchant, step by step, each with when it goes on."""
    money = reach(request, Right.SEE_MONEY)
    if money.merchants is not None and not money.merchants:
        return []
    balance = selectors.balances(merchants=money.merchants)
    return [
        _figure(
            _("Paid, not redeemed"),
            fen(balance["escrow"], "exact"),
            _("held for customers until they redeem"),
            link(request, "vouchers_voucher", state__exact="active"),
        ),
        _figure(
            _("Pending"),
            fen(balance["pending"], "exact"),
            _("until it can no longer be undone"),
            link(request, "vouchers_redemption", outcome="live"),
        ),
        _figure(
            _("Payable"),
            fen(balance["payable"], "exact"),
            _("on the next statement, every night"),
            link(request, "payments_ledgerentry", account__exact="payable"),
        ),
        _figure(
            _("On statements"),
            fen(balance["settled"], "exact"),
            _("waits for its payout"),
            link(request, "payments_statement", state__exact="issued"),
        ),
        _figure(
            _("Paid out"),
            fen(balance["paid"], "exact"),
            _("so far"),
            link(request, "payments_payout", state__exact="sent"),
        ),
    ]


def _month(
    request: HttpRequest, sold: Series | None, redeemed: Series | None
) -> list[dict[str, Any]]:
    figures = []
    if sold is not None:
        since = f"{sold.days[0]:%Y-%m-%d}"
        paid = {"order__paid_at_from": since}
        figures.append(
            _figure(
                _("Sold"),
                fen(sum(sold.values), "exact"),
                _("paid orders, after refunds"),
                link(request, "orders_orderline", **paid),
            )
        )
    if redeemed is not None:
        since = f"{redeemed.days[0]:%Y-%m-%d}"
        figures.append(
            _figure(
                _("Redeemed"),
                fen(sum(redeemed.values), "exact"),
                _("at the counter"),
                link(request, "vouchers_redemption", occurred_at_from=since),
            )
        )
    if reviews := reach(request, Right.SEE_REVIEWS):
        score = selectors.review_score(**reviews._asdict())
        figures.append(
            _figure(
                _("Rating"),
                f"{score['average']:.1f} ★" if score["average"] else "—",
                _("%(count)d reviews, %(unanswered)d without a reply") % score,
                link(request, "reviews_review"),
            )
        )
    return figures


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


def _busiest_stores(visits: Reach) -> dict[str, Any]:
    return {
        "headers": [_("Store"), pgettext("count", "Redemptions"), _("Value")],
        "rows": [
            [
                pick(row["store__name_en"], row["store__name_zh"]),
                row["redemptions"],
                fen(row["total_fen"], "exact"),
            ]
            for row in selectors.busiest_stores(**visits._asdict())
        ],
    }


def _commission(request: HttpRequest, work: dict[str, Any]) -> list[dict[str, Any]]:
    """The platform's own income, and when its books were last proved."""
    if not holds(request, Right.SEE_MONEY):
        return []
    audit = work["audit"]
    note = (
        _("books audited %(when)s") % {"when": datetime_local(audit.ran_at)}
        if audit
        else _("books not audited yet")
    )
    earned = link(request, "payments_ledgerentry", account__exact="commission")
    return [_figure(_("Commission earned"), fen(work["commission_fen"], "exact"), note, earned)]
