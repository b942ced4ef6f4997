"""Text twice as large loses nothing, and who asked for less motion sees none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests.browser.person import DESK, Person
from tests.forms import LONG
from tests.journeys.axe import SIDEWAYS, cast_of, stage_of
from tests.journeys.steps import sign_in
from tests.journeys.town import build
from tools.screenshots.screens import CONSOLE, CUSTOMER, SHOP, Screen
from tools.screenshots.walk import walk

# A browser's own setting, so that breakpoints in rem move along; a text of 16 pixels has 32.
LARGE = {"fontSizes": {"standard": 32, "fixed": 26}}
WIDTHS = (1280, 640)
KEY_SCREENS = {
    "home", "list", "list-nothing", "product", "stores", "store", "login-refused", "basket",
    "checkout", "cashier", "pay-paid", "wallet", "voucher", "refund-ask", "order-waiting", "me",
    "console-scan", "console-preview", "console-refused", "console-redeemed", "console-today",
}  # fmt: skip
# Lines of text that lie on one another, and text that its box cuts off. Titles that end in an
# ellipsis are meant to; bars that stay while the page scrolls lie over it on purpose.
LOSSES = """() => {
  const words = (element) => element.textContent.trim().slice(0, 40);
  const floats = (element) => {
    for (let part = element; part; part = part.parentElement) {
      const {position, visibility, display, clipPath} = getComputedStyle(part);
      if (clipPath !== "none" || part.offsetWidth <= 1) return true;  // for ears only
      if (position === "fixed" || position === "sticky" || visibility === "hidden") return true;
      if (part.matches("details:not([open]) > :not(summary), dialog:not([open])")) return true;
      if (part.matches(".visually-hidden, .skip, [hidden]") || display === "none") return true;
    }
    return false;
  };
  const endOf = (element) => {  // the lines of a title behind its ellipsis are not drawn
    for (let part = element; part; part = part.parentElement) {
      if (getComputedStyle(part).webkitLineClamp !== "none") return part.getBoundingClientRect().bottom;
    }
    return Infinity;
  };
  const lines = [], losses = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!node.textContent.trim() || floats(box)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const shown = endOf(box);
    for (const rect of range.getClientRects()) {
      if (rect.width > 2 && rect.bottom <= shown + 2) lines.push({rect, box});
    }
    for (let part = box; part && part !== document.body; part = part.parentElement) {
      const style = getComputedStyle(part);
      const scrolls = [style.overflowX, style.overflowY].some((how) => how === "auto" || how === "scroll");
      if (scrolls || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") break;
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const frame = part.getBoundingClientRect(), text = range.getBoundingClientRect();
      if (text.right > frame.right + 2 || text.bottom > frame.bottom + 2 || text.left < frame.left - 2) {
        losses.push(`cut off: ${words(box)}`);
      }
    }
  }
  lines.forEach((one, index) => {
    for (const other of lines.slice(index + 1)) {
      if (one.box === other.box || one.box.contains(other.box) || other.box.contains(one.box)) continue;
      const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const down = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      const low = Math.min(one.rect.height, other.rect.height);
      if (across > 4 && down > low / 2) losses.push(`on one another: ${words(one.box)} / ${words(other.box)}`);
    }
  });
  return [...new Set(losses)].slice(0, 5);
}"""
MOVING = """() => document.getAnimations().filter((animation) => animation.playState === "running")
  .map((animation) => animation.effect.target.outerHTML.slice(0, 120))"""


# A width is judged when the page has been drawn in it; a browser with nothing new to draw may not say so.
DRAWN = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
  setTimeout(done, 3000);
})"""


def ask(page: Page, script: str) -> Any:
    """Evaluate on the page that a click is still on its way to, not on the one it leaves."""
    for _attempt in range(3):
        page.wait_for_load_state()
        try:
            return page.evaluate(script)
        except Error as error:
            if "context was destroyed" not in error.message:
                raise
    return page.evaluate(script)


def look(page: Page) -> list[str]:
    """What is lost on the open page at each width."""
    ask(page, DRAWN)
    found = [f"moves: {html}" for html in ask(page, MOVING)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        ask(page, DRAWN)
        if (excess := ask(page, SIDEWAYS)) > 0:
            found.append(f"at {width}: {excess} pixels to the side")
        found += [f"at {width}: {loss}" for loss in ask(page, LOSSES)]
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"] if LONG else ["en"])
def test_twice_the_text_and_no_motion(visitor: Callable[..., Person], language: str) -> None:
    town = build(language)
    cast = cast_of(town)
    places = stage_of(town, cast)
    screens: list[Screen] = [
        screen for screen in (*SHOP, *CUSTOMER, *CONSOLE) if screen.name in KEY_SCREENS
    ]
    assert {screen.name for screen in screens} == KEY_SCREENS
    problems: list[str] = []
    for role in ("guest", "customer", "clerk"):
        person = visitor(language=language, width=DESK)
        person.expect_status(404, 409)  # a code that is no voucher's
        if role != "guest":
            sign_in(person, getattr(cast, role))
        person.context.new_cdp_session(person.page).send("Page.setFontSizes", LARGE)
        for screen in (screen for screen in screens if screen.who == role):
            walk(person.page, screen, places, language)
            problems += [f"{screen.name} {line}" for line in look(person.page)]
    assert not problems, "\n".join(problems)
