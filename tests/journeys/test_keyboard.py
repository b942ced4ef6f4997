"""Buying and redeeming with the keyboard alone; the focus can be seen at every step."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.factories import PASSWORD, make_voucher
from tests.journeys.town import build
from vouchers.models import Redemption, Voucher

MOST_STOPS = 80
# The focused element's text, and whether something around it tells the eye where it is.
STOP = """() => {
  const at = document.activeElement;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  let visible = outlined(getComputedStyle(at, "::after"));
  for (let part = at; part && part !== document.body; part = part.parentElement) {
    visible ||= outlined(getComputedStyle(part));
  }
  const box = at.getBoundingClientRect();
  return {
    body: at === document.body,
    name: (at.innerText || at.getAttribute("aria-label") || at.name || "").trim(),
    field: at.name || "",
    visible,
    onScreen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    html: at.outerHTML.slice(0, 120),
  };
}"""


def tab_to(person: Person, name: str = "", *, field: str = "") -> None:
    """Press Tab until the named control, or form field, has the focus."""
    for _stop in range(MOST_STOPS):
        person.page.keyboard.press("Tab")
        stop = person.page.evaluate(STOP)
        if stop["body"]:
            continue
        assert stop["visible"], f"no visible focus on {stop['html']}"
        assert stop["onScreen"], f"the focus is off the screen: {stop['html']}"
        if (name and stop["name"] == name) or (field and stop["field"] == field):
            return
    raise AssertionError(f"{name or field} was not reached with {MOST_STOPS} tabs")


def press(person: Person, name: str) -> None:
    """Tab to the control and press Enter; a page follows."""
    tab_to(person, name)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def log_in_by_keys(person: Person, identifier: str) -> None:
    tab_to(person, field="identifier")
    person.page.keyboard.type(identifier)
    tab_to(person, field="password")
    person.page.keyboard.type(PASSWORD)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def test_a_purchase_without_a_mouse(visitor: Callable[..., Person]) -> None:
    build()
    mei = visitor()
    mei.open("/")
    mei.page.keyboard.press("Tab")
    assert mei.page.evaluate(STOP)["name"] == "Skip to the content"
    press(mei, "Restaurants")
    press(mei, "Steamed dumplings for two")
    press(mei, "Buy now")
    log_in_by_keys(mei, "mei@example.com")
    press(mei, "Order and pay ¥68.00")
    press(mei, "Pay ¥68.00")
    mei.reads("Paid")
    press(mei, "Show my vouchers")
    press(mei, "Steamed dumplings for two")
    expect(mei.page.locator(".qr img")).to_be_visible()
    assert Voucher.objects.count() == 1


def test_a_redemption_without_a_mouse(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    lin = visitor()
    lin.open(f"/console/{town.store.pk}/")
    log_in_by_keys(lin, "clerk@example.com")
    expect(lin.page.locator("[data-scan-code]")).to_be_focused()
    lin.page.keyboard.type(voucher.code, delay=5)
    with lin.page.expect_navigation():
        lin.page.keyboard.press("Enter")
    press(lin, "Redeem")
    expect(lin.page.locator("[data-result=ok]")).to_be_focused()
    press(lin, "Undo")
    assert Redemption.objects.get().undone_at
    press(lin, "Next guest")
    expect(lin.page.locator("[data-scan-code]")).to_be_focused()
