"""The sections of /sitemap.xml (o2o/pages/sitemap.py): parts, each a slice of a table by primary key.

Django's own sitemaps count the table and skip rows to reach a part; here a part is a range
of ids, so the last part of a million rows costs what the first one costs. Addresses are given
without a language: every page names its languages itself (hreflang).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from django.db.models import QuerySet
from django.urls import reverse

PART_SIZE = 10_000


class Entry(NamedTuple):
    """A page: its address on this site, and when it changed (None: not known)."""

    address: str
    changed: dt.datetime | None = None


class Section(Protocol):
    """One kind of page. Parts are numbered from 1; a part without entries does not exist."""

    def numbers(self) -> list[int]:
        """The numbers of the parts that have entries."""

    def entries(self, number: int) -> list[Entry]:
        """The entries of one part, at most PART_SIZE."""


class ById(NamedTuple):
    """The rows of a table, part ``n`` the ids up to ``n`` × PART_SIZE.

    ``rows`` gives what the public may see, ``changed`` names the field with the time of the
    last change, ``route`` is the URL of one row. ``size`` is for tests.
    """

    rows: Callable[[], QuerySet[Any]]
    route: str
    changed: str
    size: int = PART_SIZE

    def numbers(self) -> list[int]:
        """One probe of the primary key per part."""
        found: list[int] = []
        ids = self.rows().order_by("pk").values_list("pk", flat=True)
        while (
            first := ids.filter(pk__gt=found[-1] * self.size if found else 0).first()
        ) is not None:
            found.append((first - 1) // self.size + 1)
        return found

    def entries(self, number: int) -> list[Entry]:
        """One range of the primary key."""
        last = number * self.size
        rows = self.rows().filter(pk__gt=last - self.size, pk__lte=last).order_by("pk")
        before, after = reverse(self.route, args=[0]).split("0", 1)
        return [
            Entry(f"{before}{pk}{after}", changed)
            for pk, changed in rows.values_list("pk", self.changed)
        ]


class Listed(NamedTuple):
    """A few addresses, in one part."""

    addresses: Callable[[], Iterable[Entry]]

    def numbers(self) -> list[int]:
        """Always one."""
        return [1]

    def entries(self, number: int) -> list[Entry]:
        """All of them."""
        return list(self.addresses())[:PART_SIZE] if number == 1 else []
