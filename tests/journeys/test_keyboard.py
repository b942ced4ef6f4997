"""Buying, redeeming and refunding with the keyboard alone; the focus is seen and goes downwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.person import PHONE, Person
from tests.factories import PASSWORD, make_voucher
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from vouchers.models import Redemption, Voucher

MOST_STOPS = 80
SAME_ROW = 64
"""Pixels: what stands in one row may differ so much in height."""
# The focused element's text, and whether something around it tells the eye where it is.
STOP = """() => {
  const at = document.activeElement;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && !/, 0\\)$|transparent/.test(style.outlineColor);
  let visible = outlined(getComputedStyle(at, "::after"));
  let stays = false;
  for (let part = at; part && part !== document.body; part = part.parentElement) {
    const style = getComputedStyle(part);
    visible ||= outlined(style);
    stays ||= style.position === "fixed" || style.position === "sticky";
  }
  const box = at.getBoundingClientRect();
  return {
    body: at === document.body,
    name: (at.innerText || at.getAttribute("aria-label") || at.name || "").trim(),
    field: at.name || "",
    visible,
    stays,
    top: box.top + scrollY,
    inDialog: Boolean(at.closest("dialog[open]")),
    onScreen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    html: at.outerHTML.slice(0, 120),
  };
}"""


def stops(page: Page, most: int = MOST_STOPS) -> Iterator[dict[str, Any]]:
    """Press Tab again and again; every stop must be seen."""
    for _stop in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if not stop["body"]:
            assert stop["visible"], f"no visible focus on {stop['html']}"
            assert stop["onScreen"], f"the focus is off the screen: {stop['html']}"
        yield stop


def tab_to(person: Person, name: str = "", *, field: str = "") -> None:
    """Press Tab until the named control, or form field, has the focus."""
    for stop in stops(person.page):
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
    press(mei, "Restaurants")
    press(mei, "Steamed dumplings for two")
    press(mei, "Buy now")
    log_in_by_keys(mei, "mei@example.com")
    press(mei, "Order and pay ¥68")
    press(mei, "Pay ¥68")
    mei.reads("Paid")
    press(mei, "Show code")
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


def test_a_refund_without_a_mouse(visitor: Callable[..., Person]) -> None:
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    mei = visitor(width=PHONE)
    sign_in(mei, town.customer)
    mei.open(f"/vouchers/{voucher.pk}/")
    ask = mei.main.locator(f"a[href='/vouchers/{voucher.pk}/refund/']").first.inner_text()
    press(mei, ask.strip())
    press(mei, mei.word("Refund %(amount)s", amount="¥68"))
    voucher.refresh_from_db()
    assert voucher.state in {Voucher.State.REFUNDING, Voucher.State.REFUNDED}


def test_the_focus_goes_down_the_page(visitor: Callable[..., Person]) -> None:
    """On a phone, where everything stands in one column; bars that stay are left out."""
    town = build()
    voucher = make_voucher(owner=town.customer, product=town.dumplings)
    mei = visitor(width=PHONE)
    sign_in(mei, town.customer)
    jumps = []
    for path in (
        "/",
        "/products/",
        f"/products/{town.dumplings.pk}/",
        f"/stores/{town.store.pk}/",
        "/vouchers/",
        f"/vouchers/{voucher.pk}/",
        f"/vouchers/{voucher.pk}/refund/",
        "/account/settings/",
    ):
        mei.open(path)
        before, seen = {"top": 0.0, "html": ""}, 0
        for stop in stops(mei.page, 120):
            if stop["body"] or (seen and "skip" in stop["html"]):
                break  # round again
            if stop["stays"]:
                continue
            seen += 1
            if stop["top"] < before["top"] - SAME_ROW:
                jumps.append(f"{path}: up from {before['html']} to {stop['html']}")
            before = stop
        assert seen > 3, f"{path}: nothing to go through"
    assert not jumps, "\n".join(jumps)


def test_the_first_stop_skips_to_the_content(visitor: Callable[..., Person]) -> None:
    town = build()
    mei = visitor(width=PHONE)
    for path in ("/", "/products/", f"/products/{town.dumplings.pk}/", "/login/", "/help/"):
        mei.expect_status(404)
        mei.open(path)
        mei.page.keyboard.press("Tab")
        stop = mei.page.evaluate(STOP)
        assert stop["name"] == mei.word("Skip to the content"), f"{path}: {stop['html']}"
        assert stop["visible"]
        assert stop["onScreen"]
        mei.page.keyboard.press("Enter")
        expect(mei.page.locator("#main")).to_be_focused()
        follows = next(iter(stops(mei.page, 1)))
        inside = mei.page.evaluate(
            "() => document.querySelector('main').contains(document.activeElement)"
        )
        assert inside or follows["body"], f"{path}: then comes {follows['html']}"


def test_sheets_and_dialogs_hold_the_focus_and_give_it_back(
    visitor: Callable[..., Person],
) -> None:
    town = build()
    opened = 0
    for width in (PHONE, 1280):
        mei = visitor(width=width)
        for path in (
            "/",
            "/products/",
            f"/products/{town.dumplings.pk}/",
            f"/stores/{town.store.pk}/",
            "/styleguide/",
        ):
            mei.open(path)
            openers = mei.page.locator("[data-open]").filter(visible=True)
            for number in range(openers.count()):
                _open_and_close(mei.page, openers.nth(number), path)
                opened += 1
    assert opened, "there is no sheet anywhere, not even on the style guide"


def _open_and_close(page: Page, opener: Any, path: str) -> None:
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(1)
    assert page.evaluate(STOP)["inDialog"], f"{path}: the focus stayed outside"
    for stop in stops(page, 15):
        assert stop["inDialog"] or stop["body"], f"{path}: the focus left for {stop['html']}"
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()
