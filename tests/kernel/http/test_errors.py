"""Pages for when something is not there, not allowed, or broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from o2o.urls import handler400, handler403, handler404, handler500
from o2o.urls import urlpatterns as real
from tests.kernel.http.head import Head

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def unreadable(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("nonsense")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("breaks/", breaks),
    path("unreadable/", unreadable),
    path("refused/", refused),
    path("api/breaks", breaks),
    path("api/unreadable", unreadable),
    path("api/refused", refused),
    *real,
]
here = pytest.mark.urls(__name__)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def _refuse(*args: Any) -> None:
    raise AssertionError("a query")


@here
@pytest.mark.django_db
def test_our_fault_is_told_without_database_or_session(visitor: Client) -> None:
    with connection.execute_wrapper(_refuse):
        response = visitor.get("/breaks/")
    page = Head(response.content.decode())
    assert response.status_code == 500
    assert "It was not you" in page.visible
    assert "broken on purpose" not in page.visible
    assert reverse("order_list") in response.content.decode()
    assert page.meta["robots"] == "noindex"


@here
@pytest.mark.parametrize(("theme", "shown"), [("dark", True), ("neon", False)])
def test_our_fault_keeps_the_chosen_theme(visitor: Client, theme: str, shown: bool) -> None:
    visitor.cookies["theme"] = theme
    html = visitor.get("/breaks/").content.decode()
    assert (f'data-theme="{theme}"' in html) is shown


@here
@pytest.mark.django_db
def test_what_cannot_be_read_and_what_is_not_allowed(visitor: Client) -> None:
    for address, status in (("/unreadable/", 400), ("/refused/", 403)):
        response = visitor.get(address)
        assert response.status_code == status
        assert "Nothing has been changed" in Head(response.content.decode()).visible


@here
@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/breaks", 500, "server_error"),
        ("/api/unreadable", 400, "bad_request"),
        ("/api/refused", 403, "permission_denied"),
        ("/api/v1/nothing-here", 404, "not_found"),
    ],
)
def test_programs_get_problem_documents(
    visitor: Client, address: str, status: int, code: str
) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["code"] == code


@pytest.mark.django_db
def test_a_missing_page_can_be_searched_for(client: Client) -> None:
    html = client.get("/no/such/page/").content.decode()
    main = html.partition("<main")[2].partition("</main>")[0]
    assert f'action="{reverse("product_list")}"' in main
    assert 'name="q"' in main
    assert f'href="{reverse("help")}"' in main


@pytest.mark.django_db
def test_readiness_tells_of_the_queue_and_does_not_depend_on_it(
    client: Client, settings: Any
) -> None:
    assert client.get("/readyz").json() == {"status": "ok", "queue": "ok"}
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "queue": "unreachable"}
