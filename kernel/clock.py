"""The one clock of the domain.

Every rule that depends on the time asks :func:`now`. Replaying old invoices, seeding a
living demo city and testing a deadline all need to say "it is this moment now" without
patching a library, so the moment is a context variable and not a monkey patch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

SECOND = dt.timedelta(seconds=1)
_moment: ContextVar[dt.datetime | None] = ContextVar("o2o_clock_moment", default=None)


def now() -> dt.datetime:
    """Return the current moment, aware, in UTC (or the moment set by :func:`at`)."""
    return _moment.get() or timezone.now()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Make :func:`now` answer ``moment`` (aware) inside the block, in this thread only.

    Raises ValueError when ``moment`` is naive: a naive time has no store to judge it.
    """
    if moment.tzinfo is None:
        raise ValueError("clock.at() needs an aware datetime")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


# Wall clocks ---------------------------------------------------------------------------
# A day ends twice where clocks go back at midnight, and some days and hours do not exist.


def first_at(
    wall: dt.datetime, zone: dt.tzinfo, *, after: dt.datetime | None = None
) -> dt.datetime:
    """The first moment (UTC) at which clocks in ``zone`` show ``wall`` (no zone) or later.

    Where they show it twice, the first time; the second one when the first is before
    ``after``. Where they jump over it, the moment of the jump.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    if second < first:  # jumped over: the two readings stand on either side of the jump
        return _jump(second, first, lambda moment: _wall(moment, zone) >= wall)
    return second if after is not None and first < after else first


def end_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The last second (UTC) of a calendar day in ``zone``, for the last time it is that day."""
    last = dt.datetime.combine(day, dt.time(23, 59, 59))
    first = last.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    second = last.replace(tzinfo=zone, fold=1).astimezone(dt.UTC)
    if second >= first:
        return second
    return _jump(second, first, lambda moment: _wall(moment, zone).date() > day) - SECOND


def day_bounds(day: dt.date, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Start and end (UTC, the end not in it) of a calendar day in ``zone``."""
    return end_of_day(day - dt.timedelta(days=1), zone) + SECOND, end_of_day(day, zone) + SECOND


def _wall(moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _jump(
    early: dt.datetime, late: dt.datetime, past: Callable[[dt.datetime], bool]
) -> dt.datetime:
    """The first whole second after ``early`` at which ``past`` holds; it holds at ``late``."""
    while late - early > SECOND:
        middle = early + dt.timedelta(seconds=(late - early) // SECOND // 2)
        if past(middle):
            late = middle
        else:
            early = middle
    return late
