"""Asked once, plainly; respected; kept for members; a browser's own no is a no."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kernel.clock import now
from kernel.facts.models import Fact
from kernel.facts.services import About, Kind, flush_facts, record
from kernel.facts.traces import Trace, subject_key
from kernel.outbox.models import OutboxEvent
from members.models import User
from members.services.accounts import issue_token
from members.services.consent import LATE, forget_member
from tests.factories import PASSWORD, make_product, make_store, make_user, offer_of

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 14) Mobile Safari/537.36"
QUESTION = b"May we count visits from this browser together?"


def browser(**headers: str) -> Client:
    return Client(headers={"User-Agent": PHONE, **headers})


def answer(client: Client, consent: str, **data: str) -> Any:
    return client.post("/privacy/", {"consent": consent, **data})


def kept(client: Client) -> set[str]:
    """The cookies of consent that the browser has."""
    names = ("consent", "visit", "stay", "visitor")
    return {name for name in names if name in client.cookies and client.cookies[name].value}


def test_everybody_is_asked_until_they_answer_and_never_again() -> None:
    for consent in ("yes", "no"):
        client = browser()
        assert QUESTION in client.get("/").content
        assert answer(client, consent, next="/help/")["Location"] == "/help/"
        assert QUESTION not in client.get("/").content


def test_both_answers_weigh_the_same() -> None:
    page = browser().get("/").content.decode()
    question = page.split('class="consent"')[1].split("</section>")[0]
    yes, no = (part.split(">")[0] for part in question.split("<button ")[1:])
    assert yes.replace("yes", "no") == no, "neither stands out"


def test_no_keeps_the_answer_and_nothing_else() -> None:
    client = browser()
    assert set(answer(client, "no").cookies) - {"messages", "csrftoken"} == {"consent"}
    client.get("/products/?q=noodles")
    flush_facts()
    search = Fact.objects.get(kind="search")
    assert (search.visit, search.subject) == ("", "")
    assert set(client.cookies) & {"visit", "stay", "visitor"} == set()


def test_yes_gives_the_browser_its_keys_and_no_takes_them_away() -> None:
    client = browser()
    assert {"stay", "visitor"} <= set(answer(client, "yes").cookies)
    client.get("/products/?q=noodles")
    flush_facts()
    search = Fact.objects.get(kind="search")
    assert search.visit
    assert search.visitor
    answer(client, "no")
    assert {client.cookies[name].value for name in ("stay", "visitor")} == {""}
    assert "visit" not in client.cookies, "that is of a scan"


def test_a_browser_that_agreed_gets_a_lost_key_again() -> None:
    client = browser()
    answer(client, "yes")
    visitor = client.cookies["visitor"].value
    del client.cookies["stay"]
    client.get("/")
    assert client.cookies["stay"].value
    assert client.cookies["visitor"].value == visitor


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_asks_not_to_be_followed_is_not_asked_and_not_followed(header: str) -> None:
    client = browser(**{header: "1"})
    client.cookies["consent"] = "yes"
    assert QUESTION not in client.get("/").content
    assert b"That is a no" in client.get("/privacy/").content
    assert kept(client) == {"consent"}
    for consent in ("yes", "no"):
        answer(client, consent)
        assert kept(client) == set(), "neither a key nor an answer"
        said = client.get("/privacy/").content
        assert b"counted together from now on" not in said
        assert (b"and that holds here" in said) == (consent == "yes")


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_member_who_logs_in_to_such_a_browser_gets_no_cookie_but_the_session(header: str) -> None:
    user, client = make_user(), browser(**{header: "1"})
    User.objects.filter(pk=user.pk).update(counted=True)
    for name in ("visit", "stay", "visitor"):
        client.cookies[name] = "k" * 43
    client.post("/login/", {"identifier": user.email, "password": PASSWORD})
    assert client.session.get("_auth_user_id") == str(user.pk)
    assert kept(client) == set()


def test_each_answer_is_a_fact_of_a_stranger() -> None:
    client = browser()
    answer(client, "yes")
    answer(client, "no")
    facts = list(Fact.objects.order_by("id"))
    assert [fact.words for fact in facts] == ["yes", "no"]
    assert {(fact.visit, fact.subject) for fact in facts} == {("", "")}


def test_what_is_no_answer_changes_nothing() -> None:
    client = browser()
    for consent in ("", "maybe"):
        assert answer(client, consent).status_code == 200
    assert "consent" not in client.cookies


def test_a_members_answer_holds_wherever_they_sign_in() -> None:
    user = make_user()
    first = browser()
    first.force_login(user)
    answer(first, "yes")
    user.refresh_from_db()
    assert user.counted is True
    second = browser()
    second.post("/login/", {"identifier": user.email, "password": PASSWORD})
    assert second.cookies["consent"].value == "yes"
    third = browser()
    third.force_login(user)
    assert QUESTION not in third.get("/").content, "who has answered is not asked again"


def test_a_browsers_answer_becomes_the_members() -> None:
    user, client = make_user(), browser()
    answer(client, "no")
    client.post("/login/", {"identifier": user.email, "password": PASSWORD})
    user.refresh_from_db()
    assert user.counted is False


def test_a_members_no_takes_their_key_off_what_was_recorded() -> None:
    user, client = make_user(), browser()
    client.force_login(user)
    answer(client, "yes")
    client.get("/products/?q=noodles")
    flush_facts()
    assert Fact.objects.filter(subject=subject_key(user.pk)).count() == 1
    other = Trace("b", "", "v", subject_key(user.pk + 1), "web", "phone", True)
    record(Kind.SEARCH, [About(words="tea")], trace=other)
    flush_facts()
    before = now()
    answer(client, "no")
    event = OutboxEvent.objects.get(topic="consent.withdrawn")
    assert event.due_at >= before + LATE, "what other processes had in a batch is there by then"
    forget_member(**event.payload)
    assert not Fact.objects.filter(subject=subject_key(user.pk)).exists()
    assert Fact.objects.filter(kind="search").count() == 2, "it stays counted"
    assert Fact.objects.get(words="tea").subject == subject_key(user.pk + 1)


def test_a_members_no_holds_in_every_browser_that_is_signed_in() -> None:
    user, first, second = make_user(), browser(), browser()
    for client in (first, second):
        client.force_login(user)
        answer(client, "yes")
    answer(first, "no")
    second.get("/products/?q=noodles")
    flush_facts()
    search = Fact.objects.get(kind="search")
    assert (search.subject, search.visit) == ("", "")


def test_a_browser_that_asks_not_to_be_followed_answers_for_nobody_elsewhere() -> None:
    user, client = make_user(), browser(DNT="1")
    client.post("/login/", {"identifier": user.email, "password": PASSWORD})
    user.refresh_from_db()
    assert user.counted is None


def test_through_the_api_a_members_own_answer_holds() -> None:
    offer = offer_of(make_product(stores=[make_store()]))
    for number, counted in enumerate((None, False, True)):
        user = make_user()
        user.counted = counted
        user.save(update_fields=["counted"])
        headers = {
            "Authorization": f"Bearer {issue_token(user=user)}",
            "Idempotency-Key": f"consent-{number}",
        }
        body = {"lines": [{"offer": offer.pk, "quantity": 1}]}
        made = Client().post(
            "/api/v1/orders", body, content_type="application/json", headers=headers
        )
        assert made.status_code == 201
        fact = Fact.objects.filter(kind="checkout").latest("id")
        assert fact.channel == "api"
        assert fact.subject == (subject_key(user.pk) if counted else "")
