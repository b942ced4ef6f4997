"""The question about counting visits, on the front page: it fits, axe has no complaint, a keyboard answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.browser.person import DESK, PHONE, Person
from tests.journeys.axe import AXE, SIDEWAYS, as_tall_as_the_page
from tests.journeys.town import build

TABS = 60
"""More than the front page has before its end."""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_front_page_asks_once(
    visitor: Callable[..., Person], language: str, width: int
) -> None:
    build(language)
    person = visitor(language=language, width=width)
    person.open("/")
    page, bar = person.page, person.page.locator(".consent")
    expect(bar).to_be_visible()
    assert page.evaluate(SIDEWAYS) <= 0
    as_tall_as_the_page(page, width)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(AXE, []) == []
    yes, no = bar.get_by_role("button").all()
    assert yes.bounding_box()["height"] == no.bounding_box()["height"] >= 44  # type: ignore[index]
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if no.evaluate("button => button === document.activeElement"):
            break
    else:
        pytest.fail("the keyboard does not reach the answer")
    page.keyboard.press("Enter")
    expect(bar).to_have_count(0)
    assert person.path == "/"
    person.open("/")
    expect(bar).to_have_count(0)
