"""Every screen before axe: three widths, both themes. One load per screen and language.

The page is judged by all rules once and, for each other look, by the rules whose answer a look can
change: contrast and the size of targets. Sideways scrolling is looked for at every width.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Error, Page

from members.models import User
from o2o.screenshots.screens import Screen
from o2o.screenshots.stage import Cast, set_stage
from o2o.screenshots.walk import walk
from tests.browser.person import Person
from tests.factories import make_user
from tests.journeys.town import Town

WIDTHS = (360, 768, 1280)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOK_RULES = ["color-contrast", "target-size"]
TALLEST = 5000
AXE = """async (rules) => {
  // Colours fade when the theme changes: judge what they have become.
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
  await frame();
  const all = {rules: {"target-size": {enabled: true}}};
  const some = {runOnly: {type: "rule", values: rules}};
  const found = await axe.run(document, {
    resultTypes: ["violations"], preload: false, ...(rules.length ? some : all)});
  return found.violations.map(({id, nodes}) =>
    `${id}: ` + nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEIGHT = "() => document.documentElement.scrollHeight"


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


def sign_in(person: Person, user: User) -> None:
    """Come with the session cookie of somebody who logged in before."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    person.context.add_cookies(
        [{"name": "sessionid", "value": cookie.value, "url": person.address}]
    )


def judge_all(person: Person, screens: Iterable[Screen], places: dict[str, str]) -> list[str]:
    """Walk to each screen and judge it; what cannot be reached is a problem too."""
    problems: list[str] = []
    for screen in screens:
        person.expect_status(screen.status)
        _size(person.page, WIDTHS[0])
        try:
            status = walk(person.page, screen, places, person.language)
        except Error as error:
            problems.append(f"{screen.name}: {str(error).splitlines()[0]}")
            continue
        if status != screen.status:
            problems.append(f"{screen.name}: answered {status}")
            continue
        problems += [f"{screen.name} {line}" for line in judge(person.page)]
    return problems


def judge(page: Page) -> list[str]:
    """What axe finds on the open page in all six looks, and sideways scrolling."""
    page.evaluate(AXE_SCRIPT)
    found: list[str] = []
    rules: list[str] = []
    for width, theme in product(WIDTHS, THEMES):
        page.emulate_media(color_scheme=theme)
        if theme == THEMES[0]:
            _size(page, width)
            if (excess := page.evaluate(SIDEWAYS)) > 0:
                found.append(f"at {width}: {excess} pixels to the side")
        found += [f"at {width}, {theme}: {line}" for line in page.evaluate(AXE, rules)]
        rules = LOOK_RULES
    return found


def _size(page: Page, width: int) -> None:
    """As tall as the page: what is half under a sticky bar would count as a small target."""
    page.set_viewport_size({"width": width, "height": 740})
    height = min(TALLEST, max(740, page.evaluate(HEIGHT)))
    page.set_viewport_size({"width": width, "height": height})
