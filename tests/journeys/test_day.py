"""The day of a store follows what happens elsewhere, and takes nothing from who works with the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import DESK, PHONE, Person
from tests.factories import make_user, make_voucher, redeem
from tests.journeys.axe import SIDEWAYS
from tests.journeys.steps import sign_in
from tests.journeys.town import Town, build

POLL = "00:16"


def redeem_elsewhere(town: Town) -> None:
    """Another person of the staff, on another device."""
    voucher = make_voucher(owner=make_user(), product=town.soup)
    redeem(voucher, store=town.store, staff=town.owner)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_redemption_elsewhere_appears_by_itself(
    visitor: Callable[..., Person], width: int
) -> None:
    town = build()
    redeem_elsewhere(town)
    person = visitor(width=width)
    person.page.clock.install()
    sign_in(person, town.owner)
    person.open(f"/console/{town.store.pk}/today/")
    rows = person.page.locator("#day .menu__item")
    expect(rows).to_have_count(1)

    first = rows.first.get_by_role("link").first
    first.focus()
    held = first.get_attribute("href")
    redeem_elsewhere(town)
    person.page.clock.fast_forward(POLL)
    expect(rows).to_have_count(2)
    focused = person.page.evaluate("document.activeElement.getAttribute('href')")
    assert focused == held, "the focus stays where it was"
    assert person.page.evaluate(SIDEWAYS) <= 0

    search = person.page.get_by_role("searchbox")
    search.focus()
    person.page.keyboard.type("so")
    redeem_elsewhere(town)
    person.page.clock.fast_forward(POLL)
    expect(rows).to_have_count(3)
    expect(search).to_have_value("so")
    expect(search).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    assert "q=so" in person.page.url
