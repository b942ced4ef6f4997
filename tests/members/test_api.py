"""API: auth/login and auth/logout."""

from __future__ import annotations

import datetime as dt

import pytest

from kernel import clock
from members.models import ApiToken
from members.services.accounts import PAIR_FAILURES, forget_expired_tokens, issue_token
from tests.factories import PASSWORD, cast, make_user

pytestmark = pytest.mark.django_db
LOGIN, LOGOUT = "/api/v1/auth/login", "/api/v1/auth/logout"


def sign_in(client, identifier, password=PASSWORD, **headers):
    body = {"identifier": identifier, "password": password}
    return client.post(LOGIN, body, content_type="application/json", headers=headers)


def sign_out(client, token):
    return client.post(LOGOUT, headers={"Authorization": f"Bearer {token}"})


def test_login_answers_token_role_and_user(client):
    user = make_user(email="li@example.com", display_name="Li", language="en")
    answer = sign_in(client, "li@example.com")
    assert answer.status_code == 200
    assert answer.json()["role"] == "customer"
    assert answer.json()["user"] == {
        "id": user.pk,
        "display_name": "Li",
        "identifier": "li@example.com",
        "role": "customer",
        "language": "en",
        "merchants": [],
    }


def test_every_role_is_named(client):
    people = cast()
    roles = {
        sign_in(client, user.email).json()["role"]
        for user in (people.buyer, people.clerk, people.teammate, people.operator)
    }
    assert roles == {"customer", "staff", "merchant", "operator"}
    (own,) = sign_in(client, people.owner.email).json()["user"]["merchants"]
    assert own == {
        "id": people.merchant.pk,
        "slug": people.merchant.slug,
        "name": people.merchant.name,
    }


def test_the_token_is_stored_as_a_hash_only(client):
    token = sign_in(client, make_user().email).json()["token"]
    stored = ApiToken.objects.get()
    assert len(token) >= 43
    assert token not in {str(value) for value in vars(stored).values()}


def test_logout_ends_this_token_and_no_other(client):
    user = make_user()
    first, second = (sign_in(client, user.email).json()["token"] for _ in range(2))
    assert sign_out(client, first).status_code == 204
    refused = sign_out(client, first)
    assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert sign_out(client, second).status_code == 204


def test_logout_without_a_token_is_a_problem_document(client):
    answer = client.post(LOGOUT)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_wrong_password_and_unknown_person_get_the_same_answer(client):
    make_user(email="li@example.com")
    wrong, unknown = sign_in(client, "li@example.com", "x"), sign_in(client, "xx@example.com", "x")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_missing_fields_are_named(client):
    answer = client.post(LOGIN, {}, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"identifier", "password"}


@pytest.mark.parametrize(
    "body", ["[]", '"x"', "null", "{", '{"identifier": ["a"], "password": {}}']
)
def test_odd_bodies_are_refused_and_never_break(client, body):
    answer = client.post(LOGIN, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_guessing_is_limited(client, settings):
    settings.RATE_LIMITS = True
    make_user(email="li@example.com")
    for _ in range(PAIR_FAILURES):
        sign_in(client, "li@example.com", "wrong")
    answer = sign_in(client, "li@example.com")
    assert answer.status_code == 429
    assert answer.json()["code"] == "try_later"
    assert int(answer["Retry-After"]) > 0


def test_a_stale_token_does_not_keep_anybody_from_signing_in(client):
    user = make_user()
    assert sign_in(client, user.email, Authorization="Bearer stale").status_code == 200


def test_a_token_runs_out(client, settings):
    settings.API_TOKEN_DAYS = 30
    user = make_user()
    with clock.at(clock.now() - dt.timedelta(days=31)):
        old = issue_token(user=user)
    assert sign_out(client, old).status_code == 401
    fresh = issue_token(user=user)
    assert forget_expired_tokens() == 1
    assert sign_out(client, fresh).status_code == 204


def test_a_closed_account_loses_its_tokens_at_once(client):
    user = make_user()
    token = issue_token(user=user)
    user.is_active = False
    user.save()
    assert sign_out(client, token).status_code == 401
