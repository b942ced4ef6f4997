"""The published invariants in one question that is planned once.

`find_violations` asks one after the other and has each planned: of tables with a few rows that is
nearly all of the time, and the machine asks after every step. The questions are the same, to the
letter; one statement sees one snapshot.
"""

from __future__ import annotations

from weakref import WeakSet

from django.db import connection

from insights.invariants import INVARIANTS

# These two ask the database what time it is; a history has a clock of its own.
BY_THE_WALL_CLOCK = ("orders_time_out", "outbox_moves")
_ASKED = " UNION ALL ".join(
    f"SELECT '{invariant.code}', subject::text, expected::text, actual::text"
    f" FROM ({invariant.sql}) broken (subject, expected, actual)"
    for invariant in INVARIANTS
    if invariant.code not in BY_THE_WALL_CLOCK
)
_knows: WeakSet[object] = WeakSet()


def broken_invariants() -> list[str]:
    """Each row that breaks one, in words."""
    connection.ensure_connection()
    with connection.cursor() as cursor:
        if connection.connection not in _knows:
            cursor.execute(f"PREPARE invariants_at_once AS {_ASKED}")
            _knows.add(connection.connection)
        cursor.execute("EXECUTE invariants_at_once")
        return [
            f"{code}: {subject}, {expected} ≠ {actual}"
            for code, subject, expected, actual in cursor.fetchall()
        ]
