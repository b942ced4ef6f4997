"""What search engines and caches may keep, for every URL: nothing, unless it is meant for all."""

from __future__ import annotations

from typing import Any
from urllib.robotparser import RobotFileParser

import pytest
from django.urls import reverse

from kernel.http.seo.public import FILE_MARK, PAGE_MARK
from tests.access.addresses import BACK_OFFICE, NAMES, SITE
from tests.access.rules import RULES
from tests.access.test_urls import ask, rule_of
from tests.access.world import World

pytestmark = pytest.mark.django_db

PUBLIC_PAGES = {
    "home",
    "help",
    "coupon_centre",
    "occasion_list",
    "occasion_detail",
    "product_list",
    "product_detail",
    "product_stores",
    "product_review_list",
    "store_list",
    "store_detail",
    "store_review_list",
}
"""Making another page public is a decision: it is written down here too."""

PUBLIC = {address.name for address in SITE if hasattr(address.view, PAGE_MARK)}
FILES = {address.name for address in SITE if hasattr(address.view, FILE_MARK)}


def test_nothing_is_public_by_accident() -> None:
    assert PUBLIC == PUBLIC_PAGES
    assert not [a.name for a in BACK_OFFICE if hasattr(a.view, PAGE_MARK)]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FILES])
def test_private_answers_are_neither_indexed_nor_kept(name: str, world: World) -> None:
    """The customer's own pages, a guest's refusals, errors, the API: all methods of the rule."""
    rule = rule_of(name)
    for method in rule.methods:
        for role in ("guest", "customer"):
            response = ask(world, role, name, method, rule.args(world))
            if name in PUBLIC and response.status_code < 400:
                assert "X-Robots-Tag" not in response
                assert response["Cache-Control"] == "private, no-cache"
                assert "cookie" in response["Vary"].lower()
                continue
            assert "no-store" in response["Cache-Control"], (method, role)
            assert "private" in response["Cache-Control"], (method, role)
            assert "noindex" in response["X-Robots-Tag"], (method, role)


def test_the_back_office_is_neither_indexed_nor_kept(world: World) -> None:
    for role in ("guest", "owner", "operator"):
        response = world.visitor(role).get(reverse("admin:index"))
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]


def robots(world: World) -> tuple[RobotFileParser, str]:
    text = world.visitor("guest").get("/robots.txt").content.decode()
    rules = RobotFileParser()
    rules.parse([line for line in text.splitlines() if "*" not in line or line == "User-agent: *"])
    return rules, text


def test_crawlers_may_read_what_is_public_and_nothing_else(world: World) -> None:
    rules, text = robots(world)
    below_public = [line.removeprefix("Disallow: ") for line in text.splitlines() if "/*/" in line]
    for name in NAMES:
        path = reverse(name, kwargs=RULES[name].args(world))
        allowed = rules.can_fetch("anybot", f"http://127.0.0.1{path}")
        if name in PUBLIC or name in FILES:
            assert allowed, f"{path} is public"
        elif allowed:  # beside something public: the rule has a wildcard
            assert any(_fits(line, path) for line in below_public), f"{path} is private"
    assert not rules.can_fetch("anybot", "http://127.0.0.1/admin/stores/store/")


def _fits(line: str, path: str) -> bool:
    parts = line.strip("$").split("*")
    return path.startswith(parts[0]) and all(part in path for part in parts)


def test_robots_name_the_sitemap(world: World, settings: Any) -> None:
    settings.BASE_URL = "https://shop.example"
    assert "Sitemap: https://shop.example/sitemap.xml" in robots(world)[1]


def test_a_staging_site_is_closed_to_search_engines(world: World, settings: Any) -> None:
    settings.SEARCH_INDEXING = False
    assert robots(world)[1] == "User-agent: *\nDisallow: /\n"
    for path in ("/", "/help/", "/robots.txt", "/sitemap.xml"):
        assert "noindex" in world.visitor("guest").get(path)["X-Robots-Tag"]
