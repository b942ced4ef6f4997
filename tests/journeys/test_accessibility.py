"""The signed-in customer's screens (tools/screenshots/screens.py), judged by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.person import PHONE, Person
from tests.journeys.axe import cast_of, judge_all, share_of, stage_of
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from tools.screenshots.screens import CUSTOMER

HALF = len(CUSTOMER) // 2
PARTS = {"buying": CUSTOMER[:HALF], "owning": CUSTOMER[HALF:]}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("part", PARTS)
def test_the_screens_of_customers(
    visitor: Callable[..., Person], drain: Callable[..., int], language: str, part: str
) -> None:
    town = build(language)
    cast = cast_of(town)
    places = stage_of(town, cast)
    drain()
    problems: list[str] = []
    for role in ("newcomer", "customer"):
        screens = [screen for screen in share_of(PARTS[part], language) if screen.who == role]
        if screens:
            person = visitor(language=language, width=PHONE)
            sign_in(person, getattr(cast, role))
            problems += judge_all(person, screens, places)
    assert not problems, "\n".join(problems)
