"""Walking to a screen in a browser: the address, then the steps. Shared with the browser tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.screenshots.screens import Screen, Step

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEND = "form => { form.noValidate = true; form.requestSubmit(); }"


def walk(page: Page, screen: Screen, places: dict[str, str], language: str) -> int:
    """Open the screen; returns the status of its address."""
    path = fill(screen.path, places)
    if screen.html is not None:
        text = screen.html[language]
        page.route(
            f"**{path}",
            lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"),
        )
    answer = page.goto(path)
    for step in screen.steps:
        _take(page, step, places)
    return answer.status if answer else 0


def fill(text: str, places: dict[str, str]) -> str:
    """Put the stage's ids into the braces."""
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _take(page: Page, step: Step, places: dict[str, str]) -> None:
    target = page.locator(step.at)
    if step.act == "fill":
        target.first.fill(fill(step.text, places))
    elif step.act == "press":
        target.first.press(step.text)
    elif step.act == "send":
        with page.expect_navigation():
            target.first.evaluate(SEND)
    elif step.act == "see":
        target.first.wait_for()
    else:
        shown = target.filter(visible=True)
        if shown.count():
            shown.first.click()
