"""A page that waited for the database in vain says "in a moment", and has done nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from prometheus_client import REGISTRY
from psycopg2 import connect

from kernel.idempotency.models import IdempotencyKey
from members.services.accounts import issue_token
from o2o.urls import handler400, handler404, handler500  # noqa: F401
from o2o.urls import urlpatterns as ours
from tests.factories import cast, make_product
from tests.vouchers.counter import sell_one
from vouchers.models import Redemption, Voucher

pytestmark = pytest.mark.django_db(transaction=True)


def sleepy(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")
    return HttpResponse("fine")


def broken(request: HttpRequest) -> HttpResponse:
    raise OperationalError("the database is away")


urlpatterns = [
    path("sleepy/", sleepy, name="sleepy"),
    path("broken/", broken, name="broken"),
    path("api/sleepy", sleepy, name="api_sleepy"),
    *ours,
]


@pytest.fixture
def visitor(settings: Any) -> Iterator[Client]:
    settings.ROOT_URLCONF = __name__
    with impatient():
        yield Client(raise_request_exception=False)


@contextmanager
def impatient() -> Iterator[None]:
    """The patience of the web (kernel/db/patience.py), cut to milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'; SET statement_timeout = '200ms'")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def held(query: str, values: list[object]) -> Iterator[None]:
    """Somebody else keeps what ``query`` locks."""
    chosen = configured.DATABASES["default"]
    other = connect(dbname=chosen["NAME"], user=chosen["USER"], host=chosen["HOST"])
    try:
        other.cursor().execute(query, values)
        yield
    finally:
        other.close()


def counted(route: str, reason: str) -> float:
    labels = {"route": route, "reason": reason}
    return REGISTRY.get_sample_value("o2o_busy_answers_total", labels) or 0


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Nothing is half done"), ("zh-hans", "没有做到一半的事")]
)
def test_a_page_that_takes_too_long_asks_for_a_moment(
    visitor: Client, language: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("sleepy", "statement")
    answer = visitor.get("/sleepy/?a=1", headers={"accept-language": language})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert words in answer.content.decode()
    assert 'href="/sleepy/?a=1"' in answer.content.decode()
    assert counted("sleepy", "statement") == before + 1
    assert "gave up waiting for a statement in sleepy" in caplog.text


def test_a_form_that_takes_too_long_is_not_offered_by_its_address(visitor: Client) -> None:
    answer = visitor.post("/sleepy/")
    assert answer.status_code == 503
    assert "/sleepy/" not in answer.content.decode()
    assert "check your orders first" in answer.content.decode()


def test_programs_are_told_when_to_come_back(visitor: Client) -> None:
    answer = visitor.get("/api/sleepy")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["retry_after_seconds"]) == ("busy", 5)


def test_another_trouble_of_the_database_is_still_our_fault(visitor: Client) -> None:
    assert visitor.get("/broken/").status_code == 500


class SleepyMiddleware:
    """Asks the database before there is a view, as sessions and error pages do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return sleepy(request)


def test_waiting_outside_a_view_is_a_503_too(visitor: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.SleepyMiddleware"]
    before = counted("?", "statement")
    assert Client(raise_request_exception=False).get("/help/").status_code == 503
    assert counted("?", "statement") == before + 1


def test_a_redemption_behind_a_lock_leaves_nothing_and_the_same_key_does_it(
    visitor: Client,
) -> None:
    people = cast()
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    token = issue_token(user=people.clerk)

    def ask() -> Any:
        return visitor.post(
            "/api/v1/console/redemptions",
            {"store": people.store.pk, "code": voucher.code},
            content_type="application/json",
            headers={"authorization": f"Bearer {token}", "idempotency-key": "the-same-key"},
        )

    with held("SELECT 1 FROM vouchers_voucher WHERE id = %s FOR UPDATE", [voucher.pk]):
        assert ask().status_code == 503
    assert not Redemption.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert Voucher.objects.get(pk=voucher.pk).uses_used == 0
    assert ask().status_code == 201
    assert Redemption.objects.count() == 1


def remember(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = request.session.get("seen", 0) + 1
    return HttpResponse("fine")


urlpatterns.append(path("remember/", remember, name="remember"))


def test_a_session_that_waits_in_vain_to_be_saved_is_a_503(visitor: Client) -> None:
    assert visitor.get("/remember/").status_code == 200
    key = visitor.session.session_key
    before = counted("remember", "lock")
    with held("SELECT 1 FROM django_session WHERE session_key = %s FOR UPDATE", [key]):
        answer = visitor.get("/remember/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert counted("remember", "lock") == before + 1
    assert visitor.get("/remember/").status_code == 200


def test_a_session_that_was_ended_meanwhile_is_not_the_databases_fault(visitor: Client) -> None:
    visitor.get("/remember/")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    assert visitor.get("/remember/").status_code == 400
