"""Every endpoint names its scope; a key without it is refused by name; old tokens keep all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from kernel.errors import InvalidInput, NotFound
from kernel.http.scopes import OPEN, Scope, ScopeMissing, scope_of
from members.models import ApiToken
from members.services.accounts import issue_token
from members.services.keys import MOST_KEYS, keys_of, make_key, revoke_key
from tests.access.addresses import SITE
from tests.access.rules import API, RULES
from tests.factories import make_user

METHODS = ("get", "post", "put", "patch", "delete")
ENDPOINTS = [a for a in SITE if a.name in API]
SIGNS_OFF = {"api_logout"}


def view_of(address: Any) -> Any:
    return address.view.view_class


@pytest.mark.parametrize("address", ENDPOINTS, ids=lambda address: address.name)
def test_every_endpoint_names_its_scope(address: Any) -> None:
    view = view_of(address)
    for method in METHODS:
        if not hasattr(view, method):
            continue
        scope = scope_of(view, method.upper())
        assert scope is not None, f"{method.upper()} /{address.route} names no scope"
        assert scope == OPEN or scope in Scope.values
        guests = RULES[address.name].methods[method.upper()]["guest"]
        if scope == OPEN and address.name not in SIGNS_OFF:
            assert guests != 401 or address.name == "api_login", f"{address.name} asks for a token"


def caller(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.mark.django_db
def test_a_key_without_the_scope_is_refused_by_its_name() -> None:
    key = caller(make_key(user=make_user(), name="Catalogue", scopes=["catalog:read"])[1])
    assert key.get("/api/v1/products").status_code == 200
    refused = key.get("/api/v1/orders")
    body = refused.json()
    assert (refused.status_code, body["code"], body["scope"]) == (
        403,
        "scope_missing",
        "orders:read",
    )
    assert refused["Content-Type"] == "application/problem+json"
    writes = caller(make_key(user=make_user(), name="Reads", scopes=["orders:read"])[1])
    assert writes.get("/api/v1/orders").status_code == 200
    assert writes.post("/api/v1/orders", {}, format="json").json()["code"] == "scope_missing"
    assert writes.head("/api/v1/vouchers").status_code == 403
    assert writes.options("/api/v1/vouchers").status_code == 200


@pytest.mark.django_db
def test_the_token_of_a_sign_in_keeps_every_scope() -> None:
    user = make_user()
    token = issue_token(user=user)
    assert ApiToken.objects.get(user=user).scopes is None
    for path in ("products", "orders", "vouchers", "auth/keys"):
        assert caller(token).get(f"/api/v1/{path}").status_code == 200


@pytest.mark.django_db
def test_a_key_makes_none_that_may_do_more() -> None:
    user = make_user()
    maker = caller(make_key(user=user, name="Maker", scopes=["account:write"])[1])
    data = {"name": "More", "scopes": ["orders:write"]}
    refused = maker.post("/api/v1/auth/keys", data, format="json")
    assert refused.json()["code"] == "scope_missing"
    same = {"name": "Same", "scopes": ["account:write"]}
    made = maker.post("/api/v1/auth/keys", same, format="json")
    assert made.status_code == 201
    assert caller(made.json()["token"]).get("/api/v1/auth/keys").status_code == 200
    assert maker.delete(f"/api/v1/auth/keys/{made.json()['id']}").status_code == 204
    assert caller(made.json()["token"]).get("/api/v1/auth/keys").status_code == 401
    with pytest.raises(ScopeMissing):
        make_key(user=user, name="More", scopes=["approvals:read"], held=["account:write"])


@pytest.mark.django_db
def test_a_key_is_named_has_a_scope_and_there_are_twenty_at_most() -> None:
    user = make_user()
    for name, scopes in (("", ["catalog:read"]), ("A", []), ("A", ["everything"])):
        with pytest.raises(InvalidInput):
            make_key(user=user, name=name, scopes=scopes)
    for number in range(MOST_KEYS):
        make_key(user=user, name=f"Key {number}", scopes=["catalog:read"])
    with pytest.raises(InvalidInput):
        make_key(user=user, name="One more", scopes=["catalog:read"])


@pytest.mark.django_db
def test_nobody_revokes_a_key_of_others_or_a_sign_in() -> None:
    user, other = make_user(), make_user()
    key, _token = make_key(user=other, name="Theirs", scopes=["catalog:read"])
    issue_token(user=user)
    for key_id in (key.pk, ApiToken.objects.get(user=user).pk):
        with pytest.raises(NotFound):
            revoke_key(user=user, key_id=key_id)


@pytest.mark.django_db
def test_the_page_shows_a_new_key_once() -> None:
    user = make_user()
    browser = Client()
    browser.force_login(user)
    url = reverse("api_keys")
    made = browser.post(url, {"name": "Till", "scopes": ["vouchers:redeem"]})
    token = made.context["made"][1]
    assert token in made.content.decode()
    again = browser.get(url).content.decode()
    assert token not in again and "Till" in again
    browser.post(url, {"revoke": str(keys_of(user).get().pk)})
    assert not keys_of(user).exists()
    assert browser.post(url, {"name": "Till"}).status_code == 400


def test_the_schema_names_the_scope_of_every_operation() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    scopes = {
        operation["operationId"]: operation.get("x-scope")
        for operations in document["paths"].values()
        for operation in operations.values()
    }
    assert scopes["console_redeem"] == "vouchers:redeem"
    assert set(scopes.values()) <= {None, *Scope.values}


@pytest.mark.django_db
def test_keys_are_a_list_by_cursor_as_all_others() -> None:
    user = make_user()
    for number in range(3):
        make_key(user=user, name=f"Till {number}", scopes=["catalog:read"])
    client = caller(issue_token(user=user))
    first = client.get("/api/v1/auth/keys?page_size=2").json()
    assert set(first) == {"next", "previous", "results"}
    rest = client.get(first["next"]).json()
    names = [row["name"] for row in first["results"] + rest["results"]]
    assert names == ["Till 2", "Till 1", "Till 0"] and rest["next"] is None
