"""Make and change stores, their hours and the cities they stand in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext, gettext_lazy

from kernel.bounds import field_problems
from kernel.errors import InvalidInput
from kernel.words import join_texts, vector_text
from stores.models import City, Merchant, Store, StoreHoliday, StoreHours
from stores.openings import follow_opening
from stores.phones import NOT_CALLABLE, callable_number
from stores.place_words import short_place
from stores.services.cities import judge_position

HoursSpan = tuple[int, dt.time, dt.time]
"""Weekday (Monday is 0), opens, closes."""
BATCH = 500
NAME_MISSING = gettext_lazy("Enter the name in at least one language.")
BOTH_TIMES_OR_NONE = gettext_lazy("Enter both times, or neither for a day that is closed.")


class HolidayInput(NamedTuple):
    """One span of a day that differs from the week; without times the day is closed."""

    date: dt.date
    opens: dt.time | None = None
    closes: dt.time | None = None
    note_en: str = ""
    note_zh: str = ""


@transaction.atomic
def create_store(
    *,
    merchant: Merchant,
    city: City,
    latitude: float,
    longitude: float,
    name_en: str = "",
    name_zh: str = "",
    time_zone: str | None = None,
    hours: Iterable[HoursSpan] = (),
    holidays: Iterable[HolidayInput] = (),
    **fields: Any,
) -> Store:
    """Make a store with its hours and its search words; ``time_zone`` defaults to the city's.

    ``fields``: external_code, address_en/zh, district_en/zh, postcode, phone, services, picture.
    Raises InvalidInput with the fields to mend.
    """
    store = Store(
        merchant=merchant,
        city=city,
        name_en=name_en,
        name_zh=name_zh,
        latitude=latitude,
        longitude=longitude,
        time_zone=time_zone or city.time_zone,
        **fields,
    )
    validate_store(store)
    store.search_vector = store_vector(store)
    store.save()
    set_hours(store=store, hours=hours, holidays=holidays)
    return store


@transaction.atomic
def update_store(*, store: Store, **fields: Any) -> Store:
    """Change the given fields and the search words; what is sold of it follows where it closes or opens.

    Locks the store before it looks whether it closes or opens: of two people at once the second one
    sees what the first has done. Raises InvalidInput with the fields to mend.
    """
    for name, value in fields.items():
        setattr(store, name, value)
    validate_store(store)
    store.search_vector = store_vector(store)
    locked = Store.objects.select_for_update(of=("self",), no_key=True).filter(pk=store.pk)
    before = locked.values_list("state", flat=True).first()
    store.save(update_fields=[*fields, "search_vector"])
    if "state" in fields and before != store.state:
        follow_opening(store)
    return store


def is_last_open(store: Store) -> bool:
    """Whether a store that is closed now leaves its merchant without any open one."""
    if store.state == Store.State.ACTIVE:
        return False
    others = Store.objects.filter(merchant=store.merchant_id, state=Store.State.ACTIVE)
    return not others.exists()


@transaction.atomic
def set_hours(
    *,
    store: Store,
    hours: Iterable[HoursSpan] | None = None,
    holidays: Iterable[HolidayInput] | None = None,
) -> None:
    """Replace the week and/or the holidays; None leaves that part as it is.

    Raises InvalidInput when a weekday is not 0–6, a day is out of bounds, a span stands twice,
    or a holiday has only one of its times.
    """
    if hours is not None:
        rows = [StoreHours(store=store, weekday=day, opens=a, closes=b) for day, a, b in hours]
        _refuse_rows("hours", rows)
        store.hours.all().delete()
        StoreHours.objects.bulk_create(rows)
    if holidays is not None:
        days = [StoreHoliday(store=store, **holiday._asdict()) for holiday in holidays]
        if any(half_given(day.opens, day.closes) for day in days):
            raise InvalidInput(fields={"holidays": [str(BOTH_TIMES_OR_NONE)]})
        _refuse_rows("holidays", days)
        store.holidays.all().delete()
        StoreHoliday.objects.bulk_create(days)
    store._prefetched_objects_cache = {}  # type: ignore[attr-defined]


def half_given(opens: dt.time | None, closes: dt.time | None) -> bool:
    """Whether a day has only one of its two times: it is neither open nor closed then."""
    return (opens is None) is not (closes is None)


def _refuse_rows(name: str, rows: Sequence[StoreHours | StoreHoliday]) -> None:
    """Raise InvalidInput for a row out of bounds, or two that begin at the same time."""
    for row in rows:
        if problems := field_problems(row):
            raise InvalidInput(fields={name: [why for whys in problems.values() for why in whys]})
    begun = [(getattr(row, "weekday", None), getattr(row, "date", None), row.opens) for row in rows]
    if len(set(begun)) < len(begun):
        raise InvalidInput(
            fields={name: [gettext("Two opening times on one day start at the same time.")]}
        )


def validate_store(store: Store) -> None:
    """Raise InvalidInput when a field is out of bounds, a name is missing or the place is 0, 0."""
    problems = field_problems(store, exclude=["picture", "search_vector"])
    if not store.name_en and not store.name_zh:
        problems.setdefault("name_en", [str(NAME_MISSING)])
    judge_position(store, problems)
    if problems:
        raise InvalidInput(fields=problems)


def judge_contact(*, phone: str = "", postcode: str = "") -> None:
    """Raise InvalidInput where nobody could call ``phone`` or no letter would reach ``postcode``.

    Asked where a person types them; "" is nothing to judge. An import keeps what its file says: a store
    is not left out because a spreadsheet has rounded its phone number.
    """
    problems: dict[str, list[str]] = {}
    if phone.strip() and not callable_number(phone):
        problems["phone"] = [str(NOT_CALLABLE)]
    if postcode.strip() and not any(char.isdigit() for char in postcode):
        problems["postcode"] = [gettext("Enter a postcode: it has digits.")]
    if problems:
        raise InvalidInput(fields=problems)


def index_stores(store_ids: Iterable[int]) -> int:
    """Write the search words of stores whose texts were changed elsewhere; return how many."""
    ids = list(store_ids)
    for start in range(0, len(ids), BATCH):
        batch = list(
            Store.objects.filter(pk__in=ids[start : start + BATCH]).select_related(
                "merchant", "city"
            )
        )
        for store in batch:
            store.search_vector = store_vector(store)
        Store.objects.bulk_update(batch, ["search_vector"])
    return len(ids)


def store_vector(store: Store) -> str:
    """The words a store is found by: its name, its brand, its district and address."""
    merchant, city = store.merchant, store.city
    places = (store.district_zh, city.name_zh)
    return vector_text(
        (join_texts((store.name_en, store.name_zh)), "A"),
        (join_texts((merchant.name_en, merchant.name_zh)), "B"),
        (join_texts((store.district_en, city.name_en, *places, *map(short_place, places))), "C"),
        (join_texts((store.address_en, store.address_zh)), "D"),
    )


def apply_store_rating(*, store_id: int, stars_delta: int, count_delta: int) -> None:
    """Add a review's stars to the roll-up (or take them back, with negative numbers)."""
    Store.objects.filter(pk=store_id).update(
        rating_sum=Greatest(F("rating_sum") + stars_delta, 0),
        rating_count=Greatest(F("rating_count") + count_delta, 0),
    )
