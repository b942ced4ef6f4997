"""More buyers than pieces: exactly the pieces are sold, in stock, in quota, and per person."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from catalog.errors import PersonLimitReached, QuotaGone, SoldOut
from catalog.models import Offer, OfferPurchase, Stock, StockLevel
from catalog.services import stock
from members.models import User
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from tests.factories import make_limited_offer, make_product, make_user, offer_of, variant_of
from tests.races.books import broken, times
from tests.races.together import PATIENCE_SECONDS, refusals, together, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def make_crowd(count: int) -> list[User]:
    """People who only buy: nobody of them logs in."""
    return User.objects.bulk_create(
        User(email=f"crowd{n}@example.com", display_name=f"Crowd {n}", password="!")
        for n in range(count)
    )


def buy(buyer: User, offer: Offer, quantity: int = 1) -> Callable[[], Any]:
    return lambda: place_order(buyer=buyer, lines=[(offer.pk, quantity)])


def test_200_parallel_buyers_of_stock_50_place_exactly_50_orders() -> None:
    product = make_product(stock=50)
    offer = offer_of(product)

    answers = together([buy(person, offer) for person in make_crowd(200)])

    assert len(won(answers)) == 50
    assert refusals(answers) == {"sold_out": 150}
    assert Order.objects.count() == 50
    assert Stock.objects.get(variant=variant_of(product)).available == 0
    assert broken() == set()


def test_buyers_of_several_pieces_never_share_one() -> None:
    product = make_product(stock=50)
    offer = offer_of(product)

    answers = together([buy(person, offer, quantity=3) for person in make_crowd(40)])

    assert len(won(answers)) == 16
    assert refusals(answers) == {"sold_out": 24}
    assert Stock.objects.get(variant=variant_of(product)).available == 2


def test_200_parallel_buyers_of_a_limited_quota_of_50_place_exactly_50_orders() -> None:
    product = make_product(stock=None, price_fen=5000)
    limited = make_limited_offer(product, price_fen=1990, quota=50)

    answers = together([buy(person, limited) for person in make_crowd(200)])

    assert len(won(answers)) == 50
    told = refusals(answers)
    assert told["quota_gone"] == 150
    limited.refresh_from_db()
    assert (limited.quota_sold, limited.remaining) == (50, 0)
    assert broken() == set()


def test_one_person_in_40_windows_gets_no_more_than_the_limit() -> None:
    limited = make_limited_offer(make_product(stock=100), price_fen=1990, per_person_limit=3)
    buyer = make_user()

    answers = together(times(40, buy(buyer, limited)))

    assert len(won(answers)) == 3
    assert refusals(answers) == {"person_limit_reached": 37}
    assert OfferPurchase.objects.get().quantity == 3
    assert Stock.objects.get().available == 97


def test_two_products_bought_in_opposite_order_never_lock_each_other_out() -> None:
    first, second = (offer_of(make_product(stock=40)) for _ in range(2))
    crowd = make_crowd(40)

    answers = together(
        [
            lambda person=person, n=n: place_order(
                buyer=person,
                lines=[(first.pk, 1), (second.pk, 1)][:: 1 if n % 2 else -1],
            )
            for n, person in enumerate(crowd)
        ]
    )

    assert len(won(answers)) == 40
    assert set(Stock.objects.values_list("available", flat=True)) == {0}


def test_buying_and_cancelling_at_once_loses_no_piece() -> None:
    product = make_product(stock=20)
    offer = offer_of(product)
    crowd = make_crowd(40)
    orders = [place_order(buyer=person, lines=[(offer.pk, 1)]) for person in crowd[:20]]

    answers = together(
        [lambda o=order: cancel_order(buyer=o.buyer, number=o.number) for order in orders]
        + [buy(person, offer) for person in crowd[20:]]
    )

    sold = len(won(answers)) - 20
    assert Stock.objects.get().available == 20 - sold
    assert Order.objects.filter(state=Order.State.PENDING).count() == sold
    assert broken() == set()


# Controls: the same three counts, read and then written ------------------------------------


class ReadThenWrite:
    """What everybody writes first: look, and when there is enough, write the new number."""

    def __init__(self, threads: int) -> None:
        self.barrier = threading.Barrier(threads)

    def take_pieces(self, variant_id: int, _store: int | None, quantity: int, _order: str) -> None:
        left = Stock.objects.values_list("available", flat=True).get(pk=variant_id)
        if left < quantity:
            raise SoldOut(variant=variant_id, available=left)
        self.barrier.wait(PATIENCE_SECONDS)
        Stock.objects.filter(pk=variant_id).update(available=left - quantity)

    def take_from_store(
        self, variant_id: int, store_id: int | None, quantity: int, _order: str
    ) -> bool:
        place = StockLevel.objects.filter(variant_id=variant_id, store_id=store_id)
        left = place.values_list("on_hand", flat=True).get()
        if left < quantity:
            return False
        self.barrier.wait(PATIENCE_SECONDS)
        place.update(on_hand=left - quantity)
        return True

    def take_quota(self, offer: Offer, quantity: int) -> None:
        if offer.quota_sold + quantity > (offer.quota or 0):
            raise QuotaGone(offer=offer.pk, remaining=0)
        self.barrier.wait(PATIENCE_SECONDS)
        Offer.objects.filter(pk=offer.pk).update(quota_sold=offer.quota_sold + quantity)

    def take_share(self, buyer_id: int, offer_id: int, quantity: int, limit: int) -> None:
        held = OfferPurchase.objects.get(offer_id=offer_id, buyer_id=buyer_id)
        if held.quantity + quantity > limit:
            raise PersonLimitReached(offer=offer_id, limit=limit, held=held.quantity)
        self.barrier.wait(PATIENCE_SECONDS)
        OfferPurchase.objects.filter(pk=held.pk).update(quantity=held.quantity + quantity)


def bought_before(offer: Offer) -> Offer:
    """The first buyer of an offer writes its frozen terms, and everybody else waits for that."""
    buyer = make_user()
    cancel_order(buyer=buyer, number=buy(buyer, offer)().number)
    return offer


def test_control_read_then_write_sells_one_piece_five_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = bought_before(offer_of(make_product(stock=1)))
    monkeypatch.setattr(stock, "_take_pieces", ReadThenWrite(5).take_pieces)

    answers = together([buy(person, offer) for person in make_crowd(5)])

    assert len(won(answers)) == 5
    assert Order.objects.filter(state=Order.State.PENDING).count() == 5
    assert Stock.objects.get().available == 0  # no constraint sees it


def test_control_read_then_write_sells_a_quota_of_one_five_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_product(stock=None, price_fen=5000)
    limited = bought_before(make_limited_offer(product, price_fen=1990, quota=1))
    monkeypatch.setattr(stock, "_take_quota", ReadThenWrite(5).take_quota)

    answers = together([buy(person, limited) for person in make_crowd(5)])

    assert len(won(answers)) == 5
    limited.refresh_from_db()
    assert limited.quota_sold == 1


def test_control_read_then_write_gives_one_person_five_times_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_product(stock=100)
    limited = bought_before(make_limited_offer(product, price_fen=1990, per_person_limit=1))
    buyer = make_user()
    OfferPurchase.objects.create(offer=limited, buyer=buyer, quantity=0)
    monkeypatch.setattr(stock, "_take_share", ReadThenWrite(5).take_share)
    # Buyers of one product queue at its stock row; without that queue they all read 0.
    monkeypatch.setattr(stock, "_take_pieces", lambda *_taken: None)

    answers = together(times(5, buy(buyer, limited)))

    assert len(won(answers)) == 5
    assert OfferPurchase.objects.get(buyer=buyer).quantity == 1
