"""What the back office shows to a role, the role may follow: no link and no button ends at 403, 404 or 500.

A walk from the first page over everything that each page links to, a few rows of each kind, and
every action that a list offers, up to the question before it.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.urls import resolve

from tests.access.world import Door, World, rolled_back
from tests.forms import LONG

pytestmark = pytest.mark.django_db

ROLES = (
    *("owner", "manager", "finance", "reader", "local_manager", "suspended_owner"),
    *("support", "desk_finance", "risk", "operator"),
)
OF_A_KIND = 3 if LONG else 1
"""How many addresses of one name, with the same parameters, are opened."""
LEAVES = {"logout", "set_language"}
_HREF = re.compile(r'\shref="([^"#]+)"')
_ACTION = re.compile(r'<select[^>]*name="action".*?</select>', re.S)
_OPTION = re.compile(r'<option value="([^"]+)"')
_ROW = re.compile(
    r'name="_selected_action"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="_selected_action"'
)


def kind_of(url: str) -> tuple[str, ...] | None:
    """The name of an address with the parameters that it has; None for what is no page of ours."""
    parts = urlsplit(url)
    if parts.netloc or parts.path.startswith(("/static/", "/media/")):
        return None
    found = resolve(parts.path)
    name = found.view_name
    if name in LEAVES or found.url_name in LEAVES:
        return None
    return (name, *sorted(key for key, _value in parse_qsl(parts.query)))


def answer(world: World, role: str, url: str, data: dict[str, Any] | None = None) -> Any:
    with rolled_back():
        browser = world.visitor(role, Door)
        return browser.get(url) if data is None else browser.post(url, data)


@pytest.mark.parametrize("role", ROLES)
def test_every_link_and_action_that_is_shown_may_be_followed(role: str, world: World) -> None:
    waiting, seen, opened = deque([("/admin/", "")]), Counter[tuple[str, ...]](), set[str]()
    wrong: list[str] = []
    while waiting:
        url, source = waiting.popleft()
        kind = kind_of(url)
        if kind is None or url in opened or seen[kind] >= OF_A_KIND:
            continue
        seen[kind] += 1
        opened.add(url)
        page = answer(world, role, url)
        if page.status_code not in {200, 302}:
            wrong.append(f"{page.status_code} {url}, linked from {source}")
            continue
        if page.status_code == 302 or "html" not in page["Content-Type"]:
            continue
        text = page.content.decode()
        if not url.startswith("/admin/"):
            continue  # the shop's own pages are walked elsewhere
        for href in _HREF.findall(text):
            waiting.append((urljoin(url, unescape(href)), url))
        wrong += actions_refused(world, role, url, text)
    assert wrong == []
    assert len(opened) > 10


def actions_refused(world: World, role: str, url: str, text: str) -> list[str]:
    """The actions of a list that do not even ask what they would do to its first row."""
    rows = [first or second for first, second in _ROW.findall(text)]
    select = _ACTION.search(text)
    if not rows or not select:
        return []
    found = []
    for name in _OPTION.findall(select[0]):
        done = answer(world, role, url, {"action": name, "_selected_action": [rows[0]]})
        if done.status_code not in {200, 302}:
            found.append(f"{done.status_code} {url}: {name}")
    return found
