"""The screens that everybody may open, judged by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.person import PHONE, Person
from tests.journeys.axe import cast_of, judge_all, share_of, stage_of
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from tools.screenshots.screens import SHOP


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_screens_of_the_shop(visitor: Callable[..., Person], language: str) -> None:
    town = build(language)
    cast = cast_of(town)
    places = stage_of(town, cast)
    problems: list[str] = []
    for role in ("guest", "customer"):
        person = visitor(language=language, width=PHONE)
        if role != "guest":
            sign_in(person, getattr(cast, role))
        screens = [screen for screen in share_of(SHOP, language) if screen.who == role]
        problems += judge_all(person, screens, places)
    assert not problems, "\n".join(problems)
