"""The OpenAPI schema: complete, valid, and kept by the answers themselves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from jsonschema import Draft4Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from o2o.wsgi import application
from tests.access.addresses import SITE
from tests.access.world import World, rolled_back

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("EXAMPLES") or "2")
SEED = os.environ.get("SEED", "")
"""`make fuzz` takes more examples, other ones each time, the same ones again by the seed."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def read_schema(folder: Path) -> dict[str, Any]:
    file = folder / "schema.json"
    call_command(
        "spectacular", file=str(file), format="openapi-json", validate=True, fail_on_warn=True
    )
    return dict(json.loads(file.read_text()))


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The schema, made as ``manage.py spectacular --validate --fail-on-warn`` makes it."""
    return read_schema(tmp_path_factory.mktemp("schema"))


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def test_every_api_url_is_in_the_schema(document: dict[str, Any]) -> None:
    described = {path.removeprefix("/api/v1/") for path in document["paths"]}
    urls = [address for address in SITE if address.route.startswith("api/v1/")]
    assert len(urls) == len(described)


def test_every_operation_has_a_name_and_documents_its_errors(document: dict[str, Any]) -> None:
    found = operations(document)
    names = [operation["operationId"] for _path, _method, operation in found]
    assert len(names) == len(set(names))
    for path, _method, operation in found:
        assert "default" in operation["responses"], path


WITH_EXAMPLES = {"approvals", "codes", "devices", "messages", "results", "stock"}
"""Every operation of these shows what is sent and what is answered."""


def test_examples_are_complete_and_fit_what_they_are_examples_of(document: dict[str, Any]) -> None:
    shown: set[str] = set()
    for path, method, operation in operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [row for code, row in operation["responses"].items() if code.startswith("2")]
        for content in (row.get("content", {}) for row in (*bodies, *answers)):
            told = content.get("application/json")
            if told is None:
                continue
            examples = told.get("examples", {})
            if WITH_EXAMPLES & set(operation["tags"]):
                assert examples, f"{method} {path} has no example"
            for example in examples.values():
                schema = told["schema"] | {"components": document["components"]}
                faults = list(Draft4Validator(_plain(schema)).iter_errors(example["value"]))
                assert not faults, f"{method} {path}: {faults[0].message}"
                shown.add(path)
    assert {"/api/v1/console/day", "/api/v1/funnel"} <= shown


def _plain(schema: Any) -> Any:
    """OpenAPI's "nullable" in the words of JSON Schema; a field that only answers is in no body."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(part) for key, part in schema.items()}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def test_money_and_redemption_posts_say_that_they_need_a_key(document: dict[str, Any]) -> None:
    without_key = {
        path
        for path, method, operation in operations(document)
        if method == "post"
        and "Idempotency-Key" not in {given["name"] for given in operation.get("parameters", ())}
    }
    assert without_key == {
        "/api/v1/approvals",
        "/api/v1/approvals/{id}/agree",
        "/api/v1/approvals/{id}/reject",
        "/api/v1/approvals/{id}/withdraw",
        "/api/v1/auth/email",
        "/api/v1/auth/email/confirm",
        "/api/v1/auth/keys",
        "/api/v1/auth/login",
        "/api/v1/auth/logout",
        "/api/v1/business/campaigns/trials",
        "/api/v1/business/campaigns/{id}/end",
        "/api/v1/business/campaigns/{id}/pause",
        "/api/v1/business/campaigns/{id}/start",
        "/api/v1/business/campaigns/{id}/trials",
        "/api/v1/campaigns/{id}/channel-codes",
        "/api/v1/channel-plans",
        "/api/v1/codes",
        "/api/v1/codes/{id}/close",
        "/api/v1/console/previews",
        "/api/v1/device-codes",
        "/api/v1/devices",
        "/api/v1/devices/{id}/code",
        "/api/v1/devices/{id}/revoke",
        "/api/v1/me/messages/read",
        "/api/v1/orders/{number}/cancel",
        "/api/v1/quotes",
        "/api/v1/reviews",
        "/api/v1/staff/invitations",
        "/api/v1/staff/invitations/accept",
        "/api/v1/sales/{id}/place",
        "/api/v1/staff/invitations/decline",
        "/api/v1/staff/invitations/read",
        "/api/v1/staff/invitations/{id}/link",
        "/api/v1/staff/invitations/{id}/resend",
        "/api/v1/staff/invitations/{id}/revoke",
        "/api/v1/store-groups",
        # Each line has a key of its own.
        "/api/v1/stock/counts",
        "/api/v1/stock/movements",
    }


def test_what_needs_no_token_is_what_anybody_may_read(document: dict[str, Any]) -> None:
    public = {
        path
        for path, _method, operation in operations(document)
        if {} in operation.get("security", [{}])
    }
    assert public == {
        "/api/v1/auth/email/confirm",
        "/api/v1/auth/login",
        "/api/v1/campaigns",
        "/api/v1/devices",
        "/api/v1/occasions",
        "/api/v1/products",
        "/api/v1/products/{id}",
        "/api/v1/products/{id}/campaigns",
        "/api/v1/products/{id}/reviews",
        "/api/v1/products/{id}/stores",
        "/api/v1/quotes",
        "/api/v1/sales/{id}",
        "/api/v1/staff/invitations/decline",
        "/api/v1/staff/invitations/read",
        "/api/v1/stores",
        "/api/v1/stores/{id}",
        "/api/v1/stores/{id}/campaigns",
        "/api/v1/stores/{id}/reviews",
    }


# Answers against the schema, with generated requests -------------------------------------------


generated = settings(
    max_examples=EXAMPLES,
    derandomize=not SEED,  # the same requests every time
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = sorted(
    (path, method.upper())
    for path, item in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    for method in item
)


@pytest.fixture(scope="module")
def api(document: dict[str, Any]) -> Iterator[Any]:
    """The schema with our WSGI application behind it, in the connection of the test."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def known_rows(world: World, path: str) -> dict[str, Any]:
    """Path parameters that exist, so that more than "not found" is answered."""
    mine = world.mine
    known: dict[str, Any] = {"number": mine.waiting.number, "form": "png"}
    for part, row in (
        ("products", mine.product),
        ("stores", mine.store),
        ("vouchers", mine.fresh),
        ("redemptions", mine.redemption),
        ("grants", world.gift),
        ("channel-plans", world.plan),
        ("codes", world.code),
        ("staff", mine.merchant.staff.filter(role="manager").latest("pk")),
        ("statements", mine.merchant.statements.latest("pk")),
    ):
        if f"/{part}/{{id}}" in path:
            known["id"] = row.pk
    return known


@pytest.mark.parametrize(
    ("role", "about"),
    [
        ("guest", "real rows"),
        ("customer", "any row"),
        ("customer", "real rows"),
        ("owner", "real rows"),
    ],
)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_documented(
    path: str, method: str, role: str, about: str, api: Any, world: World
) -> None:
    operation = api[path][method]
    known = known_rows(world, path) if about == "real rows" else {}

    @seed(int(SEED or "0"))
    @generated
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        given_path = case.path_parameters or {}
        case.path_parameters = {name: known.get(name, given_path[name]) for name in given_path}
        case.headers = {**(case.headers or {}), **world.api_headers(role)}
        with rolled_back():
            case.call_and_validate(checks=CHECKS)

    check()
