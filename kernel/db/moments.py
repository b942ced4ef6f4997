"""Dates and times that PostgreSQL stores but Python cannot represent.

PostgreSQL counts from 4713 BC to the year 294276 and knows infinity; a Python date ends at the
years 1 and 9999, and one close to these ends breaks as soon as a time zone is applied. The
driver reads an answer as a whole: one such value in one row would take down every page that
lists it. So it is read as the first or the last moment that we know (kernel/bounds.py), which
says the same to whoever asks "has it begun?", "is it over?", and the log names it.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from psycopg2 import extensions

from kernel.bounds import FIRST_DAY, FIRST_MOMENT, LAST_DAY, LAST_MOMENT

logger = logging.getLogger(__name__)

FIRST_YEAR, LAST_YEAR = 2, 9998
"""Years in which every moment has a neighbour and a local time in every zone."""
_DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ = 1082, 1083, 1114, 1184
"""The object ids of PostgreSQL's types."""


def read_extremes(connection: Any) -> None:
    """Let ``connection`` read every day and moment that the database may hold."""
    for oid, name, read, first, last in (
        (_DATE, "DATE", extensions.PYDATE, FIRST_DAY, LAST_DAY),
        (
            _TIMESTAMP,
            "TIMESTAMP",
            extensions.PYDATETIME,
            FIRST_MOMENT.replace(tzinfo=None),
            LAST_MOMENT.replace(tzinfo=None),
        ),
        (_TIMESTAMPTZ, "TIMESTAMPTZ", extensions.PYDATETIMETZ, FIRST_MOMENT, LAST_MOMENT),
    ):
        caster = extensions.new_type((oid,), name, _reader(read, first, last))
        extensions.register_type(caster, connection)
    clock = extensions.new_type((_TIME,), "TIME", _read_clock)
    extensions.register_type(clock, connection)


def _read_clock(text: str | None, cursor: Any) -> dt.time | None:
    """A time of day; PostgreSQL has a 24:00, which is midnight."""
    if text is not None and text.startswith("24:"):
        return dt.time.min
    return extensions.PYTIME(text, cursor)


def _reader(
    read: Callable[[str | None, Any], Any], first: dt.date, last: dt.date
) -> Callable[[str | None, Any], Any]:
    def read_or_bound(text: str | None, cursor: Any) -> Any:
        if text is None:
            return None
        try:
            value = read(text, cursor)
            if FIRST_YEAR <= value.year <= LAST_YEAR:
                return value
        except (ValueError, OverflowError):
            pass  # a year that Python cannot say
        past = text.endswith("BC") or text.startswith(("-", "0001"))
        bound = first if past else last
        logger.warning("The database holds %s, which is read as %s.", text, bound)
        return bound

    return read_or_bound
