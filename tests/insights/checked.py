"""What the audit says of results, and a worker that has caught up."""

from __future__ import annotations

from typing import Any

from django.db import connection

from insights.invariants_results import RESULTS
from insights.services.keep import keep_results


def catch_up() -> None:
    """Twice: what was seen is settled by the second time."""
    keep_results()
    keep_results()


def broken() -> list[tuple[Any, ...]]:
    """Rows that break an invariant of results, with the invariant's code."""
    found = []
    with connection.cursor() as cursor:
        for invariant in RESULTS:
            cursor.execute(invariant.sql)
            found += [(invariant.code, *row) for row in cursor.fetchall()]
    return found
