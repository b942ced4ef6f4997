"""Opening hours by the store's own clock, in Python and in SQL alike."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from stores.hours import (
    coming_holidays,
    hours_on,
    is_open,
    open_from,
    opening_note,
    today_hours,
    week_hours,
)
from stores.models import Store
from stores.services.stores import HolidayInput, set_hours
from tests.factories import make_store

pytestmark = pytest.mark.django_db
T = dt.time


def at(text: str, zone: str = "Asia/Shanghai") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def is_listed(store: Store, moment: dt.datetime) -> bool:
    return Store.objects.open_at(moment).filter(pk=store.pk).exists()


def judge(store: Store, moment: dt.datetime) -> bool | None:
    """What the page says; the SQL filter must say the same."""
    said = is_open(store, moment)
    assert is_listed(store, moment) == bool(said), f"page and filter differ at {moment}"
    return said


def test_open_between_its_times_and_closed_at_the_closing_minute() -> None:
    store = make_store(always_open=False)
    set_hours(store=store, hours=[(0, T(10), T(22))])
    assert judge(store, at("2026-06-01 09:59")) is False  # a Monday
    assert judge(store, at("2026-06-01 10:00")) is True
    assert judge(store, at("2026-06-01 21:59")) is True
    assert judge(store, at("2026-06-01 22:00")) is False
    assert judge(store, at("2026-06-02 12:00")) is False  # Tuesday has no hours


def test_split_shift_is_closed_in_the_afternoon_gap() -> None:
    store = make_store(always_open=False)
    set_hours(store=store, hours=[(0, T(11), T(14)), (0, T(17), T(21))])
    assert judge(store, at("2026-06-01 13:30")) is True
    assert judge(store, at("2026-06-01 15:00")) is False
    assert judge(store, at("2026-06-01 18:00")) is True


def test_a_span_past_midnight_belongs_to_the_evening_before() -> None:
    store = make_store(always_open=False)
    set_hours(store=store, hours=[(4, T(18), T(2))])  # Friday night
    assert judge(store, at("2026-06-05 17:59")) is False
    assert judge(store, at("2026-06-05 23:30")) is True
    assert judge(store, at("2026-06-06 01:59")) is True
    assert judge(store, at("2026-06-06 02:00")) is False
    assert judge(store, at("2026-06-05 01:00")) is False  # Thursday night is closed


def test_round_the_clock_has_no_gap_at_midnight() -> None:
    store = make_store()
    for text in ("2026-06-01 00:00", "2026-06-01 12:00", "2026-06-01 23:59:59"):
        assert judge(store, at(text)) is True
    assert today_hours(store, at("2026-06-01 12:00")).spans[0].all_day


def test_a_holiday_replaces_the_week_and_its_night() -> None:
    store = make_store(always_open=False)
    set_hours(
        store=store,
        hours=[(day, T(10), T(2)) for day in range(7)],
        holidays=[
            HolidayInput(dt.date(2026, 6, 3), note_en="Dragon Boat"),
            HolidayInput(dt.date(2026, 6, 4), T(12), T(15)),
            HolidayInput(dt.date(2026, 6, 4), T(18), T(20)),
        ],
    )
    assert judge(store, at("2026-06-03 01:00")) is True  # still Tuesday's night
    assert judge(store, at("2026-06-03 12:00")) is False
    assert judge(store, at("2026-06-04 01:00")) is False  # a closed day has no night
    assert judge(store, at("2026-06-04 11:00")) is False
    assert judge(store, at("2026-06-04 13:00")) is True
    assert judge(store, at("2026-06-04 16:00")) is False
    assert judge(store, at("2026-06-04 19:00")) is True
    assert judge(store, at("2026-06-05 01:00")) is False
    assert hours_on(store, dt.date(2026, 6, 3)).note == "Dragon Boat"
    assert hours_on(store, dt.date(2026, 6, 3)).is_holiday


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    store = make_store(always_open=False)
    assert judge(store, at("2026-06-01 12:00")) is None
    assert not today_hours(store, at("2026-06-01 12:00")).known


def test_every_store_is_judged_by_its_own_clock() -> None:
    shanghai = make_store(always_open=False)
    london = make_store(always_open=False, time_zone="Europe/London")
    for store in (shanghai, london):
        set_hours(store=store, hours=[(day, T(9), T(18)) for day in range(7)])
    noon_in_shanghai = at("2026-06-01 12:00")
    assert judge(shanghai, noon_in_shanghai) is True
    assert judge(london, noon_in_shanghai) is False  # 05:00 there


def test_summer_time_moves_the_opening_moment_and_not_the_clock_on_the_door() -> None:
    store = make_store(always_open=False, time_zone="Europe/London")
    set_hours(store=store, hours=[(day, T(9), T(17)) for day in range(7)])
    # London changes on 29 March 2026: the doors open at 09:00 UTC before, at 08:00 UTC after.
    assert judge(store, at("2026-03-28 08:30", "UTC")) is False
    assert judge(store, at("2026-03-28 09:00", "UTC")) is True
    assert judge(store, at("2026-03-30 08:00", "UTC")) is True
    assert judge(store, at("2026-03-30 16:00", "UTC")) is False
    # A night shift over the lost hour, and over the doubled one in October.
    set_hours(store=store, hours=[(day, T(22), T(3)) for day in range(7)])
    assert judge(store, at("2026-03-29 00:30", "UTC")) is True
    assert judge(store, at("2026-03-29 02:00", "UTC")) is False  # 03:00 summer time
    assert judge(store, at("2026-10-25 01:30", "UTC")) is True  # 01:30, the second time
    assert judge(store, at("2026-10-25 03:00", "UTC")) is False


def test_page_and_filter_agree_on_random_stores_and_moments() -> None:
    dice = random.Random(47)
    zones = ["Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/London"]
    stores = []
    for _ in range(12):
        store = make_store(always_open=False, time_zone=dice.choice(zones))
        spans = {(dice.randrange(7), T(dice.randrange(24), dice.choice((0, 30)))) for _ in range(8)}
        days = {dt.date(2026, 10, dice.randrange(20, 31)) for _ in range(3)}
        set_hours(
            store=store,
            hours=[(day, opens, T(dice.randrange(24))) for day, opens in spans],
            holidays=[
                HolidayInput(day)
                if dice.random() < 0.5
                else HolidayInput(day, T(dice.randrange(24)), T(dice.randrange(24)))
                for day in days
            ],
        )
        stores.append(store)
    start = at("2026-10-19 00:00", "UTC")
    for _ in range(60):
        moment = start + dt.timedelta(minutes=dice.randrange(14 * 24 * 60))
        listed = set(Store.objects.open_at(moment).values_list("pk", flat=True))
        for store in stores:
            assert (store.pk in listed) == bool(is_open(store, moment)), (store.pk, moment)


def test_the_week_starts_with_the_stores_today() -> None:
    store = make_store(time_zone="America/New_York")
    week = week_hours(store, at("2026-06-02 01:00", "UTC"))  # still Monday evening there
    assert [day.day.weekday() for day in week] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("moment", "note"),
    [
        ("2026-06-01 09:00", "opens at 11:00"),  # a Monday
        ("2026-06-01 11:00", "closes at 14:00"),
        ("2026-06-01 15:00", "opens at 17:00"),
        ("2026-06-01 22:00", "opens tomorrow at 17:00"),
        ("2026-06-03 01:30", "closes at 02:00"),
        ("2026-06-03 02:00", "opens on Friday at 12:00"),
        ("2026-06-05 13:00", "closes at 20:00"),
    ],
)
def test_when_the_state_changes_is_told(moment: str, note: str) -> None:
    store = make_store(always_open=False)
    set_hours(
        store=store,
        hours=[
            *((0, T(11), T(14)), (0, T(17), T(21))),
            (1, T(17), T(2)),  # Tuesday night
            *((4, T(12), T(16)), (4, T(16), T(20))),
        ],
    )
    assert opening_note(store, at(moment)) == note


def test_what_never_changes_or_is_unknown_has_no_note() -> None:
    assert opening_note(make_store(), at("2026-06-01 12:00")) == ""
    assert opening_note(make_store(always_open=False), at("2026-06-01 12:00")) == ""


def test_a_holiday_moves_the_next_opening() -> None:
    store = make_store(always_open=False)
    set_hours(
        store=store,
        hours=[(day, T(9), T(18)) for day in range(7)],
        holidays=[HolidayInput(dt.date(2026, 6, 2)), HolidayInput(dt.date(2026, 6, 3))],
    )
    assert opening_note(store, at("2026-06-01 20:00")) == "opens on Thursday at 09:00"


def test_holidays_after_the_week_are_told_for_two_months() -> None:
    store = make_store(always_open=False)
    days = [dt.date(2026, 6, 3), dt.date(2026, 6, 10), dt.date(2026, 7, 1), dt.date(2026, 10, 1)]
    set_hours(
        store=store,
        hours=[(0, T(9), T(18))],
        holidays=[HolidayInput(day, note_en="Feast") for day in days],
    )
    shown = coming_holidays(store, at("2026-06-01 12:00"))
    assert [(day.day, day.text, day.note) for day in shown] == [
        (day, "Closed", "Feast") for day in days[1:3]
    ]


def test_what_is_ready_at_night_is_ready_when_the_store_opens() -> None:
    store = make_store(always_open=False)
    set_hours(store=store, hours=[(0, T(10), T(14)), (0, T(17), T(22)), (2, T(9), T(18))])
    told = {
        "2026-06-01 03:00": "2026-06-01 10:00",  # a Monday, before it opens
        "2026-06-01 12:00": "2026-06-01 12:00",
        "2026-06-01 15:00": "2026-06-01 17:00",  # between its two spans
        "2026-06-01 22:00": "2026-06-03 09:00",  # Tuesday has no hours
        "2026-06-03 18:00": "2026-06-08 10:00",
    }
    assert {text: open_from(store, at(text)) for text in told} == {
        text: at(ready) for text, ready in told.items()
    }
    unknown = make_store(always_open=False)
    assert open_from(unknown, at("2026-06-01 03:00")) == at("2026-06-01 03:00")
