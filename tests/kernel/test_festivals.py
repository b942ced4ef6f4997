"""The days of festivals, held against almanacs: 2025–2035."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.occasions import Occasion
from kernel.festivals import (
    FESTIVALS,
    FIRST_YEAR,
    LAST_YEAR,
    festival_day,
    next_day,
    next_festivals,
)

# The Hong Kong Observatory's tables of the two calendars.
NEW_YEARS = (
    *((2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26), (2029, 2, 13), (2030, 2, 3)),
    *((2031, 1, 23), (2032, 2, 11), (2033, 1, 31), (2034, 2, 19), (2035, 2, 8)),
)
MID_AUTUMNS = (
    *((2025, 10, 6), (2026, 9, 25), (2027, 9, 15), (2028, 10, 3), (2029, 9, 22), (2030, 9, 12)),
    *((2031, 10, 1), (2032, 9, 19), (2033, 9, 8), (2034, 9, 27), (2035, 9, 16)),
)
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)


@pytest.mark.parametrize(
    ("code", "days"), [("spring-festival", NEW_YEARS), ("mid-autumn", MID_AUTUMNS)]
)
def test_lunar_festivals_stand_on_their_days(
    code: str, days: tuple[tuple[int, int, int], ...]
) -> None:
    assert [festival_day(code, year) for year in YEARS] == [dt.date(*day) for day in days]


def test_the_moon_holds_them_together() -> None:
    """A lunar month has 29 or 30 days: what is said of one festival binds the others of its year."""
    for year in YEARS:
        day = {code: festival_day(code, year) for code in FESTIVALS}
        spring, lantern = day["spring-festival"], day["lantern-festival"]
        boat, qixi = day["dragon-boat"], day["qixi"]
        autumn, ninth = day["mid-autumn"], day["double-ninth"]
        assert spring and lantern and boat and qixi and autumn and ninth
        assert (lantern - spring).days == 14
        assert (autumn - qixi).days in (37, 38, 67)  # with a leap month between, one more
        assert (ninth - autumn).days in (23, 24, 53)
        assert (qixi - boat).days in (60, 61, 62, 90, 91)
        assert day["qingming"] in (dt.date(year, 4, 4), dt.date(year, 4, 5))


def test_days_of_the_week_follow_the_year() -> None:
    assert festival_day("mothers-day", 2026) == dt.date(2026, 5, 10)
    assert festival_day("fathers-day", 2026) == dt.date(2026, 6, 21)
    assert festival_day("national-day", 2030) == dt.date(2030, 10, 1)
    for year in YEARS:
        for code in ("mothers-day", "fathers-day"):
            day = festival_day(code, year)
            assert day is not None and day.weekday() == 6


def test_the_next_one_is_of_this_year_or_the_next() -> None:
    assert next_day("mid-autumn", dt.date(2026, 9, 25)) == dt.date(2026, 9, 25)
    assert next_day("mid-autumn", dt.date(2026, 9, 26)) == dt.date(2027, 9, 15)
    coming = next_festivals(dt.date(2026, 12, 20), within_days=20)
    assert [(one.code, one.day.day) for one in coming] == [("christmas", 25), ("new-year", 1)]
    assert next_day("spring-festival", dt.date(2036, 1, 1)) is None
    assert festival_day("no-festival", 2026) is None


def test_every_festival_is_an_occasion() -> None:
    assert set(FESTIVALS) < set(Occasion.values)
