"""Tables that are kept month by month: a partition each, made ahead and dropped whole.

Such a table is partitioned by its column ``month`` (the first day of the month, UTC) and has a default
partition, so that a row whose month nobody has made is kept all the same. Taking a month away costs
the same whatever it holds, and leaves no holes behind.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

_NAME = re.compile(r"_(\d{4})(\d{2})$")
# Whoever waits for a whole table keeps every writer behind it waiting, orders and payments among them.
_BRIEFLY = "SET LOCAL lock_timeout = '2s'"


def month_of(moment: dt.datetime) -> dt.date:
    """The first day of the month (UTC) that a row of this moment is kept under."""
    return moment.astimezone(dt.UTC).date().replace(day=1)


def month_after(month: dt.date, count: int = 1) -> dt.date:
    """The first day of the month that comes ``count`` months later (or earlier, below zero)."""
    index = month.year * 12 + month.month - 1 + count
    return dt.date(index // 12, index % 12 + 1, 1)


def months_around(moment: dt.datetime, *, back: int, ahead: int) -> list[dt.date]:
    """The months from ``back`` before that of ``moment`` to ``ahead`` behind it."""
    month = month_of(moment)
    return [month_after(month, count) for count in range(-back, ahead + 1)]


def make_months(table: str, months: Iterable[dt.date]) -> list[dt.date]:
    """Make the partitions that are missing, and return their months; safe to repeat.

    Rows that lie in the default partition move into theirs. Each month is a transaction of its own
    that keeps writers of the default partition out for as long as the move takes.
    """
    missing = [month for month in months if not _is_there(_partition(table, month))]
    for month in missing:
        with transaction.atomic(), connection.cursor() as cursor:
            _make(cursor, table, month)
    return missing


def drop_months(table: str, *, before: dt.date) -> list[dt.date]:
    """Take away every month that begins before ``before``; return those that had a partition.

    Raises OperationalError where somebody reads so long that writers would wait: the next night tries again.
    """
    dropped = [month for month in kept_months(table) if month < before]
    for month in dropped:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BRIEFLY)
            cursor.execute(f'DROP TABLE IF EXISTS "{_partition(table, month)}"')
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}_default" WHERE month < %s', [before])  # noqa: S608 - a table of ours
    return dropped


def kept_months(table: str) -> list[dt.date]:
    """The months that have a partition, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits"
            " JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass",
            [table],
        )
        names = [_NAME.search(name) for (name,) in cursor.fetchall()]
    return sorted(dt.date(int(found[1]), int(found[2]), 1) for found in names if found)


def _partition(table: str, month: dt.date) -> str:
    return f"{table}_{month:%Y%m}"


def _is_there(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])


def _make(cursor: Any, table: str, month: dt.date) -> None:
    name, rest = _partition(table, month), f"{table}_default"
    cursor.execute(_BRIEFLY)
    # Two sweeps at once: the second one waits here, and finds the partition made.
    cursor.execute(f'LOCK TABLE "{rest}" IN ACCESS EXCLUSIVE MODE')
    if _is_there(name):
        return
    cursor.execute(
        f'CREATE TABLE "{name}" (LIKE "{table}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)'
    )
    cursor.execute(
        f'WITH moved AS (DELETE FROM "{rest}" WHERE month = %s RETURNING *)'  # noqa: S608 - tables of ours
        f' INSERT INTO "{name}" SELECT * FROM moved',
        [month],
    )
    cursor.execute(
        f'ALTER TABLE "{table}" ATTACH PARTITION "{name}" FOR VALUES FROM (%s) TO (%s)',
        [month, month_after(month)],
    )
