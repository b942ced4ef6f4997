"""The days of festivals, 2025–2035, the Chinese ones of the lunar calendar among them.

Lunar days are a table: they follow from the moon over Beijing, and no rule of the solar calendar says
them (GB/T 33661-2017). The day that is named is the festival itself, not the days off around it, which
the state council decides anew each year.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 2025, 2035

_FIXED = {
    "new-year": (1, 1),
    "valentines-day": (2, 14),
    "womens-day": (3, 8),
    "labour-day": (5, 1),
    "childrens-day": (6, 1),
    "national-day": (10, 1),
    "christmas": (12, 25),
}
_SUNDAYS = {"mothers-day": (5, 2), "fathers-day": (6, 3)}
"""Month, and which Sunday of it."""
_TABLES = {
    "spring-festival": "0129 0217 0206 0126 0213 0203 0123 0211 0131 0219 0208",
    "lantern-festival": "0212 0303 0220 0209 0227 0217 0206 0225 0214 0305 0222",
    "qingming": "0404 0405 0405 0404 0404 0405 0405 0404 0404 0405 0405",
    "dragon-boat": "0531 0619 0609 0528 0616 0605 0624 0612 0601 0620 0610",
    "qixi": "0829 0819 0808 0826 0816 0805 0824 0812 0801 0820 0810",
    "mid-autumn": "1006 0925 0915 1003 0922 0912 1001 0919 0908 0927 0916",
    "double-ninth": "1029 1018 1008 1026 1016 1005 1024 1012 1001 1020 1009",
}
"""Month and day of each year from FIRST_YEAR on."""
FESTIVALS = (*_FIXED, *_SUNDAYS, *_TABLES)


class FestivalDay(NamedTuple):
    """A festival on its day."""

    code: str
    day: dt.date


def festival_day(code: str, year: int) -> dt.date | None:
    """The day of a festival in a year; None for a year that the table does not have, or no festival."""
    if code in _FIXED:
        return dt.date(year, *_FIXED[code])
    if code in _SUNDAYS:
        month, which = _SUNDAYS[code]
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
    if code not in _TABLES or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    text = _TABLES[code].split()[year - FIRST_YEAR]
    return dt.date(year, int(text[:2]), int(text[2:]))


def next_day(code: str, today: dt.date) -> dt.date | None:
    """The next day of a festival, ``today`` included; None where the table has ended."""
    days = (festival_day(code, year) for year in (today.year, today.year + 1))
    return next((day for day in days if day is not None and day >= today), None)


def next_festivals(today: dt.date, *, within_days: int) -> list[FestivalDay]:
    """The festivals of the coming days, the next one first."""
    last = today + dt.timedelta(days=within_days)
    found = ((code, next_day(code, today)) for code in FESTIVALS)
    coming = [FestivalDay(code, day) for code, day in found if day is not None and day <= last]
    return sorted(coming, key=lambda festival: (festival.day, festival.code))
