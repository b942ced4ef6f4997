"""Which rules of stock do not hold now, asked inside a test's own transaction."""

from __future__ import annotations

from django.db import connection

from insights.invariants_stock import STOCK


def broken() -> set[str]:
    """The codes of the invariants that some row breaks; a healthy shop has none."""
    found = set()
    with connection.cursor() as cursor:
        for invariant in STOCK:
            cursor.execute(invariant.sql)
            if cursor.fetchall():
                found.add(invariant.code)
    return found
