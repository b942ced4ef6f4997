"""Tests run on the real PostgreSQL and the real Valkey, started here.

Settings are read after this file (pytest-django finds DJANGO_SETTINGS_MODULE set here, not in
pyproject.toml), so that DATA_DIR and O2O_MODE are decided first.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("O2O_MODE", "test")
os.environ["DJANGO_SETTINGS_MODULE"] = "o2o.settings"

from o2o.embedded import redis_url, start_for_tests

start_for_tests()

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone, translation

from tests.databases import manage
from tests.running import place, slowest_files

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# Quick on purpose; tests/members/test_passwords.py asks for the real one.
FAST_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings, so that pytest-django sets Django up.

    Each worker of pytest-xdist gets a cache of its own: clearing one must not empty another.
    What a module makes once for all of its tests is made with these settings, too.
    """
    assert django_settings.DATABASES
    django_settings.PASSWORD_HASHERS = FAST_HASHERS
    django_settings.RATE_LIMITS = False
    if WORKER:
        os.environ["REDIS_URL"] = redis_url(db=2 + 2 * int(WORKER.removeprefix("gw")))
        django_settings.CACHES["default"]["LOCATION"] = os.environ["REDIS_URL"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms stay together, those that take longest at the front; every worker sorts alike."""
    items.sort(key=place)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what took longest."""
    if lines := slowest_files(terminalreporter):
        terminalreporter.section("slowest files")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Generator[None, Any, Any]:
    """What a test logged may hold letters that are none; a report must be sendable all the same."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the migrated database for this worker; takes the place of pytest-django's own."""
    from tests.template import copied

    own = connection.settings_dict["NAME"]
    name = f"test_{own}_{WORKER}" if WORKER else f"test_{own}"
    with django_db_blocker.unblock():
        copied(name)
        connection.close()
        django_settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["NAME"] = own
        manage(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session", autouse=True)
def no_broker() -> None:
    """Waking a worker costs nothing: its messages stay in this process."""
    from o2o.celery import app

    app.conf.broker_url = "memory://"


@pytest.fixture(autouse=True)
def fresh_world(settings: Any, tmp_path: Path) -> Iterator[None]:
    """What every test starts from: empty cache, own media folder, English, no rate limits.

    A test of a limit says ``settings.RATE_LIMITS = True``.
    """
    from kernel.facts.batches import forget_all

    forget_all()
    settings.RATE_LIMITS = False
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.PASSWORD_HASHERS = FAST_HASHERS
    cache.clear()
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around those of a module's tests, for rows that are made once for all of them.

    Each test forgets what it did to them. The objects in memory are shared: hand out copies where
    tests change them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        with translation.override("en"):
            yield
        transaction.set_rollback(True)


@pytest.fixture
def drain() -> Callable[..., int]:
    """Handle the outbox as a worker does; a handler that fails, fails the test.

    ``drain()`` also handles events that are due later, because tests move the clock. Give
    ``early=False`` to respect due times, ``strict=False`` to look at failures yourself.
    """
    from kernel.outbox.models import Delivery, OutboxEvent
    from kernel.outbox.services import drain as drain_outbox

    def run(*, early: bool = True, strict: bool = True) -> int:
        if early:
            moment = timezone.now()
            OutboxEvent.objects.unexpanded().update(due_at=moment)
            Delivery.objects.waiting().update(due_at=moment)
        done = drain_outbox()
        if strict:
            unknown = OutboxEvent.objects.unexpanded().exclude(error="")
            failing = Delivery.objects.filter(done_at__isnull=True).exclude(error="")
            assert not [(event.topic, event.error) for event in unknown]
            assert not [(delivery.consumer, delivery.error) for delivery in failing]
        return done

    return run
