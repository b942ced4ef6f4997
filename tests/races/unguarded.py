"""Take the guards away, to show that without them the race does its damage.

A guard is a row lock, a compare-and-set or a constraint (docs/locking.md). Between the read
and the write of an unguarded operation the threads wait for each other, so that the damage
is certain and not a matter of luck.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode

from tests.races.together import PATIENCE_SECONDS, Job, together

_update = QuerySet.update


class CompareAndSet(NamedTuple):
    """UPDATEs of ``model``, whose conditions on ``fields`` decide who won."""

    model: type[models.Model]
    fields: frozenset[str]


def compare_and_set(model: type[models.Model], *fields: str) -> CompareAndSet:
    return CompareAndSet(model, frozenset(fields))


# Who waits for whom --------------------------------------------------------------------


def meeting(jobs: list[Job], *guards: CompareAndSet) -> list[Any]:
    """Run the jobs without locks and ``guards``; nobody writes before everybody has read."""
    barrier = threading.Barrier(len(jobs))
    with unguarded(*guards, pause=_once_a_thread(lambda: barrier.wait(PATIENCE_SECONDS))):
        return together(jobs)


def overtaken(late: Job, meanwhile: Job, *guards: CompareAndSet) -> tuple[Any, Any]:
    """Run without locks and ``guards``: ``late`` reads, ``meanwhile`` runs whole, ``late`` writes."""
    has_read, may_write, here = threading.Event(), threading.Event(), threading.local()

    def pause() -> None:
        if getattr(here, "late", False):
            has_read.set()
            assert may_write.wait(PATIENCE_SECONDS)

    def late_one() -> Any:
        here.late = True
        return late()

    def other_one() -> Any:
        try:
            assert has_read.wait(PATIENCE_SECONDS), "the first one never came to its write"
            return meanwhile()
        finally:
            may_write.set()

    with unguarded(*guards, pause=_once_a_thread(pause)):
        first, second = together([late_one, other_one])
    return first, second


def _once_a_thread(pause: Callable[[], object]) -> Callable[[], None]:
    done = threading.local()

    def once() -> None:
        if not getattr(done, "yes", False):
            done.yes = True
            pause()

    return once


# The guards ----------------------------------------------------------------------------


@contextmanager
def unguarded(
    *guards: CompareAndSet, pause: Callable[[], None], locks: bool = False
) -> Iterator[None]:
    """No row locks (unless ``locks``), and UPDATEs of ``guards`` that win whatever the row says.

    ``pause`` is called before each such UPDATE.
    """
    blind = {guard.model: guard.fields for guard in guards}

    def update(queryset: QuerySet[Any], **values: Any) -> int:
        if queryset.model not in blind:
            return _update(queryset, **values)
        pause()
        return _update(_without(queryset, blind[queryset.model]), **values)

    with ExitStack() as stack:
        if not locks:
            stack.enter_context(patch.object(QuerySet, "select_for_update", _no_lock))
        stack.enter_context(patch.object(QuerySet, "update", update))
        yield


def _no_lock(queryset: QuerySet[Any], *args: Any, **options: Any) -> QuerySet[Any]:
    return queryset.all()


def _without(queryset: QuerySet[Any], fields: frozenset[str]) -> QuerySet[Any]:
    """The same rows, without the conditions on ``fields``."""
    queryset = queryset.all()
    where = queryset.query.where
    kept = [child for child in where.children if not fields & _named(child)]
    assert kept, "this UPDATE names no row"
    queryset.query.where = WhereNode(kept, where.connector)
    return queryset


def _named(condition: Any) -> set[str]:
    if isinstance(condition, WhereNode):
        return set().union(*map(_named, condition.children))
    return {condition.lhs.target.name}


@contextmanager
def without_constraint(table: str, name: str) -> Iterator[None]:
    """Drop a constraint or unique index of ``table``; at the end empty the table and restore it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = %s AND conrelid = %s::regclass",
            [name, table],
        )
        found = cursor.fetchone()
        if found:
            drop = f"ALTER TABLE {table} DROP CONSTRAINT {name}"
            restore = f"ALTER TABLE {table} ADD CONSTRAINT {name} {found[0]}"
        else:
            cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
            drop, restore = f"DROP INDEX {name}", cursor.fetchone()[0]
        cursor.execute(drop)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute(restore)

