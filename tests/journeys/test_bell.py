"""A merchant's phone rings at a sale: the count, the title, what is said aloud, and the sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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


def sell(town: Any) -> None:
    make_voucher(owner=make_user(), product=town.soup)
    drain()


def look_again(page: Any) -> None:
    """As when the page comes to the front again: it asks at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
