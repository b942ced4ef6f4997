"""Axe on every screen: all rules in one look, then what another look can change. One load per screen.

`make test` judges each screen once, its neighbours in the list each in another way: in English on a
phone in the light, in Chinese at a desk in the dark. `make looks` judges them all: three widths, two
themes, each language. Sideways scrolling is looked for at every width (in short: on a phone and in
the look that is judged), and English words broken for want of room on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Literal, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

from tests.browser.person import Person
from tests.factories import make_user
from tests.forms import LONG
from tests.journeys.town import Town
from tools.screenshots.screens import Screen
from tools.screenshots.stage import Cast, set_stage
from tools.screenshots.walk import walk

Theme = Literal["light", "dark"]


class Look(NamedTuple):
    """A width in CSS pixels, a theme, and the rules to ask; none stands for all."""

    width: int
    theme: Theme
    rules: tuple[str, ...] = ()


WIDTHS = (360, 768, 1280)
THEMES: tuple[Theme, ...] = ("light", "dark")
BY_LOOK = ("color-contrast", "target-size")
"""The rules whose answer a look can change."""
OTHERS = [Look(width, theme, BY_LOOK) for width, theme in product(WIDTHS, THEMES)][1:]
LOOKS = {"en": Look(360, "light"), "zh-hans": Look(1280, "dark")}
"""What `make test` asks, all rules, of every second screen each."""
HEIGHT, TALLEST = 740, 5000
AXE = """async (rules) => {
  // Colours fade when the theme changes: judge what they have become.
  // A browser that has nothing new to draw may never call back, and some motion never ends.
  const soon = (promise) => Promise.race([promise, new Promise(done => setTimeout(done, 3000))]);
  const frame = () => soon(new Promise(requestAnimationFrame));
  await frame();
  await soon(Promise.allSettled(document.getAnimations().map(animation => animation.finished)));
  await frame();
  const all = {rules: {"target-size": {enabled: true}}};
  const some = {runOnly: {type: "rule", values: rules}};
  const found = await axe.run(document, {
    resultTypes: ["violations"], preload: false, ...(rules.length ? some : all)});
  return found.violations.map(({id, nodes}) =>
    `${id}: ` + nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
}"""
# Words of letters alone that stand on two lines.
BROKEN = r"""() => {
  const broken = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const box = node.parentElement;
    if (!box.checkVisibility() || box.closest("script, style, .visually-hidden, svg")) continue;
    for (const word of node.textContent.matchAll(/(?<![\w@.\/-])[A-Za-z]{2,18}(?![\w@.\/-])/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(({bottom}) => Math.round(bottom)));
      if (lines.size > 1) broken.push(`${box.parentElement.className} > ${box.tagName}.${box.className}: ${word[0]}`);
    }
  }
  return broken.slice(0, 3);
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FULL_HEIGHT = "() => document.documentElement.scrollHeight"


def cast_of(town: Town) -> Cast:
    """The people of the town in their roles; the newcomer owns nothing."""
    return Cast(
        customer=town.customer,
        clerk=town.clerk,
        owner=town.owner,
        operator=town.operator,
        newcomer=make_user(display_name="New Here", language=town.customer.language),
    )


def stage_of(town: Town, cast: Cast) -> dict[str, str]:
    """Every state once, in the town."""
    return set_stage(cast, store=town.store, word="soup")


def share_of(screens: Sequence[Screen], language: str) -> Sequence[Screen]:
    """The screens that are judged in ``language``: all of them by `make looks`, else every second one."""
    return screens if LONG else screens[list(LOOKS).index(language) :: len(LOOKS)]


def judge_all(person: Person, screens: Iterable[Screen], places: dict[str, str]) -> list[str]:
    """Walk to each screen and judge it; what cannot be reached is a problem too."""
    problems: list[str] = []
    for screen in screens:
        person.expect_status(screen.status)
        person.page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        try:
            status = walk(person.page, screen, places, person.language)
        except Error as error:
            problems.append(f"{screen.name}: {str(error).splitlines()[0]}")
            continue
        if status != screen.status:
            problems.append(f"{screen.name}: answered {status}")
            continue
        problems += [f"{screen.name} {line}" for line in judge(person.page, person.language)]
    return problems


def judge(page: Page, language: str) -> list[str]:
    """What axe finds on the open page in its looks, and sideways scrolling."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = []
    looks = [Look(WIDTHS[0], THEMES[0]), *OTHERS] if LONG else [LOOKS[language]]
    for width in WIDTHS if LONG else sorted({WIDTHS[0], LOOKS[language].width}):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if (excess := page.evaluate(SIDEWAYS)) > 0:
            found.append(f"at {width}: {excess} pixels to the side")
        if width == WIDTHS[0] and language == "en":
            found += [
                f"at {width}, broken for want of room: {word}" for word in page.evaluate(BROKEN)
            ]
        here = [look for look in looks if look.width == width]
        if here:
            as_tall_as_the_page(page, width)
        for look in here:
            page.emulate_media(color_scheme=look.theme)
            broken = page.evaluate(AXE, look.rules)
            found += [f"at {width}, {look.theme}: {line}" for line in broken]
    page.emulate_media(color_scheme=THEMES[0])
    return found


def as_tall_as_the_page(page: Page, width: int) -> None:
    """What is half under a sticky bar would count as a small target."""
    height = min(TALLEST, max(HEIGHT, page.evaluate(FULL_HEIGHT)))
    page.set_viewport_size({"width": width, "height": height})
