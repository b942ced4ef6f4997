"""A store as schema.org data: the facts of its page, for search engines and maps."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.urls import reverse

from kernel.http.seo.public import absolute
from kernel.http.seo.structured import Thing, rating, thing
from stores.hours import DayHours, Span, hours_on, week_hours
from stores.models import Store

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAST_MINUTE = dt.time(23, 59)


def store_address(store: Store) -> str:
    """The address of the store's page, and what it is called by in the data."""
    return absolute(reverse("store_detail", args=[store.pk]))


def store_data(store: Store, *, kind: str, moment: dt.datetime) -> Thing:
    """The store of a page: needs merchant, city and hours joined (`store_for_page`)."""
    here = store_address(store)
    return thing(
        kind,
        **{"@id": f"{here}#store"},
        name=store.name,
        url=here,
        image=absolute(store.picture.url) if store.picture else None,
        telephone=store.phone,
        address=_postal(store),
        geo=thing("GeoCoordinates", latitude=store.latitude, longitude=store.longitude),
        openingHoursSpecification=_week(store, moment),
        specialOpeningHoursSpecification=_special(store, moment),
        aggregateRating=rating(store.rating, store.rating_count),
        parentOrganization=thing("Organization", name=store.merchant.name),
    )


def _postal(store: Store) -> Thing:
    return thing(
        "PostalAddress",
        streetAddress=store.address,
        addressLocality=store.city.name,
        addressRegion=store.district,
        postalCode=store.postcode,
        addressCountry=store.city.country,
    )


def _week(store: Store, moment: dt.datetime) -> list[Thing]:
    """Spans with the weekdays that share them; holidays are told apart, as on the page."""
    days: dict[Span, list[str]] = defaultdict(list)
    for weekday, name in enumerate(DAYS):
        for span in hours_on(store, _plain_day(store, moment, weekday)).spans:
            days[span].append(name)
    return [
        thing("OpeningHoursSpecification", dayOfWeek=names, **_times(span))
        for span, names in sorted(days.items(), key=lambda item: DAYS.index(item[1][0]))
    ]


def _plain_day(store: Store, moment: dt.datetime, weekday: int) -> dt.date:
    """The next such weekday without a holiday; a year of them has none only by mistake."""
    today = store.local_day(moment)
    first = today + dt.timedelta(days=(weekday - today.weekday()) % 7)
    coming = (first + dt.timedelta(weeks=week) for week in range(52))
    return next((day for day in coming if not hours_on(store, day).is_holiday), first)


def _special(store: Store, moment: dt.datetime) -> list[Thing]:
    """The holidays among the seven days that the page shows."""
    found: list[Thing] = []
    for day in week_hours(store, moment):
        if day.is_holiday:
            found += _holiday(day)
    return found


def _holiday(day: DayHours) -> list[Thing]:
    period = {"validFrom": day.day.isoformat(), "validThrough": day.day.isoformat()}
    # Closed is written as a day that opens and closes at the same moment.
    closed = {"opens": "00:00", "closes": "00:00"}
    times = [_times(span) for span in day.spans] or [closed]
    return [thing("OpeningHoursSpecification", **period, **span) for span in times]


def _times(span: Span) -> dict[str, str]:
    closes = LAST_MINUTE if span.all_day else span.closes
    return {"opens": f"{span.opens:%H:%M}", "closes": f"{closes:%H:%M}"}
