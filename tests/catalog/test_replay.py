"""What movements come to: in any order, told twice, by the rule and by the services alike."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Stock, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MovementAsked, record_movements
from catalog.services.rebuild import rebuild_stock
from kernel.clock import now
from tests.catalog.replay import Moved, Standing, replay
from tests.catalog.stock_books import broken
from tests.factories import make_product, make_store, owner_of, variant_of
from tests.forms import LONG

START = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


def at(minutes: int) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


@st.composite
def movements(draw: st.DrawFn) -> list[Moved]:
    count = draw(st.integers(0, 12))
    return [
        draw(
            st.one_of(
                st.builds(
                    Moved,
                    key=st.just(f"k{number}"),
                    at=st.integers(0, 8).map(at),
                    delta=st.integers(-9, 9).filter(bool),
                ),
                st.builds(
                    Moved,
                    key=st.just(f"k{number}"),
                    at=st.integers(0, 8).map(at),
                    counted=st.integers(0, 30),
                ),
            )
        )
        for number in range(count)
    ]


def test_without_movements_there_is_nothing() -> None:
    assert replay([]) == Standing(0, None)


def test_a_count_holds_what_happened_before_it_and_not_what_came_after() -> None:
    told = [
        Moved("late", at(1), delta=-2),
        Moved("count", at(5), counted=7),
        Moved("sold", at(6), delta=-1),
    ]
    assert replay(told) == replay(reversed(told)) == Standing(6, at(5))


@given(movements(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_order_and_repetition_change_nothing(told: list[Moved], chance: random.Random) -> None:
    again = [*told, *chance.choices(told, k=len(told) // 2 + 1)] if told else []
    chance.shuffle(again)
    assert replay(again) == replay(told)


class Shelf:
    """A variant that is counted by store, at one store, told of by its owner."""

    def __init__(self) -> None:
        self.store = make_store()
        self.product = make_product(merchant=self.store.merchant, kind="goods", stock=0)
        self.variant = variant_of(self.product)
        self.owner = owner_of(self.store.merchant)
        keep_by_store(variant_id=self.variant.pk, by=self.owner)

    def tell(self, told: list[Moved], size: int = 100) -> None:
        for begin in range(0, len(told), size):
            answers = record_movements(
                merchant=self.store.merchant,
                lines=[self.asked(moved) for moved in told[begin : begin + size]],
                stores=None,
                by=self.owner,
            )
            assert {answer.outcome for answer in answers} <= {"recorded", "known"}

    def asked(self, moved: Moved) -> MovementAsked:
        counts = moved.counted is not None
        return MovementAsked(
            self.variant.pk,
            self.store.pk,
            "count" if counts else "correction",
            moved.key,
            delta=moved.delta,
            counted=moved.counted,
            occurred_at=moved.at,
        )

    @property
    def standing(self) -> Standing:
        level = StockLevel.objects.get(variant=self.variant, store=self.store)
        return Standing(level.on_hand, level.counted_at)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(40 if LONG else 8))
def test_the_services_come_to_what_the_rule_says(seed: int) -> None:
    chance = random.Random(seed)
    told = []
    for number in range(40):
        counts = chance.random() < 0.2
        told.append(
            Moved(
                f"k{number}",
                at(chance.randrange(12)),
                delta=0 if counts else chance.choice([-3, -1, 2, 5]),
                counted=chance.randrange(20) if counts else None,
            )
        )
    told += chance.choices(told, k=4)
    chance.shuffle(told)
    shelf = Shelf()
    shelf.tell(told, size=chance.randrange(1, 12))
    assert shelf.standing == replay(told)
    assert Stock.objects.get(variant=shelf.variant).available == max(shelf.standing.on_hand, 0)
    assert rebuild_stock(variant_id=shelf.variant.pk) == 0
    assert broken() == set()


@pytest.mark.django_db(transaction=True)
def test_many_movements_in_many_orders_give_one_result() -> None:
    """100,000 in 20 orders with 5 % told twice in the long form, a hundredth of it in the short."""
    many, orders = (100_000, 20) if LONG else (1_000, 4)
    chance = random.Random(9)
    told = [
        Moved(
            f"k{number}",
            at(chance.randrange(many)),
            delta=0 if number % 500 == 0 else chance.choice([-2, -1, 1, 2]),
            counted=chance.randrange(50) if number % 500 == 0 else None,
        )
        for number in range(many)
    ]
    wanted = replay(told)
    for _order in range(orders):
        again = [*told, *chance.choices(told, k=many // 20)]
        chance.shuffle(again)
        shelf = Shelf()
        shelf.tell(again)
        assert shelf.standing == wanted
        assert (
            StockMovement.objects.filter(variant=shelf.variant, store=shelf.store).count() == many
        )
    assert broken() == set()


@pytest.mark.django_db
def test_behind_a_pooler_nothing_is_prepared_and_all_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    told = [Moved("a", at(3), delta=4), Moved("b", at(1), counted=7), Moved("c", at(2), delta=-1)]
    shelf = Shelf()
    shelf.tell([*told, told[0]])
    assert shelf.standing == replay(told)
    web = variant_of(make_product(merchant=shelf.store.merchant, kind="goods", stock=3))
    lines = [MovementAsked(web.pk, None, "received", f"w{n}", delta=2) for n in range(2)]
    record_movements(merchant=shelf.store.merchant, lines=lines, stores=None, by=None)
    assert Stock.objects.get(variant=web).available == 7
    assert broken() == set()


@pytest.mark.django_db
def test_a_time_in_the_future_is_refused() -> None:
    shelf = Shelf()
    line = shelf.asked(Moved("k", now() + dt.timedelta(hours=2), delta=1))
    (answer,) = record_movements(
        merchant=shelf.store.merchant, lines=[line], stores=None, by=shelf.owner
    )
    assert (answer.outcome, answer.code) == ("refused", "invalid")
    assert shelf.standing == Standing(0, None)


@pytest.mark.django_db
def test_a_clock_that_is_ahead_counts_nothing_in_the_future() -> None:
    shelf, ahead = Shelf(), dt.timedelta(minutes=40)
    moment = now()
    told = [
        Moved("sold", moment + ahead - dt.timedelta(minutes=1), delta=-1),
        Moved("count", moment + ahead, counted=10),
        Moved("after", moment + ahead + dt.timedelta(minutes=1), delta=-2),
    ]
    answers = record_movements(
        merchant=shelf.store.merchant,
        lines=[shelf.asked(moved) for moved in told],
        stores=None,
        by=shelf.owner,
    )
    assert {(one.outcome, one.code) for one in answers} == {("recorded", "clock_ahead")}
    assert shelf.standing.on_hand == 8, "what was sold before the count is in it"
    assert shelf.standing.counted_at is not None and shelf.standing.counted_at <= now()
    honest = shelf.asked(Moved("honest", now(), delta=-3))
    (answer,) = record_movements(
        merchant=shelf.store.merchant, lines=[honest], stores=None, by=shelf.owner
    )
    assert (answer.code, answer.on_hand) == ("", 5), "nothing is swallowed by a count in the future"
    again = shelf.asked(told[1])
    (answer,) = record_movements(
        merchant=shelf.store.merchant, lines=[again], stores=None, by=shelf.owner
    )
    assert (answer.outcome, answer.on_hand) == ("known", 5)
    assert broken() == set()
