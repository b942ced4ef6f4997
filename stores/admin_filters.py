"""Filters of the admin's lists that several rooms share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateFilter

from kernel.bounds import read_day

Choices = Mapping[str, tuple[Any, Callable[[QuerySet[Any]], QuerySet[Any]]]]


class DayFilter(RangeDateFilter):  # type: ignore[misc]
    """From one day to another, both whole, in the shop's zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows between the midnights; a day that is none filters nothing."""
        first = _midnight(self.used_parameters.get(f"{self.parameter_name}_from"))
        last = _midnight(self.used_parameters.get(f"{self.parameter_name}_to"), days=1)
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": last})
        return queryset


def _midnight(text: Any, days: int = 0) -> dt.datetime | None:
    day = read_day(text)
    if day is None:
        return None
    whole = day + dt.timedelta(days=days)
    return dt.datetime.combine(whole, dt.time(), timezone.get_current_timezone())


class PickFilter(AutocompleteSelectFilter):  # type: ignore[misc]
    """A row of another list, looked up by name, under a heading that is that list's name alone."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The theme's one choice, its field relabelled."""
        for choice in super().choices(changelist):
            for field in choice["form"].fields.values():
                field.label = capfirst(str(self.title))
            yield choice


MERCHANT = ("merchant", PickFilter)
STORE = ("store", PickFilter)
CITY = ("city", PickFilter)


def choices(parameter: str, label: Any, options: Choices) -> type[admin.SimpleListFilter]:
    """A filter of our own conditions: value → (words, what to keep)."""

    class Filter(admin.SimpleListFilter):
        title = label
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [(value, words) for value, (words, _keep) in options.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            chosen = options.get(self.value() or "")
            return chosen[1](queryset) if chosen else queryset

    return Filter


def words(field: str, label: Any, options: Mapping[str, Any]) -> type[admin.SimpleListFilter]:
    """A filter by a code of ours that reads as words: stored value → words."""
    return choices(
        field,
        label,
        {value: (text, _equals(field, value)) for value, text in options.items()},
    )


def _equals(field: str, value: str) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    return lambda rows: rows.filter(**{field: value})
