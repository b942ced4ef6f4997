"""Stock at stores under several at once: the last piece, a count while it sells, crossing transfers."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from catalog.models import Offer, Stock, StockLevel, StockMovement, Variant
from catalog.services import levels, places, shelves, stock
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MovementAsked, record_movements
from catalog.services.shelves import transfer_stock
from catalog.services.stock import Wanted, take_stock
from catalog.usable import SOLD_ONLINE
from kernel.db.prepared import Statement
from members.models import User
from stores.models import Merchant, Store
from stores.services.stores import update_store
from tests.factories import make_product, make_store, make_user, offer_of, owner_of, variant_of
from tests.races.books import broken, times
from tests.races.together import PATIENCE_SECONDS, Job, refusals, together, until_waited_for, won
from tests.races.unguarded import compare_and_set, overtaken

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


class Shop(NamedTuple):
    merchant: Merchant
    here: Store
    there: Store
    owner: User
    variant: Variant
    offer: Offer
    buyer: User

    def take(self, store: Store) -> None:
        wanted = Wanted(self.offer.pk, self.variant.pk, 1, store.pk)
        with transaction.atomic():
            take_stock(buyer_id=self.buyer.pk, wanted=[wanted])

    def tell(self, reason: str, key: str, **facts: Any) -> Any:
        line = MovementAsked(self.variant.pk, self.here.pk, reason, key, **facts)
        return record_movements(merchant=self.merchant, lines=[line], stores=None, by=self.owner)

    def send(self, source: Store, target: Store, quantity: int = 1) -> Any:
        return transfer_stock(
            merchant=self.merchant,
            variant_id=self.variant.pk,
            from_store=source.pk,
            to_store=target.pk,
            quantity=quantity,
            by=self.owner,
        )

    def on_hand(self, store: Store) -> int:
        return StockLevel.objects.get(variant=self.variant, store=store).on_hand


def make_shop(here: int, there: int = 0) -> Shop:
    one = make_store()
    two = make_store(merchant=one.merchant, city=one.city)
    product = make_product(merchant=one.merchant, kind="goods", stock=here)
    owner, variant = owner_of(one.merchant), variant_of(product)
    keep_by_store(variant_id=variant.pk, by=owner, store_id=one.pk)
    made = Shop(one.merchant, one, two, owner, variant, offer_of(product), make_user())
    if there:
        line = MovementAsked(variant.pk, two.pk, "received", "opening", delta=there)
        record_movements(merchant=one.merchant, lines=[line], stores=None, by=owner)
    return made


def test_the_last_piece_of_a_store_is_sold_once_though_another_store_has_more() -> None:
    shop = make_shop(1, there=20)
    answers = together(times(12, lambda: shop.take(shop.here)))
    assert len(won(answers)) == 1
    assert refusals(answers) == {"sold_out": 11}
    assert (shop.on_hand(shop.here), shop.on_hand(shop.there)) == (0, 20)
    assert broken() == set()


def test_control_looking_first_sells_the_last_piece_five_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, barrier = make_shop(1, there=20), threading.Barrier(5)

    def look_then_write(variant_id: int, store_id: int | None, quantity: int, _order: str) -> bool:
        level = StockLevel.objects.get(variant_id=variant_id, store_id=store_id)
        if level.on_hand < quantity:
            return False
        barrier.wait(PATIENCE_SECONDS)
        StockLevel.objects.filter(pk=level.pk).update(on_hand=level.on_hand - quantity)
        return True

    monkeypatch.setattr(stock, "_take_from_store", look_then_write)
    answers = together(times(5, lambda: shop.take(shop.here)))
    assert len(won(answers)) == 5
    assert shop.on_hand(shop.here) == 0


def test_a_count_while_it_is_sold_loses_no_sale() -> None:
    shop = make_shop(50)
    counts = [lambda n=n: shop.tell("count", f"c{n}", counted=50) for n in range(8)]
    sales = times(24, lambda: shop.take(shop.here))
    tills = [lambda n=n: shop.tell("sold", f"t{n}", delta=-1) for n in range(8)]
    answers = together(
        [job for trio in zip(sales, counts * 3, tills * 3, strict=True) for job in trio]
    )
    assert refusals(answers) == {}
    assert Stock.objects.get().available == max(shop.on_hand(shop.here), 0)
    assert StockMovement.objects.filter(reason="count", store=shop.here).count() == 8
    assert StockMovement.objects.filter(reason="sold", key__isnull=False).count() == 8
    assert broken() == set()


def test_control_a_count_without_the_lock_writes_over_a_sale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = make_shop(50)
    looked, sold = threading.Event(), threading.Event()
    added_up = levels.standing_in_books

    def slow(variant_id: int, store_id: int | None) -> Any:
        found = added_up(variant_id, store_id)
        looked.set()
        assert sold.wait(PATIENCE_SECONDS)
        return found

    def unlocked(ids: Any, **_kind: Any) -> dict[int, Stock]:
        return Stock.objects.in_bulk(list(ids))

    def sell() -> None:
        assert looked.wait(PATIENCE_SECONDS)
        shop.take(shop.here)
        sold.set()

    monkeypatch.setattr(levels, "standing_in_books", slow)
    monkeypatch.setattr(levels, "lock_stock", unlocked)
    together([lambda: shop.tell("count", "c", counted=50), sell])
    assert shop.on_hand(shop.here) == 50
    assert "stock_levels" in broken()


def test_transfers_that_cross_neither_lock_each_other_out_nor_make_pieces() -> None:
    shop = make_shop(20, there=20)
    out = times(20, lambda: shop.send(shop.here, shop.there))
    back = times(20, lambda: shop.send(shop.there, shop.here))
    answers = together([job for pair in zip(out, back, strict=True) for job in pair])
    assert len(won(answers)) == 40
    assert (shop.on_hand(shop.here), shop.on_hand(shop.there)) == (20, 20)
    assert broken() == set()


def test_a_store_sends_its_last_piece_once() -> None:
    shop = make_shop(1)
    answers = together(times(10, lambda: shop.send(shop.here, shop.there)))
    assert len(won(answers)) == 1
    assert refusals(answers) == {"not_enough_to_send": 9}
    assert broken() == set()


def test_control_transfers_without_the_lock_send_one_piece_five_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, barrier = make_shop(1), threading.Barrier(5)
    write = places.write_number

    def unlocked(ids: Any, **_kind: Any) -> dict[int, Stock]:
        return Stock.objects.in_bulk(list(ids))

    def all_at_once(row: Stock, place: Any, number: int) -> None:
        if isinstance(place, StockLevel) and place.store_id == shop.here.pk:
            barrier.wait(PATIENCE_SECONDS)
        write(row, place, number)

    monkeypatch.setattr(shelves, "lock_stock", unlocked)
    monkeypatch.setattr(places, "write_number", all_at_once)
    answers = together(times(5, lambda: shop.send(shop.here, shop.there)))
    assert len(won(answers)) == 5
    assert "stock_levels" in broken()


def test_one_key_told_by_many_at_once_counts_once() -> None:
    shop = make_shop(0)
    answers = together(times(16, lambda: shop.tell("received", "van", delta=3)[0].outcome))
    assert sorted(answers) == ["known"] * 15 + ["recorded"]
    assert shop.on_hand(shop.here) == 3
    assert broken() == set()


def opening_and_closing(shop: Shop) -> list[Job]:
    """Two people say at once whether the other store is open; each looks at it for themselves."""
    rows = [Store.objects.get(pk=shop.there.pk) for _ in range(2)]
    return [
        lambda: update_store(store=rows[0], state="active"),
        lambda: update_store(store=rows[1], state="closed"),
    ]


def for_sale(shop: Shop) -> int:
    return Stock.objects.get(variant=shop.variant).available or 0


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_sold_follows_the_store_however_two_people_open_and_close_it(first: int) -> None:
    shop = make_shop(3, there=5)
    jobs = opening_and_closing(shop)
    together([jobs[first], jobs[1 - first]])
    shop.there.refresh_from_db()
    assert for_sale(shop) == (8 if shop.there.state == "active" else 3)
    assert broken() == set()


def test_control_without_the_lock_an_open_store_sells_nothing() -> None:
    shop = make_shop(3, there=5)
    opening, closing = opening_and_closing(shop)
    overtaken(opening, closing, compare_and_set(Store))
    shop.there.refresh_from_db()
    assert (shop.there.state, for_sale(shop)) == ("active", 3)


def taken_while_it_closes(shop: Shop) -> list[Any]:
    """An order looks for a piece of the other store, and waits for whoever is closing it."""
    closed, over = threading.Event(), threading.Event()

    def close() -> None:
        with transaction.atomic():
            update_store(store=shop.there, state="closed")
            closed.set()
            until_waited_for(over)

    def take() -> None:
        assert closed.wait(PATIENCE_SECONDS)
        try:
            shop.take(shop.there)
        finally:
            over.set()

    return together([close, take])


def test_an_order_that_waited_for_a_store_to_close_takes_nothing_there() -> None:
    shop = make_shop(3, there=5)
    assert refusals(taken_while_it_closes(shop)) == {"sold_out": 1}
    assert (shop.on_hand(shop.there), for_sale(shop)) == (5, 3)
    assert broken() == set()


def test_control_without_the_look_it_takes_from_a_closed_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, take = make_shop(3, there=5), stock._TAKE_LEVEL
    blind = take._text.replace(SOLD_ONLINE, "")
    kinds = ("integer", "timestamptz", "bigint", "bigint", "integer")
    kinds += ("integer", "timestamptz", "timestamptz", "text")
    monkeypatch.setattr(stock, "_TAKE_LEVEL", Statement(blind, *kinds))
    assert refusals(taken_while_it_closes(shop)) == {}
    assert (shop.on_hand(shop.there), for_sale(shop)) == (4, 2)
    assert "stock_by_store" in broken()


def kept_by_store_while_it_closes() -> tuple[int, int]:
    """A variant is counted by store while its store closes: what the web sells, what is broken."""
    store = make_store()
    make_store(merchant=store.merchant, city=store.city)
    product = make_product(merchant=store.merchant, kind="goods", stock=9)
    variant, owner = variant_of(product), owner_of(store.merchant)
    closed, over = threading.Event(), threading.Event()

    def close() -> None:
        with transaction.atomic():
            update_store(store=store, state="closed")
            closed.set()
            until_waited_for(over)

    def keep() -> None:
        assert closed.wait(PATIENCE_SECONDS)
        try:
            keep_by_store(variant_id=variant.pk, by=owner, store_id=store.pk)
        finally:
            over.set()

    assert refusals(together([close, keep])) == {}
    return Stock.objects.get(variant=variant).available or 0, len(broken())


def test_what_comes_to_a_store_while_it_closes_is_not_for_sale() -> None:
    assert kept_by_store_while_it_closes() == (0, 0)


def test_control_without_holding_the_store_it_sells_what_is_shut_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "hold_stores", lambda _ids: None)
    assert kept_by_store_while_it_closes() == (9, 1)


def told_while_it_closes(shop: Shop) -> list[Any]:
    """A store gets its first pieces of a variant while it closes."""
    StockLevel.objects.filter(store=shop.there).delete()
    closed, over = threading.Event(), threading.Event()

    def close() -> None:
        with transaction.atomic():
            update_store(store=shop.there, state="closed")
            closed.set()
            until_waited_for(over)

    def receive() -> None:
        assert closed.wait(PATIENCE_SECONDS)
        line = MovementAsked(shop.variant.pk, shop.there.pk, "received", "van", delta=5)
        try:
            record_movements(merchant=shop.merchant, lines=[line], stores=None, by=shop.owner)
        finally:
            over.set()

    return together([close, receive])


def test_first_pieces_that_come_to_a_store_while_it_closes_are_not_for_sale() -> None:
    shop = make_shop(3)
    assert refusals(told_while_it_closes(shop)) == {}
    assert (shop.on_hand(shop.there), for_sale(shop)) == (5, 3)
    assert broken() == set()


def test_control_without_holding_the_store_first_pieces_are_for_sale_in_a_closed_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = make_shop(3)
    monkeypatch.setattr(places, "hold_stores", lambda _ids: None)
    assert refusals(told_while_it_closes(shop)) == {}
    assert for_sale(shop) == 8
    assert "stock_by_store" in broken()


def test_who_closes_a_store_waits_for_nothing_that_is_not_kept_there() -> None:
    shop = make_shop(3, there=5)
    elsewhere = variant_of(make_product(merchant=shop.merchant, kind="goods", stock=9))
    locked, closed = threading.Event(), threading.Event()

    def move_other_goods() -> None:
        with transaction.atomic():
            places.lock_stock([elsewhere.pk])
            locked.set()
            assert closed.wait(PATIENCE_SECONDS)

    def close() -> None:
        assert locked.wait(PATIENCE_SECONDS)
        update_store(store=shop.there, state="closed")
        closed.set()

    assert refusals(together([move_other_goods, close])) == {}
    assert for_sale(shop) == 3
    assert broken() == set()
