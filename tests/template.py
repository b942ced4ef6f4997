"""The tests' database: migrated once, and copied by each worker and by each later run.

A copy takes a moment where migrating takes half a minute. The migrated database bears a name made
of what the migrations say, so that a change in any of them makes another.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from o2o.embedded.binaries import client_program
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import data_dir
from tests.databases import address, ask, manage

PREFIX = "migrated_"


def copied(name: str) -> None:
    """A fresh copy of the migrated database takes the place of the one called ``name``."""
    with _alone():
        manage(
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{_migrated()}"',
        )


def fill(url: str) -> None:
    """Bring the migrated tables to an empty database of another server."""
    with _alone():
        tables = subprocess.run(
            [client_program("pg_dump"), "--no-owner", address(_migrated())],
            capture_output=True,
            check=True,
        )
    restore(tables.stdout, url)


def restore(dump: bytes, url: str) -> None:
    """Write what ``pg_dump`` wrote down into an empty database."""
    subprocess.run(
        [client_program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", url],
        input=dump,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _alone() -> FileLock:
    """A database that somebody else makes, copies or reads cannot be copied."""
    return FileLock(data_dir() / "template.lock")


def _migrated() -> str:
    """The name of the migrated database; whoever comes first makes it."""
    name = PREFIX + _fingerprint()
    there = [row[0] for row in ask("SELECT datname FROM pg_database")]
    if name not in there:
        older = [other for other in there if other.startswith(PREFIX)]
        manage(*(f'DROP DATABASE "{other}" WITH (FORCE)' for other in older))
        _make(name)
    return name


def _make(name: str) -> None:
    draft = f"{name}_draft"
    manage(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)', f'CREATE DATABASE "{draft}"')
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = draft
    try:
        call_command("migrate", verbosity=0, run_syncdb=True)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
    manage(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


def _fingerprint() -> str:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    migrations = loader.disk_migrations.values()
    packages = {type(migration).__module__.rpartition(".")[0] for migration in migrations}
    found = hashlib.sha256()
    for package in sorted(packages):
        for file in sorted(Path(str(sys.modules[package].__file__)).parent.glob("*.py")):
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]
