"""SQL expressions of place and time that stores are found by."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models

TWICE_THE_GLOBE_METRES = 30_000_000.0


class Earth(models.Func):
    """A point on the globe, of two expressions or numbers: latitude and longitude."""

    function = "ll_to_earth"
    output_field = models.Field()


class Joined(models.Func):
    """Two expressions with an operator between them."""

    template = "(%(expressions)s)"


class Holds(Joined):
    """``cube @> point``: what the GiST index of positions answers."""

    arg_joiner = " @> "
    output_field = models.BooleanField()


class Chord(Joined):
    """``point <-> point``, straight through the globe: what the GiST index sorts by."""

    arg_joiner = " <-> "
    output_field = models.FloatField()


class Distance(models.Func):
    """Metres between two points, over the globe."""

    function = "earth_distance"
    output_field = models.FloatField()


def store_position() -> Earth:
    """The store's own point, as its index knows it."""
    return Earth("latitude", "longitude")


def local_day(moment: dt.datetime, *, days: int = 0) -> models.Func:
    """The calendar day at ``moment`` by the row's ``time_zone``, shifted by ``days``."""
    return _local(moment, f"((%(expressions)s)::date + {days:d})", models.DateField())


def local_clock(moment: dt.datetime) -> models.Func:
    """The time of day at ``moment`` by the row's ``time_zone``."""
    return _local(moment, "(%(expressions)s)::time", models.TimeField())


def weekday_of(day: Any) -> models.Func:
    """The weekday of a date, Monday is 0."""
    return models.Func(
        day,
        template="(extract(isodow from %(expressions)s)::int - 1)",
        output_field=models.IntegerField(),
    )


def _local(moment: dt.datetime, template: str, field: models.Field[Any, Any]) -> models.Func:
    local = models.Func(
        models.F("time_zone"),
        models.Value(moment, output_field=models.DateTimeField()),
        function="timezone",
        output_field=models.DateTimeField(),
    )
    return models.Func(local, template=template, output_field=field)
