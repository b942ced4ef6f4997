"""What an upgrade from the release 70a7ad2 takes: the time behind the maintenance page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from insights.services.audit import find_violations
from tools.bench.judge import Judge
from tools.bench.older_shop import make_older_shop

VOUCHERS = 1_000_000
SECONDS = 60
NAME = "o2o_upgrade"


@contextmanager
def own_database(name: str) -> Iterator[None]:
    """The connection leads to an empty database of its own, which is dropped afterwards."""
    before = connection.settings_dict["NAME"]
    _statement(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _statement(f"CREATE DATABASE {name} TEMPLATE template0")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        _statement(f"DROP DATABASE {name} WITH (FORCE)")


def _statement(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def measure(judge: Judge) -> None:
    """Fill an older shop, upgrade it by `migrate`, and let the audit look at every row."""
    with own_database(NAME):
        make_older_shop(VOUCHERS)
        begun = time.monotonic()
        call_command("migrate", verbosity=0)
        seconds = time.monotonic() - begun
        clean = not find_violations()
    judge.at_most(f"upgrade of {VOUCHERS:,} vouchers", seconds, "{:.0f} s", SECONDS)
    judge.must("audit of the upgraded shop", clean, "clean" if clean else "NOT CLEAN")
