"""A real Chromium before a real server: the fixtures of the journeys.

Playwright's event loop stays "running" in this thread from its start to its stop, and Django
refuses database work beside a running loop. So the browser lives as long as this folder's
tests and no longer, and only they may mix the two.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import find_chromium, launch_arguments
from tests.browser.person import Person

HERE = Path(__file__).parent
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
)
NO_BROWSER = "NO BROWSER, SO THE JOURNEYS DID NOT RUN: set CHROMIUM to the path of a Chromium."


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all journeys; without one they are skipped, in CI they fail."""
    program = find_chromium()
    if not program:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=[*launch_arguments(), *QUIET]
            )
            yield browser
            browser.close()


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """The site, its static files served as in production: a browser asks for each of them once.

    pytest-django's own server lets every page ask for all of its twenty files again.
    """
    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda application: application
    with override_settings(WHITENOISE_AUTOREFRESH=False, WHITENOISE_MAX_AGE=3600):
        server.start()
    yield server
    server.stop()


@pytest.fixture
def visitor(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Person]]:
    """Make people with a browser of their own: ``visitor(language="zh-hans", width=360)``.

    At the end none of them may have met an error of script or server, a breach of the content
    policy, or a request that left the site.
    """
    met: list[Person] = []

    def make(**how: Any) -> Person:
        person = Person(chromium, live_server.url, **how)
        met.append(person)
        return person

    yield make
    troubles = [trouble for person in met for trouble in person.troubles]
    for person in met:
        person.leave()
    assert not troubles, "\n".join(troubles)
