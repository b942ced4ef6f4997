"""Race tests commit for real; what they leave is deleted, which is quicker than TRUNCATE.

Emptying 60 tables makes hundreds of new files; these tests write a few rows each.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="module", autouse=True)
def deleted_afterwards() -> Iterator[None]:
    truncate = TransactionTestCase._fixture_teardown

    def tidy_up(case: TransactionTestCase) -> None:
        try:
            delete_all()
        except ProgrammingError:  # not our own server: only its owner may switch triggers off
            truncate(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", tidy_up)
        yield


def delete_all() -> None:
    """Delete every row of every table, whatever triggers and foreign keys say."""
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    probes = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(probes)
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f'DELETE FROM "{table}"')
