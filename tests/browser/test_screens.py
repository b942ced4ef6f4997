"""No page is left out: what people can open is in the list of screens, so it is drawn and judged."""

from __future__ import annotations

import re

from django.urls import Resolver404, resolve

from tests.access.addresses import SITE
from tests.access.rules import RULES
from tools.screenshots.screens import NOT_DRAWN, SCREENS

BRACES = re.compile(r"\{\w+\}")


def names_opened() -> set[str]:
    """The URL names that some screen begins at, whatever fills its braces."""
    names = set()
    for screen in SCREENS:
        path = screen.path.split("?")[0].replace("{cashier}", "/sandbox/pay/1/")
        try:
            names.add(resolve(BRACES.sub("1", path)).url_name)
        except Resolver404:
            assert screen.status == 404, f"{screen.name}: {screen.path} leads nowhere"
    return {name for name in names if name}


def test_every_page_has_a_screen() -> None:
    routes = {address.name: address.route for address in SITE}
    pages = {
        name
        for name, rule in RULES.items()
        if 200 in rule.methods.get("GET", {}).values()
        and not routes.get(name, "").startswith("api/v1/")
    }
    left_out = sorted(pages - names_opened() - set(NOT_DRAWN))
    assert left_out == [], "add them to tools/screenshots/screens.py, or say there why not"


def test_what_is_not_drawn_still_exists() -> None:
    assert set(NOT_DRAWN) - set(RULES) == set()


def test_names_of_screens_are_their_own() -> None:
    names = [screen.name for screen in SCREENS]
    assert len(names) == len(set(names))
