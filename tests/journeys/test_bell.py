"""A merchant's phone rings at a sale: the count, the title, what is said aloud, and the sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from kernel.outbox.services import drain
from tests.browser.person import PHONE, Person
from tests.factories import make_user, make_voucher
from tests.journeys.steps import sign_in
from tests.journeys.town import build

# Tones that a page began, counted where the browser makes them.
COUNT_TONES = """
window.tones = 0;
const begin = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones += 1;
  return begin.apply(this, when);
};
"""

EDGE = (357, 300)
"""A point of the margin of a phone: a touch there leads nowhere."""


def test_a_sale_counts_and_rings_where_the_sound_is_on(visitor: Callable[..., Person]) -> None:
    town = build()
    person = visitor(width=PHONE)
    page = person.page
    page.add_init_script(COUNT_TONES)
    sign_in(person, town.owner)

    person.open("/inbox/preferences/")
    switch = page.get_by_role("button", name="Sound for new messages")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("window.tones === 2")  # it plays itself to be known again

    person.open("/console/")
    bell = page.locator("[data-bell]")
    expect(page.locator("[data-bell-count]")).to_be_hidden()
    page.locator("main").click()  # browsers ask for a touch
    sell(town)
    look_again(page)

    expect(bell).to_have_attribute("aria-label", "Inbox, 1 unread")
    expect(page.locator("[data-bell-said]")).to_have_text("Inbox, 1 unread")
    assert page.title().startswith("(1) ")
    page.wait_for_function("window.tones === 2")
    person.open("/admin/")
    expect(page.locator("[data-bell-count]")).to_have_text("1")
    assert page.evaluate("window.tones") == 0, "told once"


@pytest.mark.parametrize("path", ["/console/", "/admin/"])
def test_a_phone_rings_after_one_touch(visitor: Callable[..., Person], path: str) -> None:
    town = build()
    person = visitor(width=PHONE, touch=True)
    page = person.page
    page.add_init_script(COUNT_TONES + "localStorage.setItem('bell-sound', 'on');")
    sign_in(person, town.owner)
    person.open(path)
    # Whatever Playwright reads of a page counts as a gesture there: nothing is read before the touch.
    page.touchscreen.tap(*EDGE)
    sell(town)
    look_again(page)
    expect(page.locator("[data-bell-count]")).to_have_text("1")
    page.wait_for_function("window.tones === 2")


def sell(town: Any) -> None:
    make_voucher(owner=make_user(), product=town.soup)
    drain()


def look_again(page: Any) -> None:
    """As when the page comes to the front again: it asks at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
