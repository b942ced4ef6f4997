"""What a campaign or a channel brought and cost, from the sums per day: never from the orders themselves."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Campaign
from insights.models import ChannelPlan, ResultDay
from insights.models.sums import OF_GUESTS, OF_PARTS
from kernel.money import share
from stores.codes.models import Code
from stores.models import Store

NONE = "none"
"""The channel of orders that came by no code."""
GROUPS = ("channel", "code", "store", "campaign", "day")
MOST_ROWS = 60
_KEYS: dict[str, Any] = {
    "channel": F("code__channel"),
    "code": F("code_id"),
    "store": F("code__store_id"),
    "campaign": F("campaign_id"),
    "day": F("day"),
}


class Scope(NamedTuple):
    """Whose results, and which of them. ``merchants`` None: of all. Both days belong to the span."""

    merchants: Sequence[int] | None
    campaign: int | None = None
    channel: str = ""
    code: int | None = None
    store: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None


class Spent(NamedTuple):
    """What plans say, of the days that are looked at; reach and targets are those of whole plans."""

    cost_fen: int = 0
    print_fen: int = 0
    reach_told: int = 0
    target_came: int = 0

    def plus(self, other: Spent) -> Spent:
        return Spent(*(mine + its for mine, its in zip(self, other, strict=True)))


class Result(NamedTuple):
    """One row of a report. ``key`` is what it is of (None: no code, or in the total everything)."""

    key: Any
    label: str
    sums: dict[str, int]
    spent: Spent

    @property
    def value_fen(self) -> int:
        """What the items of guests who came are worth, before what the merchant took off itself."""
        return self.sums["earned_fen"] + self.sums["own_fen"]

    @property
    def contribution_fen(self) -> int:
        """What is left of it before the cost of the channel."""
        return self.sums["earned_fen"] - self.sums["commission_fen"] - self.sums["reward_fen"]

    @property
    def all_cost_fen(self) -> int:
        return self.spent.cost_fen + self.spent.print_fen

    @property
    def net_fen(self) -> int:
        """Value − own discount − commission and fees − reward − cost − print cost."""
        return self.contribution_fen - self.all_cost_fen

    @property
    def cost_per_came_fen(self) -> int | None:
        """What one order whose guests came in has cost, half a fen up; None where nobody came."""
        came = self.sums["came"]
        return (2 * self.all_cost_fen + came) // (2 * came) if came else None

    @property
    def break_even(self) -> int | None:
        """How many orders have to come in to pay the cost, each leaving what they do so far on average.

        None where they leave nothing, or nobody has come yet.
        """
        if not self.sums["came"] or self.contribution_fen <= 0:
            return None
        return -(-self.all_cost_fen * self.sums["came"] // self.contribution_fen)

    @property
    def own_guests(self) -> int:
        """Orders of guests who had ordered here before."""
        return self.sums["orders"] - self.sums["new"]


class Report(NamedTuple):
    """The total, and its rows by ``by``; ``more``: there are rows beyond MOST_ROWS."""

    by: str
    total: Result
    rows: list[Result]
    more: bool


def total_of(scope: Scope) -> Result:
    """Everything in the scope together; two statements, whatever it holds."""
    found = _in_scope(scope).aggregate(
        **{name: Sum(name, default=0) for name in (*OF_GUESTS, *OF_PARTS)}
    )
    spent = Spent()
    for plan in _plans(scope):
        spent = spent.plus(_spent(plan, scope))
    return Result(None, _("All"), {name: int(value) for name, value in found.items()}, spent)


def report_of(scope: Scope, *, by: str) -> Report:
    """The scope's total and its rows by channel, code, store, campaign or day; five statements at most.

    Rows add up to the total, but for campaigns: an order may count for two. What is spent on a channel and on no
    single code of it is a row of its own there.
    """
    rows: Any = _in_scope(scope, all_campaigns=by == "campaign").order_by()
    names = (*OF_GUESTS, *OF_PARTS)
    grouped = (
        rows.annotate(of=_KEYS[by])
        .values_list("of")
        .annotate(**{name: Coalesce(Sum(name), 0) for name in names})
    )
    sums = {key: dict(zip(names, map(int, values), strict=True)) for key, *values in grouped}
    spent: dict[Any, Spent] = defaultdict(Spent)
    for plan in _plans(scope):
        for key, part in _parts(plan, scope, by):
            spent[key] = spent[key].plus(part)
    empty = dict.fromkeys(names, 0)
    labels = _labels(by, {*sums, *spent})
    found = [
        Result(key, labels[key], sums.get(key, empty), spent[key])
        for key in {*sums, *spent}
        if any(sums.get(key, empty).values()) or any(spent[key])
    ]
    found.sort(key=_newest if by == "day" else _largest)
    return Report(by, total_of(scope), found[:MOST_ROWS], len(found) > MOST_ROWS)


def _in_scope(scope: Scope, *, all_campaigns: bool = False) -> QuerySet[ResultDay]:
    rows = ResultDay.objects.all()
    if scope.campaign is not None:
        rows = rows.filter(campaign=scope.campaign)
    else:
        rows = rows.filter(campaign__isnull=not all_campaigns)
    if scope.merchants is not None:
        rows = rows.filter(merchant__in=scope.merchants)
    if scope.channel:
        none = scope.channel == NONE
        rows = rows.filter(code=None) if none else rows.filter(code__channel=scope.channel)
    for name, value in (("code", scope.code), ("code__store", scope.store)):
        if value is not None:
            rows = rows.filter(**{name: value})
    if scope.since:
        rows = rows.filter(day__gte=scope.since)
    return rows.filter(day__lte=scope.until) if scope.until else rows


def _plans(scope: Scope) -> Iterable[ChannelPlan]:
    rows = ChannelPlan.objects.select_related("code").order_by("pk")
    if scope.merchants is not None:
        rows = rows.filter(merchant__in=scope.merchants)
    if scope.campaign is not None:
        rows = rows.filter(campaign=scope.campaign)
    if scope.channel:
        rows = rows.filter(channel=scope.channel)
    if scope.code is not None:
        rows = rows.filter(code=scope.code)
    if scope.store is not None:
        rows = rows.filter(code__store=scope.store)
    if scope.since:
        rows = rows.filter(ends_on__gte=scope.since)
    return rows.filter(begins_on__lte=scope.until) if scope.until else rows


def _spent(plan: ChannelPlan, scope: Scope) -> Spent:
    """The plan's share of the days that are looked at."""
    first = max(plan.begins_on, scope.since or plan.begins_on)
    last = min(plan.ends_on, scope.until or plan.ends_on)
    whole = (plan.ends_on - plan.begins_on).days + 1
    before, days = (first - plan.begins_on).days, (last - first).days + 1
    return Spent(
        share(plan.cost_fen, before, days, whole),
        share(plan.print_fen, before, days, whole),
        plan.reach_told or 0,
        plan.target_came or 0,
    )


def _parts(plan: ChannelPlan, scope: Scope, by: str) -> Iterable[tuple[Any, Spent]]:
    """To which rows a plan's money belongs."""
    if by == "day":
        first = max(plan.begins_on, scope.since or plan.begins_on)
        last = min(plan.ends_on, scope.until or plan.ends_on)
        for back in range((last - first).days + 1):
            day = first + dt.timedelta(days=back)
            spent = _spent(plan, scope._replace(since=day, until=day))
            yield day, spent if not back else spent._replace(reach_told=0, target_came=0)
        return
    code = plan.code
    keys: dict[str, Any] = {
        "channel": plan.channel,
        "campaign": plan.campaign_id or _shared(""),
        "code": code.pk if code else _shared(plan.channel),
        "store": code.store_id if code and code.store_id else _shared(plan.channel),
    }
    yield keys[by], _spent(plan, scope)


def _shared(channel: str) -> tuple[str, str]:
    """The key of what is spent on a whole channel, or for no single campaign."""
    return "shared", channel


def _labels(by: str, keys: set[Any]) -> dict[Any, str]:
    channels = {str(value): str(label) for value, label in Code.Channel.choices}
    names: dict[Any, str] = {None: _("without a code"), _shared(""): _("of no single campaign")}
    for key in keys:
        if isinstance(key, tuple) and key[1]:
            names[key] = pgettext("cost", "%(channel)s, as a whole") % {"channel": channels[key[1]]}
    ids = [key for key in keys if isinstance(key, int)]
    if by == "channel":
        names |= channels
    elif by == "day":
        names |= {key: f"{key:%Y-%m-%d}" for key in keys}
    elif by == "code":
        names |= dict(Code.objects.filter(pk__in=ids).values_list("pk", "name"))
    elif by == "store":
        names[None] = _("of no store")
        names |= {row.pk: row.name for row in Store.objects.filter(pk__in=ids)}
    else:
        names |= {row.pk: row.name for row in Campaign.objects.filter(pk__in=ids)}
    return names


def _largest(row: Result) -> Any:
    return (-row.sums["orders"], -row.sums["scans"], -row.all_cost_fen, str(row.key))


def _newest(row: Result) -> Any:
    return -row.key.toordinal()
