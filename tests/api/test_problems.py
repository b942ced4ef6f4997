"""Every error of the API is a problem document (RFC 9457), whatever went wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from catalog import api as catalog_api
from tests.access.world import World
from tests.factories import make_product, offer_of

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "problem-document"}
JSON = "application/json"


def call(
    world: World,
    method: str,
    path: str,
    body: Any = None,
    *,
    role: str = "customer",
    content_type: str = JSON,
    **headers: str,
) -> HttpResponse:
    """One request of ``role``; a body that is text is sent as it is."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(raise_request_exception=False).generic(
        method,
        f"/api/v1/{path}",
        body if isinstance(body, str) else json.dumps(body or {}),
        content_type=content_type,
        headers=world.api_headers(role) | KEY | given,
    )


def check_problem(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """The answer is a problem document of this status and code; returns it."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = json.loads(response.content)
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"] and problem["title"]
    return dict(problem)


def test_broken_json(world: World) -> None:
    check_problem(call(world, "POST", "orders", "{nonsense"), 400, "parse_error")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("orders", {"lines": "many"}, "lines"),
        ("orders", {"lines": [{"offer": 1, "quantity": 0}]}, "lines"),
        ("auth/login", {"identifier": "x"}, "password"),
        ("console/previews", {"store": "x", "code": "1"}, "store"),
        ("console/redemptions", {"store": 1, "code": ""}, "code"),
        ("reviews", {"voucher": 1, "rating": 9, "text": ""}, "rating"),
    ],
)
def test_a_field_that_needs_mending_is_named(
    path: str, body: Any, field: str, world: World
) -> None:
    problem = check_problem(call(world, "POST", path, body), 400, "invalid")
    assert field in problem["fields"]


@pytest.mark.parametrize("path", ["products?sort=magic", "products?near=north", "stores?city=x"])
def test_a_parameter_that_needs_mending_is_named(path: str, world: World) -> None:
    problem = check_problem(call(world, "GET", path), 400, "invalid")
    assert set(problem["fields"]) == {path.partition("?")[2].partition("=")[0]}


def test_no_token(world: World) -> None:
    response = call(world, "GET", "vouchers", role="guest")
    check_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Bearer a b"])
def test_a_token_that_is_none(header: str, world: World) -> None:
    response = call(world, "GET", "vouchers", role="guest", Authorization=header)
    check_problem(response, 401, "authentication_failed")


def test_wrong_password(world: World) -> None:
    body = {"identifier": world.people["customer"].email, "password": "wrong"}
    check_problem(call(world, "POST", "auth/login", body), 401, "bad_credentials")


@pytest.mark.parametrize(
    "path", ["vouchers/999999999", "orders/0", "products/999999999", "stores/999999999", "nothing"]
)
def test_not_found(path: str, world: World) -> None:
    check_problem(call(world, "GET", path), 404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "orders"), ("POST", "products")])
def test_method_not_allowed(method: str, path: str, world: World) -> None:
    check_problem(call(world, method, path), 405, "method_not_allowed")


def test_another_format_than_json(world: World) -> None:
    check_problem(call(world, "GET", "products", Accept="text/csv"), 406, "not_acceptable")


def test_another_body_than_json(world: World) -> None:
    response = call(world, "POST", "orders", "lines=1", content_type="text/plain")
    check_problem(response, 415, "unsupported_media_type")


def test_a_money_post_without_a_key(world: World) -> None:
    body = {"lines": [{"offer": world.mine.product.offers.first().pk, "quantity": 1}]}
    response = call(world, "POST", "orders", body, Idempotency_Key="")
    check_problem(response, 400, "idempotency_key_missing")


def test_a_key_used_for_something_else(world: World) -> None:
    offer = world.mine.product.offers.first().pk
    one = {"lines": [{"offer": offer, "quantity": 1}]}
    two = {"lines": [{"offer": offer, "quantity": 2}]}
    assert call(world, "POST", "orders", one).status_code == 201
    check_problem(call(world, "POST", "orders", two), 422, "idempotency_key_reused")


def test_a_refusal_carries_its_facts_and_its_copy_is_the_same(world: World) -> None:
    offer = offer_of(make_product(stock=1))
    body = {"lines": [{"offer": offer.pk, "quantity": 2}]}
    problem = check_problem(call(world, "POST", "orders", body), 409, "sold_out")
    assert problem["available"] == 1
    copy = call(world, "POST", "orders", body)
    assert check_problem(copy, 409, "sold_out") == problem
    assert copy["Idempotency-Replayed"] == "true"


def test_too_many_attempts_say_when_to_come_back(world: World, settings: Any) -> None:
    settings.RATE_LIMITS = True
    body = {"identifier": world.people["customer"].email, "password": "wrong"}
    for _ in range(8):
        check_problem(call(world, "POST", "auth/login", body), 401, "bad_credentials")
    response = call(world, "POST", "auth/login", body)
    problem = check_problem(response, 429, "try_later")
    assert int(response["Retry-After"]) == problem["retry_after_seconds"] > 0


def test_our_own_mistake(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(catalog_api, "find_deals", broken)
    response = call(world, "GET", "products")
    problem = check_problem(response, 500, "server_error")
    assert "ZeroDivision" not in json.dumps(problem)


def test_sentences_come_in_the_language_asked_for(world: World) -> None:
    english = check_problem(call(world, "GET", "orders/0"), 404, "not_found")
    chinese = check_problem(
        call(world, "GET", "orders/0", Accept_Language="zh-hans"), 404, "not_found"
    )
    assert english["code"] == chinese["code"]
    assert english["detail"] != chinese["detail"]
