"""A sale opens: everybody comes in the first second, over HTTP, to a server with many threads.

The order of arrival is kept, a person has one place, a bot gains none, and exactly the pieces that
there are go to those who came first.
"""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.core.servers.basehttp import WSGIServer
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Place, Sale
from campaigns.services import line
from campaigns.services.line import take_place
from catalog.models import Offer
from members.models import User
from members.services.accounts import issue_token
from orders.models import Order
from tests.campaigns.sales import item, make_sale
from tests.factories import make_product, make_user
from tests.forms import LONG
from tests.races.books import broken
from tests.races.conftest import deleted_afterwards  # noqa: F401 - the database is emptied quickly
from tests.races.together import together
from tests.races.unguarded import without_constraint

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
GUESTS, PIECES = (2000, 100) if LONG else (120, 15)
BOT_TRIES = 40


class Answer(NamedTuple):
    """What a guest heard, and when the question began and ended."""

    began: float
    ended: float
    status: int
    body: dict[str, Any]


@pytest.fixture
def server(transactional_db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    """With room for all who knock at once, as a proxy in front of the shop has."""
    monkeypatch.setattr(WSGIServer, "request_queue_size", 512)
    found = LiveServer("localhost")
    yield found
    found.stop()


def guests(count: int) -> list[tuple[int, str]]:
    """So many members with their tokens."""
    rows = User.objects.bulk_create(
        User(email=f"rush{number}@example.com", display_name=f"Guest {number}", password="!")
        for number in range(count)
    )
    return [(row.pk, issue_token(user=row)) for row in rows]


def ask(server: LiveServer, method: str, path: str, token: str, body: Any = None) -> Answer:
    """One request of one guest, with a connection of its own."""
    began = time.monotonic()
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = f"rush-{token[-24:]}"
        connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        read = answer.read()
        told = json.loads(read) if read else {}
        return Answer(began, time.monotonic(), answer.status, told)
    finally:
        connection.close()


def overtaken(arrivals: list[tuple[Answer, int]]) -> list[int]:
    """Places of those who came, and were answered, before somebody with an earlier place had asked."""
    wrong, highest, ended = [], 0, sorted(arrivals, key=lambda row: row[0].ended)
    place = 0
    for answer, number in sorted(arrivals, key=lambda row: row[0].began):
        while place < len(ended) and ended[place][0].ended < answer.began:
            highest = max(highest, ended[place][1])
            place += 1
        if number < highest:
            wrong.append(number)
    return wrong


def sale_of(pieces: int) -> Sale:
    product = make_product(price_fen=5000, stock=GUESTS * 2)
    return make_sale(product, items=[item(product, 3000, pieces, 1)], has_line=True)


def test_a_rush_is_let_in_in_the_order_of_arrival(server: LiveServer) -> None:
    sale, crowd = sale_of(PIECES), guests(GUESTS)
    bot, path = crowd[GUESTS // 2], f"/sales/{sale.pk}/place"
    tries = [*crowd, *[bot] * BOT_TRIES]
    jobs = [lambda token=token: ask(server, "POST", path, token) for _pk, token in tries]
    answers: list[Answer] = together(jobs)
    assert Counter(answer.status for answer in answers) == {200: len(tries)}
    numbers = dict(Place.objects.filter(sale=sale).values_list("person_id", "pk"))
    assert len(numbers) == GUESTS, "one place a person, the bot's among them"
    first = {pk: (answer, numbers[pk]) for (pk, _t), answer in zip(crowd, answers, strict=False)}
    assert overtaken([row for pk, row in first.items() if pk != bot[0]]) == []
    _everybody_buys(server, sale, crowd)
    by_arrival = sorted(numbers, key=lambda pk: numbers[pk])
    bought = set(Order.objects.values_list("buyer_id", flat=True))
    assert bought == set(by_arrival[:PIECES]), "the first who came, and nobody else"
    assert Order.objects.count() == PIECES
    assert Offer.objects.get(sale_item__sale=sale).remaining == 0
    assert not broken()


def _everybody_buys(server: LiveServer, sale: Sale, crowd: list[tuple[int, str]]) -> None:
    """All of them ask and try to buy at once, again and again, until nobody has been let in."""
    offer = Offer.objects.get(sale_item__sale=sale)
    body = {"lines": [{"offer": offer.pk, "quantity": 1}]}
    pushers = crowd[-20:]
    for _round in range(1 + PIECES // line.AT_ONCE * 2 + 2):
        inside = _inside(server, sale, crowd[0][1])
        tokens = [token for pk, token in crowd if pk in inside] + [token for _pk, token in pushers]
        jobs = [lambda token=token: ask(server, "POST", "/orders", token, body) for token in tokens]
        answers: list[Answer] = together(jobs)
        assert {answer.status for answer in answers} <= {201, 409}
        codes = {answer.body["code"] for answer in answers if answer.status == 409}
        assert codes <= {"not_let_in", "quota_gone", "key_in_use"}, codes
        offer.refresh_from_db()
        if not offer.remaining:
            return


def _inside(server: LiveServer, sale: Sale, token: str) -> set[int]:
    """Who is in, after somebody has asked where they stand."""
    ask(server, "GET", f"/sales/{sale.pk}/place", token)
    rows = Place.objects.filter(sale=sale, until__isnull=False, gone=False)
    return set(rows.values_list("person_id", flat=True))


def test_where_the_database_did_not_hold_it_a_bot_would_gain_places() -> None:
    """The control: without the one place a person, the same tries take many."""
    sale, bot = sale_of(5), make_user()
    jobs = [lambda: take_place(sale_id=sale.pk, person=bot)] * 10
    with without_constraint("campaigns_place", "place_one_a_person"):
        together(jobs)
        assert Place.objects.count() > 1
    together(jobs)
    assert Place.objects.count() == 1


def test_the_judge_sees_who_was_overtaken() -> None:
    early, late = Answer(0, 1, 200, {}), Answer(2, 3, 200, {})
    assert overtaken([(early, 7), (late, 5)]) == [5]
    assert overtaken([(early, 5), (late, 7)]) == []
