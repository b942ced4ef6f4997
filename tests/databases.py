"""Whole databases of the tests' server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import psycopg2
from django.db import connection


def manage(*statements: str) -> None:
    """Statements about whole databases: from another one, outside of a transaction."""
    _run(statements)


def ask(question: str) -> list[tuple[Any, ...]]:
    """What the server's catalogue answers."""
    return _run([question])


def address(name: str) -> str:
    """The database ``name`` of this server, as libpq takes it."""
    config = connection.settings_dict
    host = quote(config.get("HOST") or "", safe="")
    person = quote(config.get("USER") or "", safe="")
    if config.get("PASSWORD"):
        person += f":{quote(config['PASSWORD'], safe='')}"
    return f"postgresql://{person}@{host}:{config.get('PORT') or ''}/{quote(name, safe='')}"


def _run(statements: Any) -> list[tuple[Any, ...]]:
    params = connection.get_connection_params()
    params["dbname"] = "postgres"
    for own in ("cursor_factory", "context"):
        params.pop(own, None)
    link = psycopg2.connect(**params)
    link.autocommit = True
    rows: list[tuple[Any, ...]] = []
    try:
        with link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
    finally:
        link.close()
    return rows
