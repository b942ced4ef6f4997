"""Blackout rules: when a voucher may not be used, judged in the store's own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kernel.bounds import is_whole, read_clock, read_day
from kernel.clock import first_at

_DAY = dt.timedelta(days=1)
_MOST_SPANS = 400
"""Give up looking for a free moment after so many spans: more than a year of daily rules."""


@dataclass(frozen=True, slots=True)
class BlackoutRule:
    """One rule: on some weekdays (Monday is 0) or dates, the whole day or from ``start`` to ``end``.

    Without weekdays every weekday counts, without dates every date. ``end`` at or before
    ``start`` is past midnight and belongs to the day on which it started. A span holds its
    start and not its end.
    """

    weekdays: frozenset[int]
    first: dt.date | None
    last: dt.date | None
    start: dt.time | None
    end: dt.time | None

    @classmethod
    def from_json(cls, rule: Mapping[str, Any]) -> BlackoutRule:
        """Read ``{weekdays: [0-6]}`` or ``{from, to}``, each with optional ``{start, end}``.

        Raises ValueError when the rule says nothing, or something that is no day or time.
        """
        weekdays = frozenset(rule.get("weekdays") or ())
        first, last = _date(rule.get("from")), _date(rule.get("to"))
        first, last = first or last, last or first
        start, end = _time(rule.get("start")), _time(rule.get("end"))
        if not all(is_whole(day, 0, 6) for day in weekdays):
            raise ValueError("weekdays are 0 (Monday) to 6")
        if first and last and last < first:
            raise ValueError(f"the blackout ends before it starts: {first} to {last}")
        if not weekdays and not first and start is None and end is None:
            raise ValueError("a blackout rule names weekdays, dates or times")
        return cls(weekdays, first, last, start, end)

    def applies_on(self, day: dt.date) -> bool:
        """Whether a span of this rule starts on ``day``."""
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return not (self.first and self.last) or self.first <= day <= self.last

    def span(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """Start and end, in local time without a zone, of the span that starts on ``day``."""
        start = dt.datetime.combine(day, self.start or dt.time.min)
        if self.end is None:
            return start, dt.datetime.combine(day + _DAY, dt.time.min)
        end = dt.datetime.combine(day, self.end)
        return start, end if end > start else end + _DAY

    def is_over(self, local: dt.datetime) -> bool:
        """Whether its last span has ended at ``local`` (no zone); never without dates."""
        return self.last is not None and self.span(self.last)[1] <= local

    def ends_after(self, local: dt.datetime) -> dt.datetime | None:
        """The end of the span that holds ``local`` (no zone), or None outside every span."""
        for day in (local.date(), local.date() - _DAY):
            if self.applies_on(day):
                start, end = self.span(day)
                if start <= local < end:
                    return end
        return None


def rule_at(
    rules: Iterable[BlackoutRule], moment: dt.datetime, zone: ZoneInfo
) -> BlackoutRule | None:
    """The first rule that forbids ``moment`` (aware), judged in ``zone``."""
    local = moment.astimezone(zone).replace(tzinfo=None)
    return next((rule for rule in rules if rule.ends_after(local)), None)


def free_from(
    rules: tuple[BlackoutRule, ...], moment: dt.datetime, zone: ZoneInfo
) -> dt.datetime | None:
    """The first moment (aware, in ``zone``) from ``moment`` on that no rule forbids."""
    free = moment
    for _attempt in range(_MOST_SPANS):
        local = free.astimezone(zone).replace(tzinfo=None)
        ends = [end for rule in rules if (end := rule.ends_after(local))]
        if not ends:
            return free.astimezone(zone)
        free = first_at(max(ends), zone, after=free)
    return None


def _date(value: Any) -> dt.date | None:
    if not value:
        return None
    if (day := read_day(value)) is None:
        raise ValueError(f"no day that can be judged: {value!r:.40}")
    return day


def _time(value: Any) -> dt.time | None:
    if not value:
        return None
    if (time := read_clock(value)) is None:
        raise ValueError(f"no time of day: {value!r:.40}")
    return time
