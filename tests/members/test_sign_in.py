"""Logging in and out: pages, limits, and what an attacker can learn."""

from __future__ import annotations

import pytest
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse

from kernel.errors import TooManyAttempts
from kernel.http.browser import COOKIE
from members.errors import BadCredentials
from members.models import User
from members.services.accounts import (
    CLIENT_FAILURES,
    PAIR_FAILURES,
    PERSON_FAILURES,
    let_in_from,
    sign_in,
)
from stores.models import Merchant, StaffMembership
from tests.factories import PASSWORD, make_staff, make_store, make_user, owner_of

pytestmark = pytest.mark.django_db


def enter(client, identifier, password=PASSWORD, **more):
    return client.post(reverse("login"), {"identifier": identifier, "password": password, **more})


@pytest.mark.parametrize(
    "typed",
    ["Li@Example.com", " li@example.com ", "ｌｉ@example.com", "LI@EXAMPLE.COM"],
)
def test_an_email_is_found_in_every_spelling(client, typed):
    user = make_user(email="li@example.com")
    assert enter(client, typed).status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        "138 0000 0000",
        "+86 138-0000-0000",
        "008613800000000",
        "１３８００００００００",
    ],
)
def test_a_phone_number_is_found_in_every_spelling(client, typed):
    user = make_user(email=None, phone="13800000000")
    assert enter(client, typed).status_code == 302
    assert int(client.session["_auth_user_id"]) == user.pk


def test_wrong_password_says_so_and_opens_no_session(client):
    make_user(email="li@example.com")
    page = enter(client, "li@example.com", "wrong")
    assert "do not match" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_unknown_person_gets_the_same_page_as_a_wrong_password(client):
    make_user(email="li@example.com")
    known = enter(client, "li@example.com", "wrong").content.decode()
    unknown = enter(client, "xx@example.com", "wrong").content.decode()
    assert strip_tokens(unknown).replace("xx@", "li@") == strip_tokens(known)


def strip_tokens(page):
    return "\n".join(
        line
        for line in page.splitlines()
        if "csrfmiddlewaretoken" not in line and "server-time" not in line
    )


def test_unknown_person_costs_a_password_hash_too(monkeypatch):
    make_user(email="li@example.com")
    hashed = count_hashes(monkeypatch)
    for identifier in ("li@example.com", "nobody@example.com", "not an identifier"):
        hashed.clear()
        with pytest.raises(BadCredentials):
            sign_in(request=None, identifier=identifier, password="wrong", client="1.2.3.4")
        assert len(hashed) == 1, identifier


def count_hashes(monkeypatch):
    hasher = type(hashers.get_hasher())
    calls = []
    original = hasher.encode

    def encode(self, password, salt, *rest, **options):
        calls.append(password)
        return original(self, password, salt, *rest, **options)

    monkeypatch.setattr(hasher, "encode", encode)
    return calls


def test_closed_account_cannot_sign_in():
    make_user(email="li@example.com", is_active=False)
    with pytest.raises(BadCredentials):
        sign_in(request=None, identifier="li@example.com", password=PASSWORD, client="1.2.3.4")


def test_guessing_one_person_is_stopped_even_with_the_right_password(client, settings):
    settings.RATE_LIMITS = True
    make_user(email="li@example.com")
    for _ in range(PAIR_FAILURES):
        enter(client, "li@example.com", "wrong")
    page = enter(client, "li@example.com", PASSWORD)
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "Too many attempts" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_spelling_an_identifier_differently_gives_no_more_guesses(settings):
    settings.RATE_LIMITS = True
    make_user(email=None, phone="13800000000")
    spellings = ["13800000000", "138 0000 0000", "+8613800000000", "138-0000-0000"] * 2
    for typed in spellings:
        with pytest.raises(BadCredentials):
            sign_in(request=None, identifier=typed, password="wrong", client="1.2.3.4")
    with pytest.raises(TooManyAttempts) as stopped:
        sign_in(request=None, identifier="13800000000", password=PASSWORD, client="1.2.3.4")
    assert 0 < stopped.value.extra["retry_after_seconds"] <= 15 * 60


def test_a_guesser_elsewhere_does_not_lock_the_owner_out(settings):
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    for _ in range(PAIR_FAILURES):
        with pytest.raises(BadCredentials):
            sign_in(request=None, identifier=user.email, password="wrong", client="6.6.6.6")
    assert sign_in(request=None, identifier=user.email, password=PASSWORD, client="1.2.3.4") == user


def guess_from_everywhere(person):
    """As many wrong passwords as stop a person, from enough places; the last is refused unread."""
    for number in range(PERSON_FAILURES + 1):
        with pytest.raises((BadCredentials, TooManyAttempts)):
            sign_in(
                request=None,
                identifier=person.email,
                password="wrong",
                client=f"6.6.6.{number // PAIR_FAILURES}",
            )


def test_guessers_everywhere_do_not_stop_a_person_where_they_have_signed_in(settings):
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    facts = {"request": None, "identifier": user.email, "password": PASSWORD}
    sign_in(**facts, client="1.2.3.4")
    guess_from_everywhere(user)
    with pytest.raises(TooManyAttempts):
        sign_in(**facts, client="5.5.5.5")  # a place nobody knows
    assert sign_in(**facts, client="1.2.3.4") == user
    for _ in range(PAIR_FAILURES):
        with pytest.raises(BadCredentials):
            sign_in(**{**facts, "password": "wrong"}, client="1.2.3.4")
    with pytest.raises(TooManyAttempts):
        sign_in(**facts, client="1.2.3.4")  # whoever guesses there is stopped all the same


def test_neither_guessers_nor_neighbours_stop_a_browser_that_is_known(client, settings):
    """Somebody guesses from everywhere, others at one's own address; the phone is elsewhere by now."""
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    assert enter(client, user.email).status_code == 302
    client.post(reverse("logout"))
    guess_from_everywhere(user)
    for number in range(CLIENT_FAILURES + 1):
        stranger = {"identifier": f"x{number}@example.com", "password": "wrong"}
        with pytest.raises((BadCredentials, TooManyAttempts)):
            sign_in(request=None, **stranger, client="7.7.7.7")
    elsewhere = {"REMOTE_ADDR": "7.7.7.7"}
    facts = {"identifier": user.email, "password": PASSWORD}
    assert Client().post(reverse("login"), facts, **elsewhere).status_code == 429
    assert client.post(reverse("login"), facts, **elsewhere).status_code == 302
    client.post(reverse("logout"))
    for _ in range(PAIR_FAILURES):
        assert enter(client, user.email, "wrong").status_code == 200
    assert enter(client, user.email).status_code == 429  # its own guesses count


def test_the_browser_that_opened_an_account_is_known(client, settings):
    settings.RATE_LIMITS = True
    facts = {"identifier": "mei@example.com", "display_name": "Mei", "password": PASSWORD}
    assert client.post(reverse("register"), facts).status_code == 302
    client.post(reverse("logout"))
    guess_from_everywhere(User.objects.get(email="mei@example.com"))
    answer = client.post(
        reverse("login"),
        {"identifier": "mei@example.com", "password": PASSWORD},
        REMOTE_ADDR="7.7.7.7",
    )
    assert answer.status_code == 302


def test_a_browser_is_known_for_the_account_that_signed_in_there_alone(settings):
    """Who signs in with an account of their own opens no more guesses at somebody else's."""
    settings.RATE_LIMITS = True
    own, victim = make_user(email="ann@example.com"), make_user(email="bo@example.com")
    facts = {"request": None, "password": PASSWORD, "client": "5.5.5.5", "browser": "b" * 43}
    sign_in(**facts, identifier=own.email)
    guess_from_everywhere(victim)
    with pytest.raises(TooManyAttempts):
        sign_in(**facts, identifier=victim.email)
    assert sign_in(**facts, identifier=own.email) == own


@pytest.mark.parametrize("browser", ["", "b" * 43])
def test_a_new_password_forgets_ones_own_wrong_ones(settings, browser):
    """Somebody has forgotten it, tries, follows the link in the mail and is in."""
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    facts = {"identifier": user.email, "client": "1.2.3.4", "browser": browser}
    sign_in(request=None, password=PASSWORD, **facts)
    for _ in range(PAIR_FAILURES):
        with pytest.raises(BadCredentials):
            sign_in(request=None, password="wrong", **facts)
    with pytest.raises(TooManyAttempts):
        sign_in(request=None, password=PASSWORD, **facts)
    let_in_from(user=user, client="1.2.3.4", browser=browser)
    assert sign_in(request=None, password=PASSWORD, **facts) == user


def test_who_chose_a_new_password_by_mail_may_sign_in_by_phone_as_well(settings):
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com", phone="13800000000")
    facts = {"request": None, "identifier": user.phone, "client": "1.2.3.4"}
    for _ in range(PAIR_FAILURES):
        with pytest.raises(BadCredentials):
            sign_in(**facts, password="wrong")
    let_in_from(user=user, client="1.2.3.4")
    assert sign_in(**facts, password=PASSWORD) == user


def test_a_made_up_secret_of_a_browser_is_replaced(client, settings):
    make_user(email="li@example.com")
    client.cookies[COOKIE] = "x" * 9
    enter(client, "li@example.com")
    assert len(client.cookies[COOKIE].value) == 43
    assert client.cookies[COOKIE]["httponly"]


def test_a_new_password_forgets_what_strangers_tried(settings):
    settings.RATE_LIMITS = True
    user = make_user(email="li@example.com")
    guess_from_everywhere(user)
    facts = {"request": None, "identifier": user.email, "password": PASSWORD}
    with pytest.raises(TooManyAttempts):
        sign_in(**facts, client="5.5.5.5")
    let_in_from(user=user, client="9.9.9.9")
    assert sign_in(**facts, client="5.5.5.5") == user  # the program that was shut out as well


def test_right_passwords_are_not_counted(settings):
    settings.RATE_LIMITS = True
    user = make_user()
    for _ in range(PAIR_FAILURES + 3):
        facts = {"identifier": user.email, "password": PASSWORD, "client": "1.2.3.4"}
        assert sign_in(request=None, **facts) == user


def test_next_leads_on_inside_this_site(client):
    make_user(email="li@example.com")
    assert enter(client, "li@example.com", next="/account/settings/").url == "/account/settings/"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""],
)
def test_next_never_leads_to_another_site(client, target):
    make_user(email="li@example.com")
    assert enter(client, "li@example.com", next=target).url == reverse("account")


def test_a_page_for_members_leads_to_the_login_and_back(client):
    make_user(email="li@example.com")
    asked = client.get(reverse("settings"))
    assert asked.url == f"{reverse('login')}?next=/account/settings/"
    assert 'value="/account/settings/"' in client.get(asked.url).content.decode()


def test_logging_in_changes_the_session_key(client):
    make_user(email="li@example.com")
    session = client.session
    session["city"] = "kept"
    session.save()
    before = session.session_key
    enter(client, "li@example.com")
    assert client.session.session_key != before
    assert client.session["city"] == "kept"


def test_logging_out_needs_a_post(client):
    client.force_login(make_user())
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_login_page_speaks_the_persons_language_afterwards(client):
    make_user(email="li@example.com", language="zh-hans")
    enter(client, "li@example.com")
    assert 'lang="zh-hans"' in client.get(reverse("settings")).content.decode()


def test_a_language_picked_before_logging_in_is_kept(client):
    user = make_user(email="li@example.com", language="en")
    client.post(reverse("set_language"), {"language": "zh-hans"})
    enter(client, "li@example.com")
    user.refresh_from_db()
    assert user.language == "zh-hans"
    assert 'lang="zh-hans"' in client.get(reverse("settings")).content.decode()


def test_switching_the_language_is_remembered_for_messages(client):
    user = make_user(language="en")
    client.force_login(user)
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert User.objects.get(pk=user.pk).language == "zh-hans"
    client.post(reverse("set_language"), {"language": "xx"})
    assert User.objects.get(pk=user.pk).language == "zh-hans"


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("clerk", "console_home"),
        ("manager", "console_home"),
        ("owner", "admin:index"),
        ("former", "account"),
        ("clerk of a suspended business", "account"),
        ("customer", "account"),
        ("operator", "admin:index"),
    ],
)
def test_people_begin_where_they_work(client, role, home):
    store = make_store()
    user = make_user("operator" if role == "operator" else "customer")
    if role == "manager" or role.startswith(("clerk", "former")):
        make_staff(store, user=user, role="manager" if role == "manager" else "clerk")
    if role.endswith("suspended business"):
        Merchant.objects.update(state="suspended")
    if role == "former":
        StaffMembership.objects.update(active=False)
    if role == "owner":
        user = owner_of(store.merchant)
    assert enter(client, user.email)["Location"] == reverse(home)
    assert client.get(reverse("login"))["Location"] == reverse(home)
    client.logout()
    assert enter(client, user.email, next="/stores/")["Location"] == "/stores/"
    client.logout()
    assert enter(client, user.email, next="//evil.example/")["Location"] == reverse(home)
