"""Pages do not wait for ever; a pooler gets only what it can keep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from psycopg2 import connect
from psycopg2.errors import LockNotAvailable

from kernel.db.patience import bound_waiting
from o2o.embedded.paths import PROJECT_ROOT

SHOW = """
import json
{first}
from django.conf import settings
d = settings.DATABASES["default"]
print(json.dumps([d["OPTIONS"], d["CONN_MAX_AGE"], d["DISABLE_SERVER_SIDE_CURSORS"]]))
"""


def web(**env: str) -> list[Any]:
    """What the web asks of the database, in a process of its own."""
    return shown("import o2o.wsgi", **env)


def shown(first: str, **env: str) -> list[Any]:
    result = subprocess.run(
        [sys.executable, "-c", SHOW.replace("{first}", first)],
        cwd=PROJECT_ROOT,
        env=dict(os.environ) | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout.splitlines()[-1])


def test_the_web_bounds_its_waiting_and_other_programs_do_not() -> None:
    options, age, without_cursors = web()
    assert "lock_timeout=10s" in options["options"]
    assert "statement_timeout=30s" in options["options"]
    assert (age, without_cursors) == (600, False)
    # In a process of its own too: a live server of this run has loaded the web here.
    options, _age, _without_cursors = shown(
        "import o2o.settings", DJANGO_SETTINGS_MODULE="o2o.settings"
    )
    assert "options" not in options


def test_behind_a_pooler_nothing_is_asked_that_it_cannot_keep() -> None:
    options, age, without_cursors = web(DATABASE_POOLED="1", CONN_MAX_AGE="0")
    assert options == {"connect_timeout": 5}
    assert (age, without_cursors) == (0, True)


def test_what_the_address_says_has_the_last_word() -> None:
    database: dict[str, Any] = {"OPTIONS": {"options": "-c lock_timeout=3s"}}
    bound_waiting(database, pooled=False)
    assert database["OPTIONS"]["options"].endswith(" -c lock_timeout=3s")


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_somebody_keeps_is_given_up() -> None:
    chosen = settings.DATABASES["default"]
    login = {"dbname": chosen["NAME"], "user": chosen["USER"], "host": chosen["HOST"]}
    database: dict[str, Any] = {"OPTIONS": {"options": "-c lock_timeout=50ms"}}
    bound_waiting(database, pooled=False)
    first, second = connect(**login), connect(**login, **database["OPTIONS"])
    try:
        with first.cursor() as holder, second.cursor() as waiter:
            holder.execute("SELECT pg_advisory_xact_lock(4711)")
            with pytest.raises(LockNotAvailable):
                waiter.execute("SELECT pg_advisory_xact_lock(4711)")
    finally:
        first.close()
        second.close()
