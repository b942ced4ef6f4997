"""Take the guards away, to show that without them the race does its damage.

A guard is a row lock, a compare-and-set or a constraint (docs/locking.md). Locks and
compare-and-sets are taken out of the SQL on its way to the database, whoever wrote it:
``FOR UPDATE`` is cut off, and ``state = 'active'`` becomes ``(state = 'active' OR TRUE)``.
Between the read and the write of an unguarded operation the threads wait for each other, so
that the damage is certain and not a matter of luck.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from tests.races.together import PATIENCE_SECONDS, Job, together

ROW_LOCK = re.compile(
    r"\s+FOR (?:NO KEY )?UPDATE(?: OF \"?\w+\"?(?:, \"?\w+\"?)*)?(?: SKIP LOCKED| NOWAIT)?"
)
_OPERAND = r"(?:%s|'[^']*'|\([^()]*\)|[\w.\"]+)"
_COMPARISON = rf"(?:(?:=|<=|>=|<|>) {_OPERAND}|IN \([^()]*\)|IS (?:NOT )?NULL)"


class CompareAndSet(NamedTuple):
    """UPDATEs of ``table``, whose conditions on ``columns`` decide who won."""

    table: str
    columns: tuple[str, ...]

    def writes(self, sql: str) -> bool:
        return re.search(rf'UPDATE "?{self.table}"? SET ', sql) is not None

    def taken_out(self, sql: str) -> str:
        """The same statement, which now wins whatever the row says."""
        if not self.columns or not self.writes(sql):
            return sql
        update = sql.index("UPDATE")
        head, where, rest = sql[update:].partition(" WHERE ")
        columns = "|".join(self.columns)
        condition = rf'(?:"?{self.table}"?\.)?"?\b(?:{columns})\b"? {_COMPARISON}'
        return sql[:update] + head + where + re.sub(condition, r"(\g<0> OR TRUE)", rest)


def compare_and_set(model: type[Model], *fields: str) -> CompareAndSet:
    """The guard that is made of conditions on ``fields``; none: only wait before the UPDATE."""
    columns = tuple(model._meta.get_field(field).column for field in fields)
    return CompareAndSet(model._meta.db_table, columns)


# Who waits for whom --------------------------------------------------------------------


def meeting(
    jobs: Sequence[Job], *guards: CompareAndSet, before: str = "", locks: bool = False
) -> list[Any]:
    """Run the jobs without ``guards`` (and without locks); nobody writes before all have read.

    They meet before their first UPDATE of a guarded table, or before the first statement
    that contains ``before``.
    """
    barrier = threading.Barrier(len(jobs))
    pause = _once_a_thread(lambda: barrier.wait(PATIENCE_SECONDS))
    return together(jobs, wrapper=_Unguarded(guards, pause, before, locks))


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

    wrapper = _Unguarded(guards, _once_a_thread(pause))
    first, second = together([late_one, other_one], wrapper=wrapper)
    return first, second


def _once_a_thread(pause: Callable[[], object]) -> Callable[[], None]:
    done = threading.local()

    def once() -> None:
        if not getattr(done, "yes", False):
            done.yes = True
            pause()

    return once


# The guards ----------------------------------------------------------------------------


class _Unguarded:
    """An execute wrapper of a database connection: no row locks, no compare-and-set."""

    def __init__(
        self,
        guards: Sequence[CompareAndSet],
        pause: Callable[[], None],
        before: str = "",
        locks: bool = False,
    ) -> None:
        self.guards, self.pause, self.before, self.locks = guards, pause, before, locks

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.locks:
            sql = ROW_LOCK.sub("", sql)
        if self.before:
            if self.before in sql:
                self.pause()
        elif any(guard.writes(sql) for guard in self.guards):
            self.pause()
        for guard in self.guards:
            sql = guard.taken_out(sql)
        return execute(sql, params, many, context)


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
