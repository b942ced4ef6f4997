"""Opening an account."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kernel.errors import InvalidInput
from members.errors import IdentifierTaken, WeakPassword
from members.models import User
from members.services.accounts import REGISTRATIONS, register
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GOOD = "seven green tea leaves"


def fill(client, **changes):
    facts = {"identifier": "new@example.com", "display_name": "Lin", "password": GOOD}
    return client.post(reverse("register"), facts | changes)


def test_registering_logs_in_and_leads_on(client):
    page = fill(client, next="/account/settings/")
    user = User.objects.get(email="new@example.com")
    assert page.url == "/account/settings/"
    assert int(client.session["_auth_user_id"]) == user.pk
    assert user.display_name == "Lin"
    assert not user.is_staff
    assert not user.is_superuser


def test_the_language_of_the_page_becomes_the_persons(client):
    client.post(reverse("set_language"), {"language": "zh-hans"})
    fill(client)
    assert User.objects.get().language == "zh-hans"


def test_a_phone_number_is_stored_in_one_spelling(client):
    fill(client, identifier="+86 138 0000 0000")
    user = User.objects.get()
    assert (user.phone, user.email) == ("13800000000", None)


@pytest.mark.parametrize("typed", ["NEW@example.com", "new@EXAMPLE.com "])
def test_a_taken_identifier_is_told_at_its_field(client, typed):
    make_user(email="new@example.com")
    page = fill(client, identifier=typed)
    assert "An account with this" in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()
    assert User.objects.count() == 1


def test_a_phone_number_belongs_to_one_account():
    register(identifier="13800000000", password=GOOD, display_name="A")
    with pytest.raises(IdentifierTaken):
        register(identifier="+8613800000000", password=GOOD, display_name="B")


@pytest.mark.parametrize(
    "typed", ["nobody", "a@b", "@example.com", "12345", "1" * 16, "+1 23x45678"]
)
def test_an_identifier_that_is_neither_is_refused(typed):
    with pytest.raises(InvalidInput) as refused:
        register(identifier=typed, password=GOOD, display_name="A")
    assert list(refused.value.extra["fields"]) == ["identifier"]
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "password123", "12345678901", "new@example.com"])
def test_a_weak_password_is_refused_at_its_field(client, password):
    with pytest.raises(WeakPassword):
        register(identifier="new@example.com", password=password, display_name="A")
    assert "_auth_user_id" not in client.session
    assert fill(client, password=password).status_code == 200
    assert not User.objects.exists()


def test_the_password_is_stored_with_argon2(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user = register(identifier="new@example.com", password=GOOD, display_name="A")
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(GOOD)


def test_one_address_cannot_try_identifiers_without_end(client, settings):
    settings.RATE_LIMITS = True
    make_user(email="new@example.com")
    for _ in range(REGISTRATIONS):
        assert fill(client).status_code == 200
    page = fill(client, identifier="other@example.com")
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert not User.objects.filter(email="other@example.com").exists()
