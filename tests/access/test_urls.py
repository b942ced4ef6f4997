"""Every URL × role × own and foreign row gives what the rules say; a URL without a rule fails."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any
from zlib import crc32

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse

from tests.access.addresses import NAMES, SITE, Address
from tests.access.rules import API, GO, LOGIN, RULES, Answer, Answers, Rule
from tests.access.world import ROLES, Door, World, rolled_back
from tests.forms import LONG

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = {"GET", "HEAD", "OPTIONS"}
NOT_LET_IN = {LOGIN, 401, 403, 404}
OF_EACH_KIND = ROLES if LONG else ("guest", "customer", "owner", "operator")
"""Whom a method that a view does not have is asked by: it is refused before anybody is known."""


def test_every_url_has_a_name_of_its_own() -> None:
    assert [address.route for address in SITE if not address.name] == []
    assert len(NAMES) == len(SITE), "two addresses share a name"


def test_no_rule_is_left_over_from_a_url_that_is_gone() -> None:
    assert sorted(set(RULES) - set(NAMES)) == []


def some_of(alike: Mapping[str, Hashable], key: str) -> list[str]:
    """The roles that are asked: all of them in the long form.

    The short one asks two of those who must be answered alike: the first, and another that changes
    from address to address, so that every role is asked somewhere.
    """
    if LONG:
        return list(alike)
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for role, answer in alike.items():
        groups[answer].append(role)
    asked = []
    for first, *others in groups.values():
        asked.append(first)
        if others:
            asked.append(others[crc32(key.encode()) % len(others)])
    return asked


def rule_of(name: str) -> Rule:
    if name not in RULES:
        route = next(address.route for address in SITE if address.name == name)
        pytest.fail(
            f"The URL {name!r} (/{route}) has no rule. Say in tests/access/rules.py who may use it."
        )
    return RULES[name]


def ask(world: World, role: str, name: str, method: str, args: dict[str, Any]) -> HttpResponse:
    """One request of ``role``; what it changed is forgotten."""
    rule = RULES[name]
    query = rule.query(world) if callable(rule.query) else rule.query
    url = reverse(name, kwargs=args) + (f"?{query}" if query else "")
    api = url.startswith("/api/v1/")
    browser = world.visitor("guest" if api else role, Door)
    headers: dict[str, str] = {}
    if api:
        headers = world.api_headers(role) | {"Idempotency-Key": f"access-{role}-{name}"}
    data: Any = rule.data(world) if method not in READING else None
    options: dict[str, Any] = {"headers": headers}
    if api and data is not None:
        data, options["content_type"] = json.dumps(data), "application/json"
    with rolled_back():
        if data is None:
            return browser.generic(method, url, **options)
        return getattr(browser, method.lower())(url, data, **options)


def answer_of(response: HttpResponse) -> Answer:
    """The status, with redirects told apart."""
    if response.status_code not in {301, 302, 303}:
        return response.status_code
    login = reverse(settings.LOGIN_URL)
    return LOGIN if response["Location"].startswith(f"{login}?next=") else GO


@pytest.mark.parametrize("name", NAMES)
def test_every_role_is_answered_as_the_rule_says(name: str, world: World) -> None:
    rule = rule_of(name)
    wrong = {}
    for method, expected in rule.methods.items():
        alike = {role: (expected[role], role in rule.shown_to) for role in ROLES}
        for role in some_of(alike, f"{method} {name}"):
            response = ask(world, role, name, method, rule.args(world))
            answer = answer_of(response)
            if answer != expected[role]:
                wrong[method, role] = f"{answer}, not {expected[role]}"
            elif shows_secrets(response, world) and role not in rule.shown_to:
                wrong[method, role] = "shows an order number or a voucher code of the customer"
    assert wrong == {}


def shows_secrets(response: HttpResponse, world: World) -> bool:
    """Whether an answer holds what only the customer (and a counter) may know."""
    if getattr(response, "streaming", False):
        return False
    text = response.content.decode(errors="replace")
    # Whoever asks for an order by its number knows it: "not found" may repeat the address.
    text = text.replace(response.wsgi_request.path, "")
    codes = [world.mine.fresh.code, world.mine.used.code]
    secrets = [world.mine.waiting.number, world.mine.fresh.order_number]
    for code in codes:
        secrets += [code, f"{code[:4]} {code[4:8]} {code[8:]}"]
    return any(secret in text for secret in secrets)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_reaches_a_row_that_is_not_theirs(name: str, world: World) -> None:
    rule = rule_of(name)
    wrong = {}
    for number, make in enumerate(rule.beside):
        for method, expected in rule.methods.items():
            alike = {role: expected[role] for role in ROLES}
            for role in some_of(alike, f"{number} {method} {name}"):
                answer = answer_of(ask(world, role, name, method, make(world)))
                # A guest signs in first, and who lacks the right to the store reads that first.
                before = expected[role] in {LOGIN, 401} or (answer == 403 == expected[role])
                if answer != (expected[role] if before else 404):
                    wrong[number, method, role] = answer
    assert wrong == {}


def askers(ruled: Answers) -> Iterable[str]:
    """Where GET has a rule, the first role of each of its answers; the long form asks every role."""
    if LONG or not ruled:
        return OF_EACH_KIND
    return {ruled[role]: role for role in reversed(ROLES)}.values()


@pytest.mark.parametrize("name", NAMES)
def test_a_method_without_a_rule_is_allowed_to_nobody(name: str, world: World) -> None:
    """HEAD is what GET is without its body; OPTIONS may tell the methods, and nothing else."""
    rule = rule_of(name)
    wrong = {}
    for method in METHODS:
        if method in rule.methods:
            continue
        ruled = rule.methods.get("GET", {}) if method == "HEAD" else {}
        for role in askers(ruled):
            response = ask(world, role, name, method, rule.args(world))
            answer = answer_of(response)
            if ruled:
                right = answer == ruled[role] and not getattr(response, "content", b"")
            elif method == "OPTIONS" and answer == 200:
                right = not shows_secrets(response, world)
            else:
                right = answer == 405 or answer in NOT_LET_IN
            if not right:
                wrong[method, role] = answer
    assert wrong == {}


@pytest.mark.parametrize("name", sorted(name for name in RULES if name in API))
def test_a_session_is_no_token(name: str, world: World) -> None:
    """Otherwise another site's form could use the API with the visitor's cookie."""
    rule = rule_of(name)
    url = reverse(name, kwargs=rule.args(world))
    for method, expected in rule.methods.items():
        if expected["guest"] == 401 and name != "api_login":
            assert getattr(world.visitor("customer"), method.lower())(url).status_code == 401


FROM_ELSEWHERE = {"payment_notify", "sandbox_cashier", "mail_off"}


@pytest.mark.parametrize("name", NAMES)
def test_a_form_of_another_site_is_refused(name: str, world: World) -> None:
    """CSRF: a POST of a signed-in person without the token of our page."""
    rule = rule_of(name)
    url = reverse(name, kwargs=rule.args(world))
    if "POST" not in rule.methods or url.startswith("/api/v1/") or name in FROM_ELSEWHERE:
        return
    stranger = Client(enforce_csrf_checks=True)
    stranger.cookies.load(world.cookies["customer"])
    with rolled_back():
        assert stranger.post(url, rule.data(world)).status_code == 403


def test_only_named_views_are_without_the_csrf_check() -> None:
    exempt = {
        address.name
        for address in SITE
        if getattr(address.view, "csrf_exempt", False) and not _is_api(address)
    }
    assert exempt == FROM_ELSEWHERE


def _is_api(address: Address) -> bool:
    return address.route.startswith("api/")


@pytest.mark.parametrize("path", ["/no/such/page/", "/api/v1/no-such-thing"])
def test_an_address_that_does_not_exist_is_not_found(path: str, world: World) -> None:
    for role in ROLES:
        response = world.visitor(role).get(path, headers=world.api_headers(role))
        assert response.status_code == 404
        if path.startswith("/api/"):
            assert json.loads(response.content)["code"] == "not_found"


def test_the_rules_are_about_the_urls_they_name(world: World) -> None:
    for name, rule in RULES.items():
        url = reverse(name, kwargs=rule.args(world))
        assert resolve(url).view_name == name
