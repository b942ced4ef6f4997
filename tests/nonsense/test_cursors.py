"""A page's own address for the next one, altered on its way back."""

from __future__ import annotations

from random import Random
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.access.addresses import SITE
from tests.access.world import World
from tests.nonsense.test_walk import SEED

pytestmark = pytest.mark.django_db
ROLES = ("customer", "clerk", "owner", "operator")
LISTS = sorted(
    f"/{address.route}"
    for address in SITE
    if address.route.startswith("api/v1/") and "<" not in address.route
)


def altered(random: Random, cursor: str) -> list[str]:
    """One letter another, cut, doubled, turned round, another list's ending, nothing at all."""
    place = random.randrange(len(cursor))
    return [
        cursor[:place] + random.choice("Aa0-_=") + cursor[place + 1 :],
        cursor[:place],
        cursor * 2,
        cursor[::-1],
        cursor.swapcase(),
        f"{cursor}=cD0yMDI2",
        "=",
    ]


def test_an_altered_cursor_is_refused_or_another_page(world: World) -> None:
    random, seen, wrong = Random(SEED), set(), []
    for role in ROLES:
        browser = world.visitor(role)
        for path in LISTS:
            answer = browser.get(f"{path}?page_size=1", headers=world.api_headers(role))
            page = answer.json() if answer.status_code == 200 else {}
            following = isinstance(page, dict) and page.get("next")
            if not following:
                continue
            seen.add(path)
            (cursor,) = parse_qs(urlsplit(following).query)["cursor"]
            for other in altered(random, cursor):
                query = urlencode({"page_size": 1, "cursor": other})
                told = browser.get(f"{path}?{query}", headers=world.api_headers(role))
                if told.status_code not in (200, 400, 404):
                    wrong.append(f"{role} {path}?{query} answers {told.status_code}")
    assert len(seen) >= 5, seen
    assert wrong == []
