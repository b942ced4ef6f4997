"""A phone account adds an e-mail address, and can then replace a forgotten password."""

from __future__ import annotations

import re

import pytest
from django.core import mail, signing
from django.test import Client
from django.urls import reverse

from kernel.errors import InvalidInput, TooManyAttempts
from kernel.outbox.models import OutboxEvent
from members.errors import EmailLinkOver, EmailTaken, HasEmail
from members.models import User
from members.services.accounts import PAIR_FAILURES, issue_token
from members.services.emails import (
    _SALT,
    PERSON_REQUESTS,
    ask_to_add_email,
    confirm_email,
    email_token,
    read_email_token,
)
from members.services.recovery import request_password_reset
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_user(email=None, phone="15912345678")


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/account/email/\S+)", message.body)[1]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_address_counts_once_its_link_is_used(drain, language: str) -> None:
    user = make_user(email=None, phone="15912345678", language=language)
    client = Client()
    client.force_login(user)
    assert reverse("email_add") in client.get(reverse("settings")).content.decode()
    facts = {"email": "Mei@B\u00fccher.example", "password": PASSWORD}
    assert client.post(reverse("email_add"), facts).status_code == 200
    drain()
    (message,) = mail.outbox
    assert message.to == ["mei@xn--bcher-kva.example"]
    assert message.from_email == "Linli <no-reply@localhost>"
    assert ("确认" in message.subject) == (language == "zh-hans")
    user.refresh_from_db()
    assert user.email is None
    request_password_reset(email="mei@b\u00fccher.example", client="10.0.0.1")
    assert not OutboxEvent.objects.filter(topic="password.forgotten").exists()

    elsewhere, link = Client(), link_in(message)
    assert elsewhere.get(link).status_code == 200
    user.refresh_from_db()
    assert user.email is None  # looking at the page adds nothing
    assert elsewhere.post(link).status_code == 302
    user.refresh_from_db()
    assert user.email == "mei@xn--bcher-kva.example"
    request_password_reset(email="mei@b\u00fccher.example", client="10.0.0.1")
    assert OutboxEvent.objects.filter(topic="password.forgotten").exists()
    assert elsewhere.get(link).status_code == elsewhere.post(link).status_code == 410


def test_the_password_is_asked_for_and_guessing_it_is_stopped(user: User, settings) -> None:
    settings.RATE_LIMITS = True
    for _ in range(PAIR_FAILURES):
        with pytest.raises(InvalidInput) as refused:
            ask_to_add_email(user=user, email="li@mail.example", password="wrong")
        assert set(refused.value.extra["fields"]) == {"password"}
    with pytest.raises(TooManyAttempts):
        ask_to_add_email(user=user, email="li@mail.example", password=PASSWORD)
    assert not OutboxEvent.objects.exists()


def test_links_are_limited(user: User, settings) -> None:
    settings.RATE_LIMITS = True
    for _ in range(PERSON_REQUESTS):
        ask_to_add_email(user=user, email="li@mail.example", password=PASSWORD)
    with pytest.raises(TooManyAttempts):
        ask_to_add_email(user=user, email="li@mail.example", password=PASSWORD)


def test_right_passwords_are_no_guesses(settings) -> None:
    settings.RATE_LIMITS = True
    user = make_user(email="li@mail.example")
    for _ in range(PAIR_FAILURES + 1):
        with pytest.raises(HasEmail):
            ask_to_add_email(user=user, email="wu@mail.example", password=PASSWORD)


def test_a_closed_account_gets_no_address(user: User) -> None:
    token = email_token(user, "li@mail.example")
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(EmailLinkOver):
        confirm_email(token=token)


def test_an_address_of_somebody_else_is_refused_before_and_after_the_link(user: User) -> None:
    token = email_token(user, "wu@mail.example")
    make_user(email="wu@mail.example")
    with pytest.raises(EmailTaken):
        ask_to_add_email(user=user, email="WU@mail.example", password=PASSWORD)
    with pytest.raises(EmailTaken):
        confirm_email(token=token)
    user.refresh_from_db()
    assert user.email is None


def test_an_address_is_added_not_replaced() -> None:
    user = make_user(email="li@mail.example")
    with pytest.raises(HasEmail):
        ask_to_add_email(user=user, email="wu@mail.example", password=PASSWORD)
    with pytest.raises(EmailLinkOver):
        confirm_email(token=email_token(user, "wu@mail.example"))


@pytest.mark.parametrize("address", ["no address", "u@" + "\u00e4" * 60 + ".example"])
def test_an_address_that_no_mail_reaches_gets_no_link(user: User, address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask_to_add_email(user=user, email=address, password=PASSWORD)
    assert set(refused.value.extra["fields"]) == {"email"}


def test_a_link_dies_with_the_password_with_time_and_with_each_changed_letter(
    user: User, settings
) -> None:
    token = email_token(user, "li@mail.example")
    assert read_email_token(token) == (user, "li@mail.example")
    with pytest.raises(EmailLinkOver):
        read_email_token(token[:-1])
    settings.PASSWORD_RESET_TIMEOUT = -1
    with pytest.raises(EmailLinkOver):
        read_email_token(token)
    settings.PASSWORD_RESET_TIMEOUT = 60
    user.set_password("seven green tea leaves")
    user.save()
    with pytest.raises(EmailLinkOver):
        read_email_token(token)


def test_the_api_adds_an_address_too(user: User, client: Client) -> None:
    headers = {"Authorization": f"Bearer {issue_token(user=user)}"}
    facts = {"email": "Li@mail.example", "password": PASSWORD}
    answer = client.post(reverse("api_email"), facts, "application/json", headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"email": "li@mail.example"})
    token = {"token": email_token(user, "li@mail.example")}
    answer = client.post(reverse("api_email_confirm"), token, "application/json")
    assert answer.json() == {"email": "li@mail.example"}
    answer = client.post(reverse("api_email_confirm"), token, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (410, "email_link_over")


def test_a_link_dies_with_the_next_address_also_when_that_is_taken_off_the_account(
    user: User,
) -> None:
    first = email_token(user, "li@mail.example")
    confirm_email(token=email_token(user, "wu@mail.example"))
    with pytest.raises(EmailLinkOver):
        read_email_token(first)


def test_a_link_opens_for_nobody_but_the_person_it_was_made_for(user: User) -> None:
    other = make_user(email=None, phone="15912345679")
    user_id, email, _seal = signing.loads(email_token(user, "li@mail.example"), salt=_SALT)
    _other_id, _email, seal = signing.loads(email_token(other, email), salt=_SALT)
    with pytest.raises(EmailLinkOver):
        read_email_token(signing.dumps([user_id, email, seal], salt=_SALT))
