"""A sweep over everything that is due: it goes on after a bad item, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from kernel.watch.services import try_each

Result = TypeVar("Result")

BATCH = 500


def sweep(
    due: QuerySet[Any],
    action: Callable[[int], Result],
    *,
    by: str,
    kind: str,
    noun: str,
    limit: int,
) -> list[Result]:
    """Run ``action`` with the primary key of at most ``limit`` rows of ``due``, lowest ``by`` first.

    Returns the results of the good ones. One that raises is reported as an incident of ``kind``
    about "NOUN:KEY"; the sweep goes on behind it, and also behind a whole page of such, for it
    moves on by (``by``, primary key) and never asks for the first rows again. ``action`` opens
    its own transaction.
    """
    return try_each(_keys(due, by, limit), action, kind=kind, subject=lambda key: f"{noun}:{key}")


def _keys(due: QuerySet[Any], by: str, limit: int) -> Iterator[int]:
    left, behind = limit, Q()
    while left > 0:
        rows = due.filter(behind).order_by(by, "pk").values_list(by, "pk")
        page = list(rows[: min(left, BATCH)])
        yield from (key for _value, key in page)
        left -= len(page)
        if len(page) < BATCH:
            return
        value, key = page[-1]
        behind = Q(**{f"{by}__gt": value}) | Q(**{by: value, "pk__gt": key})
