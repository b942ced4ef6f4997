"""What of the campaigns' invariants does not hold."""

from __future__ import annotations

from django.db import connection

from insights.invariants_campaigns import CAMPAIGNS


def broken() -> list[str]:
    """The names of those that are broken."""
    with connection.cursor() as cursor:
        found = []
        for invariant in CAMPAIGNS:
            cursor.execute(invariant.sql)
            found += [invariant.code for _row in cursor.fetchall()]
    return found
