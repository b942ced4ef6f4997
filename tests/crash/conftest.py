"""Killed servers: a house of its own, durable PostgreSQL and Valkey with the tables of tests/template.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from o2o.embedded import EmbeddedPostgres, EmbeddedValkey
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import PROJECT_ROOT
from o2o.embedded.process import wait_until
from tests.template import fill

PATIENCE_SECONDS = 30
# What the test run itself uses, or a person has set, is not this house's business.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "PYTEST_XDIST_WORKER")


class House:
    """One DATA_DIR with its servers; everything else runs in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder, fast=False)
        self.valkey = EmbeddedValkey(folder)
        self.children: list[subprocess.Popen[str]] = []
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.env = kept | {
            "DATA_DIR": str(folder),
            "O2O_MODE": "test",
            "DJANGO_SETTINGS_MODULE": "tests.crash.settings",
            "CRASH_FOLDER": str(folder),
            "RATE_LIMITS": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(PROJECT_ROOT),
        }

    def log_of(self, number: int) -> Path:
        """What the house's ``number``-th process said on its error output."""
        return self.folder / "logs" / f"child-{number}.log"

    def start(self, *command: str, **env: str) -> subprocess.Popen[str]:
        """Start ``python …`` in the house; its words go to us, line by line."""
        with self.log_of(len(self.children)).open("w") as log:
            child = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT_ROOT,
                env=self.env | env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.children.append(child)
        return child

    def run(self, *command: str) -> str:
        """Run ``python …`` to its end and return what it said; anything but exit code 0 fails."""
        child = self.start(*command)
        said, _ = child.communicate(timeout=120)
        log = self.log_of(self.children.index(child)).read_text()
        assert child.returncode == 0, f"{command}: {said}\n{log[-4000:]}"
        return said

    def shop(self, *command: str) -> Any:
        """Run one command of tests/crash/shop.py; its last line is its answer, as JSON."""
        return json.loads(self.run("-m", "tests.crash.shop", *command).splitlines()[-1])

    def audit(self) -> str:
        """``manage.py audit``; exit code 0 means that every invariant holds."""
        return self.run("manage.py", "audit")

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself, as nobody's guest."""
        connection = psycopg2.connect(self.postgres.url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def pull_the_plug(self) -> None:
        """Kill the database with all its processes, as a power cut would."""
        server = self.postgres.pid
        assert server is not None
        family = _children_of(server)
        self.postgres.kill9()
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()


def _children_of(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@pytest.fixture(scope="session")
def _house(django_db_blocker: Any) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="o2o-crash-"))
    folder.chmod(0o711)  # the database's account must be able to enter
    house = House(folder)
    # Commands of manage.py stop the servers when they are the last to use them: we are here.
    users = FileLock(folder / "users.lock")
    try:
        house.postgres.start()
        house.valkey.start()
        users.acquire(shared=True, wait=True)
        with django_db_blocker.unblock():
            fill(house.postgres.url)
        yield house
    finally:
        house.close()
        house.valkey.stop()
        house.postgres.stop()
        users.release()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def house(_house: House) -> Iterator[House]:
    """The house with its servers running; processes a test leaves behind are ended."""
    _house.postgres.start()
    _house.valkey.start()
    yield _house
    _house.close()


@pytest.fixture
def eventually() -> Any:
    """Wait for something that another process does."""

    def wait(condition: Any, what: str) -> None:
        assert wait_until(condition, seconds=PATIENCE_SECONDS, poll_seconds=0.05), what

    return wait
