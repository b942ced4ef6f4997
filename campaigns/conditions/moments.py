"""Conditions about when it is ordered: a period, and weekdays with hours in the time zone of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext

from campaigns.conditions.base import ConditionKind, Said, no_names
from campaigns.models import Condition
from kernel.http.templatetags.fmt import datetime_local

DAY_MINUTES, WEEK = 1440, 7


def is_within(said: Said, moment: dt.datetime, zone: ZoneInfo) -> bool:
    """Whether weekday and hour of ``moment`` are among those said.

    Hours that end before they begin go over midnight, and belong to the day on which they begin.
    """
    local = moment.astimezone(zone)
    minute, day = local.hour * 60 + local.minute, local.isoweekday()
    begins, ends = said.from_minute or 0, said.to_minute or 0
    if begins < ends:
        return day in said.keys and begins <= minute < ends
    before = (day - 2) % WEEK + 1
    return (day in said.keys and minute >= begins) or (before in said.keys and minute < ends)


def next_within(said: Said, moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When they begin next, after a ``moment`` that is not within them."""
    local = moment.astimezone(zone)
    begins = said.from_minute or 0
    days = (local.date() + dt.timedelta(days=ahead) for ahead in range(WEEK + 1))
    return min(
        found
        for day in days
        if day.isoweekday() in said.keys
        and (found := dt.datetime.combine(day, dt.time(begins // 60, begins % 60), zone)) > moment
    )


def _check_hours(merchant_id: int, said: Said) -> str:
    begins, ends = said.from_minute, said.to_minute
    if not said.keys or not set(said.keys) <= set(range(1, WEEK + 1)):
        return gettext("Choose the weekdays.")
    if begins is None or ends is None or begins == ends:
        return gettext("Enter from when to when; two different times.")
    if not (0 <= begins < DAY_MINUTES and 0 <= ends <= DAY_MINUTES):
        return gettext("Enter from when to when; two different times.")
    return ""


def _check_period(merchant_id: int, said: Said) -> str:
    if said.from_at is None or said.to_at is None or said.from_at >= said.to_at:
        return gettext("Enter both moments; the second comes after the first.")
    return ""


def _word_hours(said: Said, names: Sequence[str]) -> str:
    days = [str(WEEKDAYS[day - 1]) for day in sorted(said.keys)]
    facts = {
        "days": gettext(", ").join(days),
        "from": _time(said.from_minute),
        "to": _time(said.to_minute),
    }
    if len(days) == WEEK:
        return gettext("Every day %(from)s–%(to)s.") % facts
    return gettext("%(days)s %(from)s–%(to)s.") % facts


def _word_period(said: Said, names: Sequence[str]) -> str:
    text = gettext("For orders from %(from)s to %(to)s.")
    return text % {"from": datetime_local(said.from_at), "to": datetime_local(said.to_at)}


def _time(minute: int | None) -> str:
    return f"{(minute or 0) // 60:02}:{(minute or 0) % 60:02}"


HOURS = ConditionKind(Condition.Kind.HOURS, _check_hours, no_names, _word_hours)
PERIOD = ConditionKind(Condition.Kind.PERIOD, _check_period, no_names, _word_period)
