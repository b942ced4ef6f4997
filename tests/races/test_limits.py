"""Parallel guesses: of any number at once, exactly the limit is answered."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.core.cache import cache
from django.test import override_settings

from kernel.errors import TooManyAttempts
from members.models import User
from members.services.accounts import PAIR_FAILURES, change_password, sign_in
from members.services.keys import MOST_KEYS, keys_of, make_key
from tests.factories import PASSWORD, make_staff, make_store, make_user
from tests.races.together import PATIENCE_SECONDS, refusals, together
from tests.races.unguarded import meeting
from vouchers.access import UNKNOWN_LIMIT, access_voucher_for_staff

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
GUESSES = 30


@pytest.fixture(autouse=True)
def limits():
    with override_settings(RATE_LIMITS=True):
        yield


def test_parallel_wrong_logins_reach_exactly_the_limit() -> None:
    user = make_user(email="li@mail.example")

    def guess() -> None:
        sign_in(request=None, identifier="li@mail.example", password="wrong", client="10.0.0.9")

    answers = together([guess] * GUESSES)
    assert refusals(answers) == {
        "bad_credentials": PAIR_FAILURES,
        "try_later": GUESSES - PAIR_FAILURES,
    }
    assert sign_in(request=None, identifier=user.email, password=PASSWORD, client="10.0.0.8")


def test_parallel_wrong_old_passwords_reach_exactly_the_limit() -> None:
    user = make_user()

    def guess() -> None:
        change_password(user=user, old_password="wrong", new_password="seven green tea leaves")

    assert refusals(together([guess] * GUESSES))["invalid"] == PAIR_FAILURES


def test_parallel_unknown_codes_reach_exactly_the_limit() -> None:
    store = make_store()
    clerk = make_staff(store)

    def guess() -> None:
        access_voucher_for_staff(staff=clerk, store=store, code="000000000000")

    assert refusals(together([guess] * GUESSES))["unknown"] == UNKNOWN_LIMIT


def test_a_count_that_follows_the_look_lets_all_of_them_through() -> None:
    """The control: look, wait for each other, count."""
    met = threading.Barrier(GUESSES)

    def guess() -> str:
        if (cache.get("control") or 0) >= PAIR_FAILURES:
            raise TooManyAttempts
        met.wait(PATIENCE_SECONDS)
        cache.add("control", 0)
        cache.incr("control")
        return "answered"

    assert together([guess] * GUESSES) == ["answered"] * GUESSES


def test_right_passwords_in_parallel_leave_nothing_counted() -> None:
    user = make_user()

    def enter() -> None:
        sign_in(request=None, identifier=user.email or "", password=PASSWORD, client="10.0.0.9")

    for _ in range(3):
        assert together([enter] * PAIR_FAILURES) == [None] * PAIR_FAILURES


def make_one(user: User, number: int) -> None:
    make_key(user=user, name=f"Program {number}", scopes=["orders:read"])


def test_parallel_keys_reach_exactly_the_most() -> None:
    user = make_user()
    for number in range(MOST_KEYS - 1):
        make_one(user, number)
    answers = together([partial(make_one, user, number) for number in range(8)])
    assert refusals(answers) == {"invalid": 7}
    assert keys_of(user).count() == MOST_KEYS


def test_without_the_lock_all_of_them_are_made() -> None:
    user = make_user()
    for number in range(MOST_KEYS - 1):
        make_one(user, number)
    jobs = [partial(make_one, user, number) for number in range(3)]
    meeting(jobs, before='INSERT INTO "members_apitoken"')
    assert keys_of(user).count() == MOST_KEYS + 2
