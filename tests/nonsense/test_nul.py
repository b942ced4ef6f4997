"""The character NUL in any filter, search or form: an ordinary 400, and no news to the operator."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse

from kernel.watch.models import Incident
from tests.access.addresses import BACK_OFFICE, SITE
from tests.access.world import World

pytestmark = pytest.mark.django_db
ROLES = ("customer", "clerk", "owner", "operator")
PLAIN = sorted(
    f"/{address.route.removesuffix('$').removesuffix('(?P<url>.*)')}"
    for address in (*SITE, *BACK_OFFICE)
    if not re.search(r"[<^\\]", address.route)
)
FILTERS = ("q=a%00b", "page=%00", "cursor=%00", "state=%00", "merchant=%00", "store__id__exact=%00")
NAMES = ("%00=1", "a%00b=")


def is_plain_refusal(path: str, answer: HttpResponse) -> bool:
    """A problem document for programs, a page for people; a redirect where nothing is read at all."""
    if path.startswith("/api/") and answer.status_code == 400:
        return answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code == 400


@pytest.mark.parametrize("role", ROLES)
def test_every_list_refuses_it_in_a_filter(world: World, role: str) -> None:
    browser, wrong = world.visitor(role), []
    for path in PLAIN:
        for query in FILTERS if role == "owner" else FILTERS[:1]:
            answer = browser.get(f"{path}?{query}", headers=world.api_headers(role))
            if not is_plain_refusal(path, answer):
                wrong.append((path, query, answer.status_code))
    assert not wrong
    assert not Incident.objects.filter(kind="web.input").exists()


def test_names_of_filters_hold_none_either(world: World) -> None:
    browser = world.visitor("owner")
    for query in NAMES:
        assert browser.get(f"/products/?{query}").status_code == 400
        assert browser.get(f"/api/v1/products?{query}").status_code == 400


@pytest.mark.parametrize("role", ROLES)
def test_every_form_refuses_it(world: World, role: str) -> None:
    browser, wrong = world.visitor(role), []
    for path in PLAIN:
        if path.startswith("/api/"):
            continue
        answer = browser.post(path, {"q": "a\x00b", "name": "x"})
        if answer.status_code >= 500 or answer.status_code == 200:
            wrong.append((path, answer.status_code))
    assert not wrong
    assert not Incident.objects.filter(kind="web.input").exists()


def test_a_body_of_the_api_says_what_is_wrong(world: World) -> None:
    answer = world.visitor("owner").post(
        "/api/v1/stock/movements",
        '{"lines": [{"key": "a\\u0000"}]}',
        content_type="application/json",
        headers=world.api_headers("owner"),
    )
    assert answer.status_code == 400
    assert "character that cannot be stored" in answer.json()["detail"], answer.content
    assert not Incident.objects.filter(kind="web.input").exists()
