"""A lock for what has no row of its own yet."""

from __future__ import annotations

from django.db import connection


def lock_name(name: str) -> None:
    """Wait for whoever holds ``name``, and hold it until the transaction ends (docs/locking.md)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
