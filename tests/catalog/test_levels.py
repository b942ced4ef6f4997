"""Stock at stores: movements, counts, transfers, what the web may sell, what is told of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from catalog.errors import (
    NotByStore,
    NotEnoughToSend,
    SoldOut,
    StockByStore,
    StoreNeeded,
)
from catalog.models import Offer, Stock, StockDiscrepancy, StockLevel, StockMovement, Variant
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MOST_LINES, MovementAsked, record_movements
from catalog.services.rebuild import rebuild_stock
from catalog.services.shelves import change_level, transfer_stock
from catalog.services.stock import (
    Wanted,
    give_back_stock,
    set_low_stock,
    set_stock,
    take_stock,
)
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.models import OutboxEvent
from members.models import User
from stores.models import Merchant, Store
from tests.catalog.stock_books import broken
from tests.factories import make_product, make_store, make_user, offer_of, owner_of, variant_of

pytestmark = pytest.mark.django_db


class Shop(NamedTuple):
    merchant: Merchant
    here: Store
    there: Store
    owner: User
    variant: Variant
    offer: Offer

    def move(self, reason: str, delta: int, store: Store | None = None, **facts: Any) -> Any:
        facts = {"delta": delta, "key": f"{reason}{delta}"} | facts
        line = MovementAsked(self.variant.pk, (store or self.here).pk, reason, **facts)
        return record_movements(
            merchant=self.merchant, lines=[line], stores=None, by=self.owner, via="Till 1"
        )[0]

    def count(self, counted: int, store: Store | None = None, **facts: Any) -> Any:
        return self.move("count", 0, store, counted=counted, **({"key": f"c{counted}"} | facts))

    def level(self, store: Store | None = None) -> StockLevel:
        return StockLevel.objects.get(variant=self.variant, store=store or self.here)

    @property
    def web(self) -> int | None:
        return Stock.objects.get(variant=self.variant).available

    def take(self, quantity: int, store: Store | None = None) -> None:
        with transaction.atomic():
            take_stock(buyer_id=self.owner.pk, wanted=[self.wanted(quantity, store)])

    def wanted(self, quantity: int, store: Store | None = None) -> Wanted:
        return Wanted(self.offer.pk, self.variant.pk, quantity, store.pk if store else None)


@pytest.fixture
def shop() -> Shop:
    here = make_store()
    there = make_store(merchant=here.merchant, city=here.city)
    product = make_product(merchant=here.merchant, kind="goods", stock=6)
    owner = owner_of(here.merchant)
    keep_by_store(variant_id=variant_of(product).pk, by=owner, store_id=here.pk)
    return Shop(here.merchant, here, there, owner, variant_of(product), offer_of(product))


def lows() -> list[dict[str, Any]]:
    events = OutboxEvent.objects.filter(topic="stock.low").order_by("pk")
    return [{k: v for k, v in event.payload.items() if k != "day"} for event in events]


def test_the_pieces_of_today_are_at_the_store_that_is_named(shop: Shop) -> None:
    assert (shop.level().on_hand, shop.level(shop.there).on_hand, shop.web) == (6, 0, 6)
    assert broken() == set()


def test_counting_by_store_again_changes_nothing(shop: Shop) -> None:
    keep_by_store(variant_id=shop.variant.pk, by=shop.owner, store_id=shop.there.pk)
    assert (shop.level().on_hand, shop.level(shop.there).on_hand) == (6, 0)


def test_a_movement_says_who_told_it_and_how(shop: Shop) -> None:
    assert shop.move("received", 4, note="Monday's van").outcome == "recorded"
    row = StockMovement.objects.latest("pk")
    assert (row.author, row.via, row.note, row.delta) == (shop.owner, "Till 1", "Monday's van", 4)
    assert (shop.level().on_hand, shop.web) == (10, 10)


def test_told_twice_it_counts_once_and_another_one_under_its_key_is_refused(shop: Shop) -> None:
    shop.move("received", 4, key="van-17")
    again = shop.move("received", 4, key="van-17")
    assert (again.outcome, again.on_hand) == ("known", 10)
    other = shop.move("received", 5, key="van-17")
    assert (other.outcome, other.code) == ("refused", "key_reused")
    assert shop.level().on_hand == 10


@pytest.mark.parametrize(
    ("reason", "delta"),
    [("received", -1), ("sold", 1), ("loss", 2), ("return", 0), ("transfer_in", 3), ("gift", 1)],
)
def test_what_makes_no_sense_is_refused_by_line(shop: Shop, reason: str, delta: int) -> None:
    assert shop.move(reason, delta).code == "invalid"
    assert shop.level().on_hand == 6


def test_one_bad_line_costs_nobody_but_itself(shop: Shop) -> None:
    lines = [
        MovementAsked(shop.variant.pk, shop.here.pk, "received", "a", delta=1),
        MovementAsked(shop.variant.pk + 1000, shop.here.pk, "received", "b", delta=1),
        MovementAsked(shop.variant.pk, shop.there.pk, "received", "c", delta=2),
    ]
    answers = record_movements(merchant=shop.merchant, lines=lines, stores=None, by=shop.owner)
    assert [(a.key, a.outcome, a.on_hand) for a in answers] == [
        ("a", "recorded", 7),
        ("b", "refused", None),
        ("c", "recorded", 2),
    ]
    assert shop.web == 9


def test_more_lines_than_one_call_takes_are_refused(shop: Shop) -> None:
    lines = [
        MovementAsked(shop.variant.pk, shop.here.pk, "sold", f"{n}", -1)
        for n in range(MOST_LINES + 1)
    ]
    with pytest.raises(InvalidInput):
        record_movements(merchant=shop.merchant, lines=lines, stores=None, by=shop.owner)


def test_who_speaks_for_one_store_reaches_no_other_and_not_the_web(shop: Shop) -> None:
    for store_id in (shop.there.pk, None):
        line = MovementAsked(shop.variant.pk, store_id, "received", "x", delta=1)
        (answer,) = record_movements(
            merchant=shop.merchant, lines=[line], stores=[shop.here.pk], by=shop.owner
        )
        assert answer.code == "not_found"


def test_a_strangers_goods_are_not_found(shop: Shop) -> None:
    stranger = make_store()
    line = MovementAsked(shop.variant.pk, stranger.pk, "received", "x", delta=1)
    (answer,) = record_movements(
        merchant=stranger.merchant, lines=[line], stores=None, by=owner_of(stranger.merchant)
    )
    assert answer.code == "not_found"
    with pytest.raises(NotFound):
        transfer_stock(
            merchant=stranger.merchant,
            variant_id=shop.variant.pk,
            from_store=shop.here.pk,
            to_store=shop.there.pk,
            quantity=1,
            by=owner_of(stranger.merchant),
        )


def test_a_late_sale_from_before_the_count_changes_nothing(shop: Shop) -> None:
    counted = now()
    shop.count(9, occurred_at=counted)
    shop.move("sold", -2, occurred_at=counted - dt.timedelta(minutes=5))
    assert shop.level().on_hand == 9
    shop.move("sold", -3, occurred_at=counted + dt.timedelta(seconds=1))
    assert (shop.level().on_hand, shop.web) == (6, 6)
    assert broken() == set()


def test_a_late_count_keeps_what_was_sold_since(shop: Shop) -> None:
    shop.move("sold", -1, occurred_at=now())
    shop.count(20, occurred_at=now() - dt.timedelta(hours=1))
    count = StockMovement.objects.get(reason="count", store=shop.here)
    # The opening transfer and the sale happened after the moment of the count.
    assert (shop.level().on_hand, count.books) == (25, 5)
    assert broken() == set()


def test_the_till_may_sell_below_zero_and_a_count_settles_it(shop: Shop) -> None:
    shop.move("sold", -8)
    assert (shop.level().on_hand, shop.web) == (-2, 0)
    found = StockDiscrepancy.objects.get()
    assert (found.missing, found.store, found.settled_at) == (2, shop.here, None)
    assert broken() == set()
    shop.count(3)
    found.refresh_from_db()
    assert (shop.level().on_hand, found.settled_by) == (3, shop.owner)
    assert broken() == set()


def test_the_web_leaves_the_safety_stock_alone(shop: Shop) -> None:
    change_level(level=shop.level(), safety=4, sells_online=True)
    assert shop.web == 2
    with pytest.raises(SoldOut) as refusal:
        shop.take(3, shop.here)
    assert refusal.value.extra == {
        "variant": shop.variant.pk,
        "available": 2,
        "store": shop.here.pk,
    }
    shop.take(2, shop.here)
    assert (shop.level().on_hand, shop.web) == (4, 0)
    assert broken() == set()


def test_a_store_that_does_not_sell_online_sells_nothing(shop: Shop) -> None:
    change_level(level=shop.level(), safety=0, sells_online=False)
    shop.move("received", 5, shop.there)
    assert shop.web == 5
    with pytest.raises(SoldOut):
        shop.take(1, shop.here)


def test_pieces_go_back_to_the_store_that_they_came_from(shop: Shop) -> None:
    shop.move("received", 5, shop.there)
    shop.take(2, shop.there)
    assert (shop.level(shop.there).on_hand, shop.web) == (3, 9)
    give_back_stock(buyer_id=shop.owner.pk, returned=[shop.wanted(2, shop.there)])
    assert (shop.level(shop.there).on_hand, shop.level().on_hand, shop.web) == (5, 6, 11)
    assert broken() == set()


def test_counted_by_store_it_is_not_sold_without_a_store(shop: Shop) -> None:
    with pytest.raises(StoreNeeded):
        shop.take(1)
    assert shop.web == 6


def test_a_store_is_no_matter_for_what_has_one_number() -> None:
    product, buyer = make_product(stock=2), make_user()
    store = product.merchant.stores.get()
    wanted = Wanted(offer_of(product).pk, variant_of(product).pk, 2, store.pk)
    with transaction.atomic():
        take_stock(buyer_id=buyer.pk, wanted=[wanted])
    assert Stock.objects.get().available == 0
    assert broken() == set()


def test_the_webs_number_cannot_be_typed_over_the_stores(shop: Shop) -> None:
    with pytest.raises(StockByStore):
        set_stock(variant_id=shop.variant.pk, available=50)
    assert shop.web == 6


def test_a_stores_movement_of_what_has_one_number_is_refused() -> None:
    store = make_store()
    product = make_product(merchant=store.merchant, stock=5)
    line = MovementAsked(variant_of(product).pk, store.pk, "received", "x", delta=1)
    (answer,) = record_movements(
        merchant=store.merchant, lines=[line], stores=None, by=owner_of(store.merchant)
    )
    assert answer.code == NotByStore.code


def test_the_webs_own_number_moves_too_and_never_below_zero() -> None:
    store = make_store()
    product = make_product(merchant=store.merchant, stock=5)
    tell = [
        MovementAsked(variant_of(product).pk, None, "received", "van", delta=3),
        MovementAsked(variant_of(product).pk, None, "loss", "broken", delta=-9),
    ]
    answers = record_movements(
        merchant=store.merchant, lines=tell, stores=None, by=owner_of(store.merchant)
    )
    assert [(a.outcome, a.code) for a in answers] == [("recorded", ""), ("refused", "below_zero")]
    assert Stock.objects.get().available == 8
    assert broken() == set()


def test_a_transfer_moves_pieces_and_makes_none(shop: Shop) -> None:
    source, target = transfer_stock(
        merchant=shop.merchant,
        variant_id=shop.variant.pk,
        from_store=shop.here.pk,
        to_store=shop.there.pk,
        quantity=4,
        by=shop.owner,
    )
    assert (source.on_hand, target.on_hand, shop.web) == (2, 4, 6)
    assert broken() == set()


@pytest.mark.parametrize("quantity", [0, -1, 7])
def test_a_store_cannot_send_what_it_does_not_have(shop: Shop, quantity: int) -> None:
    with pytest.raises((NotEnoughToSend, InvalidInput)):
        transfer_stock(
            merchant=shop.merchant,
            variant_id=shop.variant.pk,
            from_store=shop.here.pk,
            to_store=shop.there.pk,
            quantity=quantity,
            by=shop.owner,
        )
    assert shop.level().on_hand == 6


def test_low_stock_is_told_once_until_it_has_risen(shop: Shop) -> None:
    set_low_stock(variant_id=shop.variant.pk, low_stock_at=3)
    shop.take(2, shop.here)
    assert lows() == []
    shop.take(1, shop.here)
    shop.move("sold", -1)
    said = {"variant_id": shop.variant.pk, "store_id": shop.here.pk, "left": 3}
    assert lows() == [said]
    shop.move("received", 10)
    shop.count(2)
    assert lows() == [said, said | {"left": 2}]


def test_low_stock_of_one_number_is_told_when_an_order_takes_it() -> None:
    product, buyer = make_product(stock=5), make_user()
    set_low_stock(variant_id=variant_of(product).pk, low_stock_at=4)
    wanted = Wanted(offer_of(product).pk, variant_of(product).pk, 1)
    for _turn in range(2):
        with transaction.atomic():
            take_stock(buyer_id=buyer.pk, wanted=[wanted])
    assert lows() == [{"variant_id": variant_of(product).pk, "store_id": None, "left": 4}]


def test_a_damaged_number_is_found_and_built_anew(shop: Shop) -> None:
    StockLevel.objects.update(on_hand=40)
    Stock.objects.update(available=41)
    assert broken() == {"stock_levels", "stock_by_store"}
    assert rebuild_stock(variant_id=shop.variant.pk) == 2
    assert (shop.level().on_hand, shop.web) == (6, 6)
    assert broken() == set()


def test_what_an_older_release_sold_without_movements_becomes_a_correction() -> None:
    product = make_product(stock=5)
    Stock.objects.update(available=3)
    assert broken() == {"stock_of_the_web"}
    assert rebuild_stock(variant_id=variant_of(product).pk) == 1
    assert Stock.objects.get().available == 3
    assert broken() == set()


def test_a_movement_is_never_changed(shop: Shop) -> None:
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        StockMovement.objects.update(note="x")


def test_the_command_builds_the_numbers_of_one_business_or_all(shop: Shop, capsys: Any) -> None:
    StockLevel.objects.update(on_hand=40)
    call_command("rebuild_stock", "--merchant", make_store().merchant.slug)
    assert shop.level().on_hand == 40
    call_command("rebuild_stock")
    assert shop.level().on_hand == 6
    with pytest.raises(CommandError):
        call_command("rebuild_stock", "--merchant", "nobody")


def test_zero_pieces_and_no_store_are_told_in_their_own_words(shop: Shop) -> None:
    assert "Nothing changes by zero" in shop.move("correction", 0).detail
    line = MovementAsked(shop.variant.pk, None, "received", delta=1, key="nowhere")
    told = record_movements(merchant=shop.merchant, lines=[line], stores=None, by=shop.owner)[0]
    assert (told.outcome, "Say at which store" in told.detail) == ("refused", True)
