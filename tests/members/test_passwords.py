"""Changing a password, and choosing a new one after forgetting it."""

from __future__ import annotations

import re

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from members.errors import BadCredentials
from members.models import ApiToken, User
from members.services.accounts import PAIR_FAILURES, PERSON_FAILURES, issue_token, sign_in
from o2o import settings as product_settings
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "seven green tea leaves"


def change(client, old=PASSWORD, new=NEW):
    return client.post(reverse("password_change"), {"old_password": old, "new_password": new})


def test_production_hashes_with_argon2():
    # The tests' own fast hashers replace settings; this is what o2o/settings.py says.
    assert product_settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_changing_keeps_this_session_and_ends_the_others(client):
    user = make_user()
    other = type(client)()
    client.force_login(user)
    other.force_login(user)
    token = issue_token(user=user)
    assert change(client).status_code == 302
    assert client.get(reverse("settings")).status_code == 200
    assert other.get(reverse("settings")).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert not ApiToken.objects.filter(user=user).exists(), token


def test_the_old_password_must_be_right(client):
    user = make_user()
    client.force_login(user)
    page = change(client, old="wrong")
    assert "not your current password" in page.content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_a_weak_new_password_is_refused(client):
    user = make_user()
    client.force_login(user)
    assert "too common" in change(client, new="password123").content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_guessing_the_old_password_is_stopped(client, settings):
    settings.RATE_LIMITS = True
    user = make_user()
    client.force_login(user)
    for _ in range(PAIR_FAILURES):
        change(client, old="wrong")
    assert change(client).status_code == 429
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def forget(client, email):
    return client.post(reverse("password_reset"), {"email": email})


def link_of(mail):
    return re.search(rf"{django_settings.BASE_URL}(/password/reset/\S+)", mail.body)[1]


def test_a_forgotten_password_is_replaced_by_the_mailed_link(client, drain, mailoutbox):
    user = make_user(email="li@example.com")
    issue_token(user=user)
    assert forget(client, "LI@example.com").status_code == 200
    assert not mailoutbox, "the page must not wait for a mail server"
    drain()
    (mail,) = mailoutbox
    assert mail.to == ["li@example.com"]
    page = client.get(link_of(mail), follow=True)
    client.post(page.request["PATH_INFO"], {"new_password": NEW})
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert not ApiToken.objects.filter(user=user).exists()
    used = client.get(link_of(mail), follow=True)
    assert "no longer works" in used.content.decode()


def test_a_new_password_chosen_by_mail_lets_in_whoever_others_had_locked_out(
    client, drain, mailoutbox, settings
):
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    for number in range(PERSON_FAILURES):
        with pytest.raises(BadCredentials):
            place = f"6.6.6.{number // PAIR_FAILURES}"
            sign_in(request=None, identifier=user.email, password="wrong", client=place)
    facts = {"identifier": user.email, "password": NEW}
    assert client.post(reverse("login"), facts).status_code == 429
    forget(client, user.email)
    drain()
    page = client.get(link_of(mailoutbox[0]), follow=True)
    client.post(page.request["PATH_INFO"], {"new_password": NEW})
    assert client.post(reverse("login"), facts).status_code == 302


def test_a_weak_password_is_refused_behind_the_link(client, drain, mailoutbox):
    user = make_user(email="li@example.com")
    forget(client, user.email)
    drain()
    page = client.get(link_of(mailoutbox[0]), follow=True)
    answer = client.post(page.request["PATH_INFO"], {"new_password": "12345678901"})
    assert answer.status_code == 200
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_forgetting_tells_nobody_who_has_an_account(client, drain, mailoutbox):
    make_user(email="li@example.com")
    known, unknown = forget(client, "li@example.com"), forget(client, "xx@example.com")
    assert known.status_code == unknown.status_code == 200
    assert "If there is an account with xx@example.com" in unknown.content.decode()
    drain()
    assert [mail.to for mail in mailoutbox] == [["li@example.com"]]


def test_the_link_is_written_in_the_persons_language(client, drain, mailoutbox, settings):
    make_user(email="li@example.com", language="zh-hans", display_name="李雷")
    forget(client, "li@example.com")
    drain()
    html = mailoutbox[0].alternatives[0].content
    assert 'lang="zh-hans"' in html
    assert "李雷" in html


def test_asking_for_links_is_limited_per_person(client, settings, drain, mailoutbox):
    settings.RATE_LIMITS = True
    make_user(email="li@example.com")
    assert [forget(client, "li@example.com").status_code for _ in range(4)] == [200] * 4
    drain()
    assert len(mailoutbox) == 3  # a stranger fills nobody's mailbox, and tells nobody to wait
