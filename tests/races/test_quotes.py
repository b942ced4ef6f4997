"""A price that changes between what the buyer saw and the order: nobody pays what they never saw."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from catalog.models import Offer, Stock
from catalog.services.offers import set_normal_price
from orders.basket_view import basket_view
from orders.models import Order
from orders.pricing import rules
from orders.pricing.benefits import AmountOff
from orders.pricing.rules import Asked, Rule
from orders.services import quotes
from orders.services.basket import add_line, basket_of
from orders.services.checkout import check_out
from tests.factories import make_paid_order, make_product, make_user, offer_of
from tests.races.books import broken
from tests.races.together import PATIENCE_SECONDS, Job, refusals, together, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 4
PRICE_FEN, DEARER_FEN, OFF_FEN = 5000, 6000, 1000
PIECES = 10


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Rule]]:
    """The rules that run, for every quote and order of this process."""
    held: list[Rule] = []
    monkeypatch.setattr(rules, "_sources", [lambda asked: list(held)])
    yield held


def discount() -> Rule:
    return Rule(
        source="spring",
        layer="platform_coupon",
        funder="platform",
        benefit=AmountOff(OFF_FEN),
        id=1,
    )


def offered() -> Offer:
    """What is bought; its terms were frozen by an order of somebody else: no one waits there."""
    offer = offer_of(make_product(price_fen=PRICE_FEN, stock=PIECES + 1))
    make_paid_order(offer=offer)
    return offer


def purchase(offer: Offer) -> Job:
    """A buyer who has looked at the checkout; the job is the press of its button."""
    buyer = make_user()
    basket = basket_of(owner=buyer)
    add_line(basket=basket, offer_id=offer.pk, quantity=1)
    seen = basket_view(basket).quote.digest
    return lambda: check_out(buyer=buyer, basket=basket, seen=seen, gateway="sandbox")


def raise_price(offer: Offer) -> Job:
    return lambda: set_normal_price(variant=offer.variant, price_fen=DEARER_FEN)


def placed() -> list[int]:
    """What the orders that wait for their payment come to."""
    return list(Order.objects.filter(state="pending").values_list("total_fen", flat=True))


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_two_purchases_while_the_price_rises_cost_what_was_seen_or_are_told(
    round_number: int,
) -> None:
    offer = offered()
    jobs = [purchase(offer), raise_price(offer), purchase(offer)]

    answers = together(jobs[:: 1 if round_number % 2 else -1])

    refused = refusals(answers)
    assert set(refused) <= {"quote_changed"}
    assert placed() == [PRICE_FEN] * (2 - refused["quote_changed"])
    assert Stock.objects.get().available == PIECES - len(placed())
    assert broken() == set()


def test_a_purchase_that_has_read_the_price_is_placed_at_it_and_the_next_one_is_told() -> None:
    """Both have seen the old price; it rises when one of them has been priced already."""
    offer = offered()
    first, second = purchase(offer), purchase(offer)
    has_read, has_risen = threading.Event(), threading.Event()

    def wait_before_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'INSERT INTO "orders_order"' in sql and not has_read.is_set():
            has_read.set()
            assert has_risen.wait(PATIENCE_SECONDS)
        return execute(sql, params, many, context)

    def rise_then_buy() -> Any:
        assert has_read.wait(PATIENCE_SECONDS), "the first one never came to its write"
        raise_price(offer)()
        has_risen.set()
        return second()

    answers = together([first, rise_then_buy], wrapper=wait_before_writing)

    assert (len(won(answers)), refusals(answers)) == (1, {"quote_changed": 1})
    assert placed() == [PRICE_FEN]


def ended_under_way(running: list[Rule], offer: Offer) -> list[Any]:
    """Two presses of the button, both begun while the discount ran; it ends before they read it."""
    running.append(discount())
    jobs = [purchase(offer), purchase(offer)]
    begun = threading.Barrier(len(jobs), action=running.clear)
    held = rules._sources[0]

    def read_late(asked: Asked) -> Iterable[Rule]:
        begun.wait(PATIENCE_SECONDS)
        return held(asked)

    rules._sources[:] = [read_late]
    return together(jobs)


def test_a_discount_that_ends_under_way_is_told_to_both(running: list[Rule]) -> None:
    offer = offered()

    answers = ended_under_way(running, offer)

    assert refusals(answers) == {"quote_changed": 2}
    assert placed() == []
    assert Stock.objects.get().available == PIECES


# Control -------------------------------------------------------------------------------


def test_control_without_the_digest_both_are_charged_what_they_never_saw(
    running: list[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_refuses(*_: Any, **__: Any) -> None:
        """In place of the comparison of what was seen with what it costs now."""

    monkeypatch.setattr(quotes, "require_unchanged", never_refuses)
    offer = offered()

    answers = ended_under_way(running, offer)

    assert len(won(answers)) == 2
    assert placed() == [PRICE_FEN, PRICE_FEN]  # the buyers had agreed to 4,000 each
