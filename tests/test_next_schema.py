"""A release serves on the schema of the next one: web processes of both run while one takes over.

Two proofs. The tables may only gain (an operation that takes away or asks for more than the older
code writes is refused by name), and the older release's own tests of a sale pass on a copy of a
database that has this release's schema.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AlterField,
    AlterModelTable,
    AlterUniqueTogether,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
)
from django.db.models import NOT_PROVIDED

from tests.databases import address, manage

ROOT = Path(settings.BASE_DIR)
PREVIOUS = "db0798521ef2c08ff25c0f349592ff48b8f099de"
"""The release before this one; moved on by whoever publishes one (docs/operations.md)."""
ITS_SALES = (
    "tests/orders/test_place.py",
    "tests/vouchers/test_redeem.py",
    "tests/vouchers/test_refund.py",
)
NEVER_WRITTEN = {
    # In place of one on line and source alone: who keeps to that keeps to this.
    "order_discount_once_per_funder",
    # A gift that nobody gave has its own reason; it names both or neither only from this release on.
    "grant_given_or_claimed",
}
"""Constraints on tables of the release before that refuse nothing it writes, each with the reason."""
TAKES_AWAY = (
    RemoveField,
    RenameField,
    RenameModel,
    DeleteModel,
    AlterModelTable,
    AlterUniqueTogether,
)


def migrations_of_the_previous_release() -> set[tuple[str, str]]:
    listed = git("ls-tree", "-r", "--name-only", PREVIOUS).splitlines()
    paths = [Path(line) for line in listed if "/migrations/0" in line]
    return {(path.parts[-3], path.stem) for path in paths}


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(
            f"the history does not hold the release before, {PREVIOUS}: {done.stderr.strip()}"
        )
    return done.stdout


def newer() -> dict[tuple[str, str], Any]:
    """The migrations since then. An app that was not there yet has no older code that minds."""
    known = migrations_of_the_previous_release()
    apps = {app for app, _name in known}
    migrations = MigrationLoader(None).disk_migrations
    return {key: each for key, each in migrations.items() if key[0] in apps and key not in known}


def hinders(operation: Any) -> str:
    """What the code before could no longer do after ``operation``; "" when nothing."""
    if isinstance(operation, TAKES_AWAY):
        return "takes away what the release before reads"
    if isinstance(operation, AddField):
        return "" if _writes_itself(operation.field) else "asks for a column that nobody writes yet"
    if isinstance(operation, AlterField) and not operation.field.null:
        return "" if _writes_itself(operation.field) else "may refuse what was written so far"
    if isinstance(operation, AddConstraint) and operation.constraint.name not in NEVER_WRITTEN:
        return "refuses what the release before may write"
    return ""


def _writes_itself(field: models.Field[Any, Any]) -> bool:
    return field.many_to_many or field.null or field.db_default is not NOT_PROVIDED


@pytest.mark.parametrize(
    ("operation", "refused"),
    [
        (AddField("voucher", "colour", models.CharField(max_length=8)), True),
        (AddField("voucher", "colour", models.CharField(max_length=8, null=True)), False),
        (AddField("voucher", "colour", models.CharField(max_length=8, db_default="")), False),
        (RemoveField("voucher", "code"), True),
        (RenameField("voucher", "code", "number"), True),
        (DeleteModel("voucher"), True),
    ],
    ids=lambda value: str(value) if isinstance(value, bool) else type(value).__name__,
)
def test_what_takes_away_is_told_from_what_adds(operation: Any, refused: bool) -> None:
    assert bool(hinders(operation)) is refused


def test_tables_only_gain_until_nobody_runs_the_release_before() -> None:
    found = [
        f"{'.'.join(key)}: {operation.describe()} {reason}"
        for key, migration in newer().items()
        for operation in migration.operations
        if (reason := hinders(operation))
    ]
    assert found == []


@pytest.fixture
def older_tree(tmp_path: Path) -> Path:
    archive = tmp_path / "previous.tar"
    git("archive", f"--output={archive}", PREVIOUS)
    tree = tmp_path / "previous"
    with tarfile.open(archive) as packed:
        packed.extractall(tree, filter="data")
    archive.unlink()
    return tree


@pytest.fixture
def copy_of_the_schema(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of a database with the tables of this release; dropped afterwards."""
    with django_db_blocker.unblock():
        ours = connection.settings_dict["NAME"]
        name = f"{ours.removeprefix('test_')}_next"
        connection.close()
        manage(
            f'DROP DATABASE IF EXISTS "test_{name}"',
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{ours}'",
            f'CREATE DATABASE "test_{name}" TEMPLATE "{ours}"',
        )
        yield name
        manage(f'DROP DATABASE "test_{name}" WITH (FORCE)')


def test_the_release_before_sells_redeems_and_refunds_on_this_schema(
    older_tree: Path, copy_of_the_schema: str
) -> None:
    """With its own code and its own tests; only the tables are ours."""
    shutil.copytree(ROOT / "locale", older_tree / "locale", dirs_exist_ok=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    env |= {
        "O2O_MODE": "test",
        "DATABASE_URL": address(copy_of_the_schema),
        "DATA_DIR": str(older_tree / ".data"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--reuse-db", "-p", "no:xdist", *ITS_SALES],
        cwd=older_tree,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
