"""One action per key: what is stored, what is replayed, what leaves the key free."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from catalog.errors import SoldOut
from kernel.errors import InvalidInput, KeyReused
from kernel.http.once import FormOutdated, page_once
from kernel.http.problems import refusal_problem
from kernel.idempotency.models import IdempotencyKey
from kernel.idempotency.services import Answer, run_once
from stores.models import City
from tests.factories import make_city, make_user

pytestmark = pytest.mark.django_db


def once(action, *, request_hash: str = "same", key: str = "some-key-1"):
    return run_once(
        scope="user:1",
        key=key,
        request_hash=request_hash,
        action=action,
        refusal_body=refusal_problem,
    )


def never():
    raise AssertionError("ran twice")


def test_the_first_answer_is_everybodys():
    first = once(lambda: (201, {"a": 1}))
    assert (first.status, first.body, first.replayed) == (201, {"a": 1}, False)
    assert once(never) == Answer(201, first.text, replayed=True)


def test_a_refusal_undoes_what_its_action_wrote_and_is_replayed():
    def writes_and_refuses():
        make_city()
        raise SoldOut(available=3)

    first = once(writes_and_refuses)
    assert (first.status, first.body["code"], first.body["available"]) == (409, "sold_out", 3)
    assert not City.objects.exists()
    copy = once(never)
    assert (copy.status, copy.body, copy.replayed) == (409, first.body, True)


def test_bad_input_and_crashes_leave_the_key_free():
    for error in (InvalidInput, ZeroDivisionError):

        def fails(error=error):
            make_city()
            raise error

        with pytest.raises(error):
            once(fails)
    assert not City.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert once(lambda: (201, {})).status == 201


def test_another_request_under_the_same_key_is_refused():
    once(lambda: (201, {}))
    with pytest.raises(KeyReused):
        once(never, request_hash="other")


def form(user, **values):
    request = RequestFactory().post("/checkout/", {"form_key": "one-form-1", **values})
    request.user = user
    request.session = type("Session", (), {"session_key": "abc"})()
    return request


@pytest.mark.parametrize("guest", [False, True])
def test_a_form_sent_twice_acts_once(guest):
    user = AnonymousUser() if guest else make_user()
    assert page_once(form(user, a="1"), lambda: {"number": "7"}) == ({"number": "7"}, False)
    again = form(user, a="1", csrfmiddlewaretoken="another")
    assert page_once(again, never) == ({"number": "7"}, True)


def test_the_same_form_with_other_values_or_without_its_key_is_outdated():
    user = make_user()
    page_once(form(user, a="1"), lambda: 1)
    for request in (form(user, a="2"), form(user, a="1", form_key="")):
        with pytest.raises(FormOutdated):
            page_once(request, never)


def test_a_refused_form_may_be_sent_again():
    user = make_user()

    def refuses():
        make_city()
        raise SoldOut

    with pytest.raises(SoldOut):
        page_once(form(user), refuses)
    assert not City.objects.exists()
    assert page_once(form(user), lambda: 5) == (5, False)


def test_one_persons_form_key_says_nothing_to_another():
    page_once(form(make_user()), lambda: 1)
    assert page_once(form(make_user()), lambda: 2) == (2, False)
