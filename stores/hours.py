"""Opening hours, judged by the store's own clock.

The rule, here and in `StoreQuerySet.open_at`: a day's spans are its holiday rows if it has
any, else the rows of its weekday; a span that closes at or before it opens runs past midnight
(00:00–00:00 is the whole day). A store without weekly hours and without a holiday row for the
day has unknown hours.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from kernel.bilingual import pick
from kernel.bounds import read_day
from stores.models import Store

_DAY = dt.timedelta(days=1)


class Span(NamedTuple):
    """Opening and closing time of day, local; ``closes <= opens`` means the next day."""

    opens: dt.time
    closes: dt.time

    @property
    def past_midnight(self) -> bool:
        return self.closes <= self.opens

    @property
    def all_day(self) -> bool:
        return self.opens == self.closes == dt.time(0)

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}–{self.closes:%H:%M}"


class DayHours(NamedTuple):
    """A store's hours on one local day. ``known`` is False when nobody wrote them down."""

    day: dt.date
    spans: tuple[Span, ...]
    note: str = ""
    is_holiday: bool = False
    known: bool = True

    @property
    def text(self) -> str:
        """The hours in words: "10:00–14:00, 17:00–22:00", "Open 24 hours", "Closed", or ""."""
        if not self.known:
            return ""
        if not self.spans:
            return _("Closed")
        if any(span.all_day for span in self.spans):
            return _("Open 24 hours")
        return _(", ").join(map(str, self.spans))


class _Week(NamedTuple):
    week: list[tuple[int, Span]]
    holidays: list[tuple[dt.date, Span | None, str]]


def hours_on(store: Store, day: dt.date) -> DayHours:
    """Return the hours of a local calendar day; no query after `StoreQuerySet.with_hours`."""
    rows = _rows(store)
    special = [(span, note) for date, span, note in rows.holidays if date == day]
    if special:
        spans = tuple(sorted(span for span, _note in special if span))
        note = next((note for _span, note in special if note), "")
        return DayHours(day, spans, note, is_holiday=True)
    spans = tuple(sorted(span for weekday, span in rows.week if weekday == day.weekday()))
    return DayHours(day, spans, known=bool(rows.week))


def today_hours(store: Store, moment: dt.datetime) -> DayHours:
    """Return the hours of the store's own calendar day at ``moment``."""
    return hours_on(store, store.local_day(moment))


def opening_on(store: Store, day: dt.date) -> dt.datetime | None:
    """When the store opens on a local calendar day.

    None where nobody wrote it down, where it stays closed, and where it never closes.
    """
    spans = hours_on(store, day).spans
    if not spans or any(span.all_day for span in spans):
        return None
    return dt.datetime.combine(day, spans[0].opens, store.zone)


def is_open(store: Store, moment: dt.datetime) -> bool | None:
    """Whether the store is open at ``moment`` (aware); None when its hours are unknown."""
    local = moment.astimezone(store.zone)
    clock = local.time().replace(tzinfo=None)
    today = hours_on(store, local.date())
    yesterday = hours_on(store, local.date() - dt.timedelta(days=1))
    for span in today.spans:
        if span.opens <= clock and (span.past_midnight or clock < span.closes):
            return True
    if any(span.past_midnight and clock < span.closes for span in yesterday.spans):
        return True
    return False if today.known else None


def week_hours(store: Store, moment: dt.datetime) -> list[DayHours]:
    """Return the seven days that start with the store's today, holidays in place."""
    today = store.local_day(moment)
    return [hours_on(store, today + dt.timedelta(days=ahead)) for ahead in range(7)]


def coming_holidays(store: Store, moment: dt.datetime) -> list[DayHours]:
    """Return the days after the week of `week_hours`, for two months, that differ from it."""
    first = store.local_day(moment) + dt.timedelta(days=7)
    days = {day for day, _span, _note in _rows(store).holidays}
    near = sorted(day for day in days if first <= day < first + dt.timedelta(days=60))
    return [hours_on(store, day) for day in near]


def opening_note(store: Store, moment: dt.datetime) -> str:
    """When that changes: "closes at 22:00", "opens tomorrow at 10:00", or "" when unknown or never."""
    local = moment.astimezone(store.zone).replace(tzinfo=None)
    spans = _spans_around(store, local)
    if ends := [end for start, end in spans if start <= local < end]:
        end = max(ends)
        while later := [b for a, b in spans if a <= end < b]:  # one span goes on where one ends
            end = max(later)
        if end - local > _DAY:
            return ""
        return _("closes at %(time)s") % {"time": f"{end:%H:%M}"}
    start = min((start for start, _end in spans if start > local), default=None)
    if start is None:
        return ""
    facts = {"time": f"{start:%H:%M}", "day": WEEKDAYS[start.weekday()]}
    if start.date() == local.date():
        return _("opens at %(time)s") % facts
    if start.date() == local.date() + _DAY:
        return _("opens tomorrow at %(time)s") % facts
    return _("opens on %(day)s at %(time)s") % facts


def open_from(store: Store, moment: dt.datetime) -> dt.datetime:
    """``moment`` (aware) where the store is open then, else when it opens next, within eight days.

    ``moment`` itself where its hours are unknown, or where it does not open so soon.
    """
    if is_open(store, moment) is not False:
        return moment
    local = moment.astimezone(store.zone).replace(tzinfo=None)
    start = min(
        (start for start, _end in _spans_around(store, local) if start > local), default=None
    )
    return moment if start is None else start.replace(tzinfo=store.zone).astimezone(dt.UTC)


def _spans_around(store: Store, local: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    """Start and end of every span from yesterday's to those in a week, in the store's time."""
    found = []
    for ahead in range(-1, 8):
        day = local.date() + ahead * _DAY
        for span in hours_on(store, day).spans:
            end = dt.datetime.combine(day + _DAY * span.past_midnight, span.closes)
            found.append((dt.datetime.combine(day, span.opens), end))
    return found


def _rows(store: Store) -> _Week:
    annotated = getattr(store, "week_rows", None)
    if annotated is not None:
        return _Week(
            [(row["weekday"], _span(row)) for row in annotated],
            [
                (day, _span(row) if row["opens"] else None, pick(row["note_en"], row["note_zh"]))
                for row in store.holiday_rows  # type: ignore[attr-defined]
                if (day := read_day(row["date"]))  # a day that no calendar has never comes
            ],
        )
    return _Week(
        [(row.weekday, Span(row.opens, row.closes)) for row in store.hours.all()],
        [
            (row.date, Span(row.opens, row.closes) if row.opens and row.closes else None, row.note)
            for row in store.holidays.all()
        ],
    )


def _span(row: dict[str, Any]) -> Span:
    return Span(_clock(row["opens"]), _clock(row["closes"]))


def _clock(text: str) -> dt.time:
    """The time of day of a JSON row; PostgreSQL has a 24:00, which is midnight."""
    return dt.time.min if text.startswith("24:") else dt.time.fromisoformat(text)
