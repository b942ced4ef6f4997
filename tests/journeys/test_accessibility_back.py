"""The counter's, the back office's and the error screens, judged by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.person import PHONE, Person
from tests.factories import make_merchant
from tests.journeys.axe import cast_of, judge_all, share_of, stage_of
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from tools.screenshots.drawn import error_screens
from tools.screenshots.screens import CONSOLE, ERRORS, OFFICE


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("part", ["console", "office", "errors"])
def test_the_screens_behind_the_shop(
    visitor: Callable[..., Person], drain: Callable[..., int], language: str, part: str
) -> None:
    town = build(language)
    make_merchant(state="applied")
    cast = cast_of(town)
    places = stage_of(town, cast)
    drain()
    parts = {"console": CONSOLE, "office": OFFICE, "errors": (*ERRORS, *error_screens())}
    problems: list[str] = []
    for role in ("guest", "customer", "clerk", "owner", "operator"):
        screens = [screen for screen in share_of(parts[part], language) if screen.who == role]
        if screens:
            person = visitor(language=language, width=PHONE)
            person.expect_status(404, 409)  # codes that cannot be redeemed
            if role != "guest":
                sign_in(person, getattr(cast, role))
            problems += judge_all(person, screens, places)
    assert not problems, "\n".join(problems)
