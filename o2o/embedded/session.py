"""Servers for one command or one test run: start what is not running, stop it when nobody needs it."""

import atexit
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from o2o.embedded import urls
from o2o.embedded.environment import hear_only_ours
from o2o.embedded.errors import LaunchError
from o2o.embedded.locks import FileLock, is_held
from o2o.embedded.paths import PROJECT_ROOT, data_dir
from o2o.embedded.postgres import EmbeddedPostgres
from o2o.embedded.valkey import EmbeddedValkey

Server = EmbeddedPostgres | EmbeddedValkey
# Held shared by everybody who uses the servers, so that the last user can tell that it is the last.
USERS_LOCK = "users.lock"
# Held exclusively by the demo for as long as it runs.
DEMO_LOCK = "demo.lock"
TESTS_LOCK = "tests.lock"


def embedded_servers(*, fast: bool = False) -> list[Server]:
    """The servers the environment leaves to us: none of those that DATABASE_URL or REDIS_URL name."""
    servers: list[Server] = []
    if urls.database_is_embedded():
        servers.append(EmbeddedPostgres(fast=fast))
    if urls.redis_is_embedded():
        servers.append(EmbeddedValkey())
    return servers


@contextmanager
def running() -> Iterator[None]:
    """Have PostgreSQL and Valkey running for one command.

    Starts what is not running; at the end the last command out stops the servers. Does nothing while
    the demo of this DATA_DIR runs: the servers are its own.
    """
    servers = embedded_servers()
    if not servers or is_held(data_dir() / DEMO_LOCK):
        yield
        return
    users = FileLock(data_dir() / USERS_LOCK)
    try:
        users.acquire(shared=True, wait=True)
        for server in servers:
            server.start(dies_with_us=False)
        yield
    finally:
        if users.acquire() and not is_held(data_dir() / DEMO_LOCK):
            for server in reversed(servers):
                server.stop()
        users.release()


def start_for_tests(*, fast: bool = True) -> None:
    """Start the servers of a test run and stop them at its end; for the top of tests/conftest.py.

    Must be called before Django's settings are read: DATA_DIR becomes `.data/test` unless it is set.
    The workers of pytest-xdist share what their controller started. `fast` gives up fsync; tests that
    crash the database start one of their own: `EmbeddedPostgres(folder).start()`.
    Raises LaunchError when another test run uses the same DATA_DIR.
    """
    hear_only_ours()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return
    os.environ.setdefault("DATA_DIR", str(PROJECT_ROOT / ".data" / "test"))
    lock = FileLock(data_dir() / TESTS_LOCK)
    if not lock.acquire():
        message = f"Another test run uses {data_dir()}; wait for it or set another DATA_DIR."
        raise LaunchError(message)
    subprocess.run(
        [sys.executable, "-m", "o2o.embedded.translations"], cwd=PROJECT_ROOT, check=True
    )
    servers = embedded_servers(fast=fast)
    users = FileLock(data_dir() / USERS_LOCK)
    users.acquire(shared=True, wait=True)

    def stop() -> None:
        for server in reversed(servers):
            server.stop()
        users.release()
        lock.release()

    atexit.register(stop)
    for server in servers:
        server.start()
