"""The API's page for people: it opens under the strict policy and lists what can be called."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.person import Person


def test_the_api_page_lists_the_calls(visitor: Callable[..., Person]) -> None:
    kim = visitor()
    kim.open("/api/docs/")
    expect(kim.page.locator(".opblock-summary-path", has_text="redemptions").first).to_be_visible()
    assert kim.page.locator(".opblock").count() >= 20
