"""Whole databases of the tests' server."""

from __future__ import annotations

import psycopg2
from django.db import connection


def manage(*statements: str) -> None:
    """Statements about whole databases: from another one, outside of a transaction."""
    params = connection.get_connection_params()
    params["dbname"] = "postgres"
    for own in ("cursor_factory", "context"):
        params.pop(own, None)
    link = psycopg2.connect(**params)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        link.close()
