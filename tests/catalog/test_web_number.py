"""The number that the web sells from: told late, told ahead, taken from stores that have just closed."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import NotByStore, SoldOut
from catalog.models import ListingFact, Stock, StockDiscrepancy, StockLevel, StockMovement
from catalog.services import levels
from catalog.services.by_store import keep_by_store, keep_one_number
from catalog.services.levels import MovementAnswer, MovementAsked, record_movements
from catalog.services.places import refresh_web
from catalog.services.shelves import change_level, count_level
from catalog.services.stock import Wanted, left_at_stores, set_stock, take_stock
from kernel.clock import now
from stores.models import Store
from tests.catalog.stock_books import broken
from tests.factories import make_product, make_user, offer_of, owner_of, variant_of
from tests.orders.test_parts import Farm, make_farm

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


class Web:
    """A product with one number for all stores, told of by its owner."""

    def __init__(self, pieces: int | None) -> None:
        self.product = make_product(stock=pieces)
        self.variant = variant_of(self.product)
        self.owner = owner_of(self.product.merchant)
        self.keys = itertools.count()

    def tell(self, reason: str, delta: int = 0, **facts: Any) -> MovementAnswer:
        key = f"line-{next(self.keys)}"
        line = MovementAsked(self.variant.pk, None, reason, key, delta=delta, **facts)
        (answer,) = record_movements(
            merchant=self.product.merchant, lines=[line], stores=None, by=self.owner
        )
        return answer

    def sell(self, quantity: int) -> None:
        wanted = Wanted(offer_of(self.product).pk, self.variant.pk, quantity)
        with transaction.atomic():
            take_stock(buyer_id=make_user().pk, wanted=[wanted])

    @property
    def left(self) -> int | None:
        return Stock.objects.get(variant=self.variant).available


@pytest.fixture
def farm() -> Farm:
    return make_farm(here=3, there=5)


def count(farm: Farm, counted: int) -> MovementAnswer:
    line = MovementAsked(farm.variant.pk, farm.here.pk, "count", "shelf", counted=counted)
    (answer,) = record_movements(
        merchant=farm.here.merchant, lines=[line], stores=None, by=owner_of(farm.here.merchant)
    )
    return answer


def test_a_count_settles_what_opened_while_it_waited(farm: Farm) -> None:
    later = now() + HOUR / 4
    StockDiscrepancy.objects.create(
        merchant=farm.here.merchant,
        variant=farm.variant,
        store=farm.here,
        missing=1,
        opened_at=later,
    )
    assert count(farm, 3).outcome == "recorded"
    assert StockDiscrepancy.objects.get().settled_at == later


def test_what_the_database_refuses_for_another_reason_is_not_tried_for_ever(
    farm: Farm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_stock: Stock) -> None:
        raise IntegrityError('violates check constraint "stock_not_negative"')

    monkeypatch.setattr(levels, "refresh_web", refuse)
    with pytest.raises(IntegrityError):
        count(farm, 3)


def test_a_late_count_that_leaves_less_than_was_sold_since_is_refused() -> None:
    web = Web(5)
    before = now()
    web.sell(3)
    answer = web.tell("count", counted=1, occurred_at=before)
    assert (answer.code, web.left, broken()) == ("below_zero", 2, set())
    assert web.tell("count", counted=4, occurred_at=before).on_hand == 1
    assert (web.left, broken()) == (1, set())


def test_a_loss_of_before_the_count_changes_nothing() -> None:
    web = Web(5)
    answer = web.tell("loss", -9, occurred_at=now() - HOUR)
    assert (answer.outcome, answer.on_hand, web.left) == ("recorded", 5, 5)
    assert broken() == set()


def test_what_happens_now_comes_after_a_count_of_a_clock_that_is_ahead() -> None:
    web = Web(5)
    ahead = now() + HOUR / 2
    web.tell("count", counted=4, occurred_at=ahead)
    assert web.tell("loss", -1).on_hand == 3
    assert web.tell("count", counted=9).on_hand == 9
    told = StockMovement.objects.filter(key__isnull=False).order_by("pk")
    moments = list(told.values_list("occurred_at", flat=True))
    assert moments == sorted(moments) and moments[-1] < ahead, "its clock is judged by ours"
    assert (web.left, broken()) == (9, set())


def test_what_had_no_limit_is_sold_out_for_lists_once_it_is_counted_by_store(drain: Any) -> None:
    web = Web(None)
    assert not ListingFact.objects.get(product=web.product).sold_out
    keep_by_store(variant_id=web.variant.pk, by=web.owner)
    drain()
    assert (web.left, ListingFact.objects.get(product=web.product).sold_out) == (0, True)


def test_a_number_of_before_the_limit_was_lifted_does_not_come_back() -> None:
    web = Web(None)
    set_stock(variant_id=web.variant.pk, available=5)
    set_stock(variant_id=web.variant.pk, available=None)
    keep_by_store(variant_id=web.variant.pk, by=web.owner)
    keep_one_number(variant_id=web.variant.pk, by=web.owner)
    assert (web.left, broken()) == (0, set())


def test_what_went_back_to_one_number_keeps_it(farm: Farm) -> None:
    level = StockLevel.objects.get(variant=farm.variant, store=farm.here)
    stock = keep_one_number(variant_id=farm.variant.pk, by=owner_of(farm.here.merchant))
    refresh_web(stock)
    with pytest.raises(NotByStore):
        change_level(level=level, safety=1, sells_online=False)
    assert Stock.objects.get(variant=farm.variant).available == 8


@pytest.mark.parametrize("change", ["closed", "not named"])
def test_nothing_is_taken_from_a_store_that_has_just_stopped_selling_it(
    farm: Farm, change: str
) -> None:
    if change == "closed":
        Store.objects.filter(pk=farm.there.pk).update(state="closed")
    else:
        farm.variant.product.stores.set([farm.here])
    place = farm.variant.pk, farm.there.pk
    wanted = Wanted(offer_of(farm.variant.product).pk, farm.variant.pk, 1, farm.there.pk)
    with pytest.raises(SoldOut) as refusal, transaction.atomic():
        take_stock(buyer_id=farm.buyer.pk, wanted=[wanted])
    assert refusal.value.extra["available"] == 0
    assert left_at_stores([place, (farm.variant.pk, farm.here.pk)]) == {
        (farm.variant.pk, farm.here.pk): 3
    }
    assert farm.levels == (3, 5, 8)  # not refreshed here: the taking itself looked


def test_a_store_that_was_counted_ahead_is_counted_again_now(farm: Farm) -> None:
    level = StockLevel.objects.get(variant=farm.variant, store=farm.here)
    assert count_level(level=level, counted=2, by=farm.buyer).on_hand == 2
    assert (count(farm, 4).on_hand, broken()) == (4, set())
