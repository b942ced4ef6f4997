"""What campaigns and channels brought, as pages of the back office show it.

{% results_of_campaign campaign %}   on a campaign's page
{% results_of_list cl %}             above the list of orders and whence they came, of what it lists
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.models import Campaign
from insights.links import narrowed, rows_of
from insights.report import NONE, Report, Result, Scope, report_of
from kernel.bounds import read_day
from kernel.clock import now
from kernel.http.templatetags.fmt import fen
from kernel.numerals import read_number
from stores.admin_rights import holds, reach
from stores.codes.models import Code
from stores.rights import Right

register = template.Library()
DAYS = 30


class Row(NamedTuple):
    """A row of a table: its name and address, and its cells with theirs."""

    label: str
    url: str
    cells: list[dict[str, str]]


@register.inclusion_tag("admin/insights/_report.html", takes_context=True)
def results_of_campaign(context: dict[str, Any], campaign: Campaign) -> dict[str, Any]:
    """Everything that a campaign brought, by channel, code and day; nothing without the right or in a draft."""
    request = context["request"]
    if campaign.state == Campaign.State.DRAFT or not holds(request, Right.SEE_RESULTS):
        return {}
    scope = Scope(merchants=[campaign.merchant_id], campaign=campaign.pk)
    plans = f"{reverse('admin:insights_channelplan_changelist')}"
    return _shown(scope, ("channel", "code", "day")) | {"plans": plans}


@register.inclusion_tag("admin/insights/_report.html", takes_context=True)
def results_of_list(context: dict[str, Any], cl: Any) -> dict[str, Any]:
    """The same of what a list is filtered by; without any day, of the last 30."""
    request = context["request"]
    merchants = reach(request, Right.SEE_RESULTS).merchants
    asked = {name: request.GET.get(name, "") for name in _ASKED}
    chosen = read_number(asked["merchant__id__exact"])
    if chosen is not None and (merchants is None or chosen in merchants):
        merchants = [chosen]
    today = now().date()
    since, until = read_day(asked["day_from"]), read_day(asked["day_to"])
    if since is None and until is None and asked["of_campaign"] == "":
        since = today - dt.timedelta(days=DAYS - 1)
    channel = asked["channel"] if asked["channel"] in (*Code.Channel.values, NONE) else ""
    scope = Scope(
        merchants,
        read_number(asked["of_campaign"]),
        channel,
        read_number(asked["of_code"]),
        read_number(asked["of_store"]),
        since,
        until,
    )
    return _shown(scope, ("channel", "code", "store", "campaign", "day"))


_ASKED = (
    *("merchant__id__exact", "of_campaign", "channel", "of_code", "of_store"),
    *("day_from", "day_to"),
)


def _shown(scope: Scope, groups: Iterable[str]) -> dict[str, Any]:
    reports = [report_of(scope, by=by) for by in groups]
    total = reports[0].total
    return {
        "span": _span(scope),
        "steps": _steps(total, scope),
        "money": _money(total),
        "guests": _guests(total, scope),
        "tables": [_table(report, scope) for report in reports if report.rows],
        "rows_url": rows_of(scope),
    }


def _span(scope: Scope) -> str:
    if scope.since is None and scope.until is None:
        return ""
    return f"{scope.since or '…'} – {scope.until or '…'}"


def _figure(title: str, value: Any, note: str = "", url: str = "") -> dict[str, Any]:
    return {"title": title, "value": value, "note": note, "url": url}


def _steps(total: Result, scope: Scope) -> list[dict[str, Any]]:
    """The way from a look to a visit; each step says how many of the step before took it."""
    sums = total.sums
    told = total.spent.reach_told
    steps = [
        (_("Reach"), sums["scans"], ""),
        (_("Visitors"), sums["visitors"], ""),
        (_("Sign-ups"), sums["signups"], ""),
        (_("Claims"), sums["claims"], ""),
        (_("Orders"), sums["orders"], rows_of(scope)),
        (pgettext("orders", "Paid"), sums["paid"], rows_of(scope, step="paid")),
        (_("Came in"), sums["came"], rows_of(scope, step="came")),
        (_("Refunded"), sums["sent_back"], rows_of(scope, step="sent_back")),
    ]
    if scope.campaign is None:
        del steps[3]
    figures = []
    before = 0
    for place, (title, value, url) in enumerate(steps):
        note = _("%(share)s of the step before") % {"share": _percent(value, before)}
        if place == 0:
            note = _("%(count)d, as the channels say") % {"count": told} if told else ""
        elif not before:
            note = ""
        elif title == _("Refunded"):
            note = fen(sums["refunded_fen"], "exact")
        figures.append(_figure(title, value, note, url))
        before = value
    return figures


def _percent(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else ""


def _money(total: Result) -> list[dict[str, Any]]:
    """From the value of what was redeemed to what is left."""
    sums, spent = total.sums, total.spent
    lines = (
        (_("Value of what was redeemed"), total.value_fen),
        (_("Own discount"), -sums["own_fen"]),
        (_("Commission and fees"), -sums["commission_fen"]),
        (_("Reward"), -sums["reward_fen"]),
        (pgettext("marketing", "Cost"), -spent.cost_fen),
        (_("Cost of printing"), -spent.print_fen),
    )
    figures = [_figure(title, fen(value, "exact")) for title, value in lines]
    figures.append(_figure(_("Net margin"), fen(total.net_fen, "exact"), _break_even(total)))
    if total.cost_per_came_fen is not None and total.all_cost_fen:
        each = fen(total.cost_per_came_fen, "exact")
        figures.append(_figure(_("Cost per order that came in"), each))
    return figures


def _break_even(total: Result) -> str:
    if not total.all_cost_fen or total.break_even is None:
        return ""
    text = ngettext(
        "pays from %(count)d order that comes in on; %(came)d did",
        "pays from %(count)d orders that come in on; %(came)d did",
        total.break_even,
    )
    return text % {"count": total.break_even, "came": total.sums["came"]}


def _guests(total: Result, scope: Scope) -> list[dict[str, Any]]:
    sums = total.sums
    target = total.spent.target_came
    figures = [
        _figure(_("Orders of new guests"), sums["new"], url=rows_of(scope, step="new")),
        _figure(_("Orders of your own guests"), total.own_guests),
        _figure(_("New guests who came in"), sums["new_came"], url=rows_of(scope, step="new_came")),
        _figure(
            _("Came again within 90 days"),
            sums["again"],
            _percent(sums["again"], sums["came"]),
            rows_of(scope, step="again"),
        ),
    ]
    if target:
        done = _percent(sums["came"], target)
        figures.append(_figure(_("Target: came in"), target, _("%(share)s done") % {"share": done}))
    return figures


_TITLES = {
    "channel": lambda: _("By channel"),
    "code": lambda: _("By code"),
    "store": lambda: _("By store"),
    "campaign": lambda: _("By campaign"),
    "day": lambda: _("By day"),
}


def _table(report: Report, scope: Scope) -> dict[str, Any]:
    heads = [
        *(_("Reach"), _("Visitors"), _("Sign-ups"), _("Orders"), pgettext("orders", "Paid")),
        *(_("Came in"), _("Net margin"), pgettext("marketing", "Cost")),
        _("Cost per order that came in"),
    ]
    return {
        "id": f"by-{report.by}",
        "title": _TITLES[report.by](),
        "heads": heads,
        "rows": [_row(row, report.by, scope, heads) for row in report.rows],
        "more": report.more,
    }


def _row(row: Result, by: str, scope: Scope, heads: list[str]) -> Row:
    of = narrowed(by, row.key)
    sums, each = row.sums, row.cost_per_came_fen
    values: list[tuple[Any, str]] = [
        *((sums[name], "") for name in ("scans", "visitors", "signups")),
        *(
            (sums[name], "" if of is None else rows_of(scope, step=step, **of))
            for name, step in (("orders", ""), ("paid", "paid"), ("came", "came"))
        ),
        (fen(row.net_fen, "exact"), ""),
        (fen(row.all_cost_fen, "exact"), ""),
        (fen(each, "exact") if each is not None and row.all_cost_fen else "—", ""),
    ]
    cells = [
        {"head": head, "text": str(value), "url": url if value else ""}
        for head, (value, url) in zip(heads, values, strict=True)
    ]
    return Row(row.label, "", cells)
