"""Where a day begins and ends: a bill's day in its gateway's zone, a statement's in Shanghai.

The months of the ledger are those of UTC.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from kernel.clock import now

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_bounds(day: dt.date, time_zone: ZoneInfo = SHANGHAI) -> tuple[dt.datetime, dt.datetime]:
    """Return the first moment of ``day`` and the first one after it."""
    return (
        dt.datetime.combine(day, dt.time(), time_zone),
        dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), time_zone),
    )


def last_whole_day(time_zone: ZoneInfo = SHANGHAI) -> dt.date:
    """Return the day before the one it is now in ``time_zone``."""
    return now().astimezone(time_zone).date() - dt.timedelta(days=1)


def month_of(moment: dt.datetime) -> dt.date:
    """Return the first day of ``moment``'s month in UTC: a part of a ledger entry's key."""
    return moment.astimezone(dt.UTC).date().replace(day=1)
