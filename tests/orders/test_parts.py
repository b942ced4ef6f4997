"""Goods from a store of the buyer's choice: set aside there, handed over there, given back there."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from catalog.errors import SoldOut, StoreNeeded
from catalog.models import Offer, Stock, StockLevel, StockMovement, Variant
from catalog.services.by_store import keep_by_store
from catalog.services.levels import MovementAsked, record_movements
from kernel import clock
from kernel.errors import InvalidInput
from members.models import User
from members.services.accounts import issue_token
from orders.models import Fulfilment, Order
from orders.parts import PartState, word_part
from orders.pricing.rules import Ask
from orders.selectors import order_view, placed_view
from orders.services.cancel import cancel_order, time_out_due
from orders.services.place import place_order
from orders.services.quotes import make_quote
from stores.models import Store
from stores.services.staff import add_staff
from stores.services.stores import set_hours
from tests.catalog.stock_books import broken
from tests.factories import (
    make_limited_offer,
    make_order,
    make_paid_order,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
    owner_of,
    pay_order,
    redeem,
    variant_of,
)
from vouchers.errors import WrongStore
from vouchers.models import Voucher
from vouchers.services.redeem import preview_voucher, redeem_voucher
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.terms import terms_of

pytestmark = pytest.mark.django_db


class Farm(NamedTuple):
    here: Store
    there: Store
    variant: Variant
    offer: Offer
    buyer: User

    def order(self, quantity: int = 1, store: Store | None = None, **facts: Any) -> Order:
        stores = {self.offer.pk: store.pk} if store else {}
        with transaction.atomic():
            return place_order(
                buyer=self.buyer, lines=[(self.offer.pk, quantity)], stores=stores, **facts
            )

    def level(self, store: Store) -> int:
        return StockLevel.objects.get(variant=self.variant, store=store).on_hand

    @property
    def levels(self) -> tuple[int, int, int | None]:
        web = Stock.objects.get(variant=self.variant).available
        return self.level(self.here), self.level(self.there), web


def make_farm(here: int = 3, there: int = 5, **product: Any) -> Farm:
    one = make_store(name_en="North Gate")
    two = make_store(merchant=one.merchant, city=one.city, name_en="South Gate")
    goods = make_product(merchant=one.merchant, kind="goods", stock=0, price_fen=3000, **product)
    owner, variant = owner_of(one.merchant), variant_of(goods)
    keep_by_store(variant_id=variant.pk, by=owner)
    lines = [
        MovementAsked(variant.pk, store.pk, "received", f"o{store.pk}", delta=pieces)
        for store, pieces in ((one, here), (two, there))
        if pieces
    ]
    record_movements(merchant=one.merchant, lines=lines, stores=None, by=owner)
    return Farm(one, two, variant, offer_of(goods), make_user())


@pytest.fixture
def farm() -> Farm:
    return make_farm()


def the_part(farm: Farm, order: Order) -> Any:
    (part,) = order_view(user=farm.buyer, number=order.number).parts
    return part


def test_the_pieces_are_set_aside_at_the_chosen_store(farm: Farm) -> None:
    order = farm.order(2, farm.there)
    assert farm.levels == (3, 3, 6)
    promised = Fulfilment.objects.get()
    assert (promised.order, promised.store, promised.method) == (order, farm.there, "pickup")
    assert order.lines.get().fulfilment == promised
    sold = StockMovement.objects.get(reason="sold")
    assert (sold.reference, sold.store, sold.delta) == (order.number, farm.there, -2)
    assert broken() == set()


def test_what_is_ordered_at_night_is_ready_when_the_store_opens(farm: Farm) -> None:
    Store.objects.filter(pk=farm.there.pk).update(time_zone="Asia/Tokyo")
    set_hours(store=farm.there, hours=[(day, dt.time(10), dt.time(22)) for day in range(7)])
    with clock.at(dt.datetime(2030, 5, 6, 18, 30, tzinfo=dt.UTC)):  # 03:30 in Tokyo
        farm.order(1, farm.there)
    assert Fulfilment.objects.get().promised_at == dt.datetime(2030, 5, 7, 1, tzinfo=dt.UTC)


def test_the_store_of_the_whole_order_serves_where_a_line_names_none(farm: Farm) -> None:
    farm.order(1, ask=Ask(store=farm.there.pk))
    assert farm.levels == (3, 4, 7)


def test_who_has_to_choose_is_told_between_which_stores(farm: Farm) -> None:
    with pytest.raises(StoreNeeded) as refusal:
        farm.order(2)
    assert refusal.value.extra["stores"] == [farm.here.pk, farm.there.pk]
    assert farm.levels == (3, 5, 8)
    assert not Order.objects.exists()


def test_the_only_store_that_has_them_need_not_be_chosen(farm: Farm) -> None:
    farm.order(5)
    assert farm.levels == (3, 0, 3)


def test_more_than_the_chosen_store_has_is_refused_though_another_has_it(farm: Farm) -> None:
    with pytest.raises(SoldOut) as refusal:
        farm.order(4, farm.here)
    assert refusal.value.extra["available"] == 3
    assert farm.levels == (3, 5, 8)


def test_a_store_that_does_not_take_it_is_refused(farm: Farm) -> None:
    with pytest.raises(InvalidInput):
        farm.order(1, make_store())


@pytest.fixture
def cheap(farm: Farm) -> Offer:
    """The same goods at a limited price: 2 pieces of it."""
    return make_limited_offer(farm.variant.product, price_fen=2000, quota=2)


def test_two_prices_of_one_thing_are_collected_at_one_store(farm: Farm, cheap: Offer) -> None:
    lines = [(farm.offer.pk, 3), (cheap.pk, 2)]
    two = {farm.offer.pk: farm.here.pk, cheap.pk: farm.there.pk}
    with pytest.raises(InvalidInput) as refusal, transaction.atomic():
        place_order(buyer=farm.buyer, lines=lines, stores=two)
    assert "at one store" in str(refusal.value)
    assert refusal.value.extra["offer"] in two
    with pytest.raises(InvalidInput):
        make_quote(buyer_id=None, lines=lines, stores=two)
    assert farm.levels == (3, 5, 8)
    with transaction.atomic():
        place_order(buyer=farm.buyer, lines=lines, stores={cheap.pk: farm.there.pk})
    assert farm.levels == (3, 0, 3)


def test_a_store_has_to_have_all_pieces_of_one_thing(farm: Farm, cheap: Offer) -> None:
    with transaction.atomic():
        place_order(buyer=farm.buyer, lines=[(farm.offer.pk, 3), (cheap.pk, 2)])
    assert farm.levels == (3, 0, 3), "only one has five"
    with pytest.raises(SoldOut) as refusal, transaction.atomic():
        place_order(buyer=farm.buyer, lines=[(farm.offer.pk, 3), (cheap.pk, 1)])
    assert refusal.value.extra["available"] == 3


def test_what_is_refused_about_a_store_names_the_product(farm: Farm) -> None:
    title = farm.variant.product.title
    with pytest.raises(StoreNeeded) as needed:
        farm.order(1)
    assert title in str(needed.value)
    assert needed.value.extra["offer"] == farm.offer.pk
    with pytest.raises(InvalidInput) as wrong:
        farm.order(1, make_store())
    assert title in str(wrong.value)
    assert wrong.value.extra["offer"] == farm.offer.pk
    with pytest.raises(SoldOut) as out:
        farm.order(9)
    assert title in str(out.value)
    stores = {farm.offer.pk: make_store().pk}
    with pytest.raises(InvalidInput) as quoted:
        make_quote(buyer_id=None, lines=[(farm.offer.pk, 1)], stores=stores)
    assert quoted.value.extra["offer"] == farm.offer.pk


def test_a_quote_answers_for_the_chosen_store_and_without_one(farm: Farm) -> None:
    lines = [(farm.offer.pk, 4)]
    assert make_quote(buyer_id=None, lines=lines).total_fen == 12000
    with pytest.raises(SoldOut):
        make_quote(buyer_id=None, lines=lines, stores={farm.offer.pk: farm.here.pk})


@pytest.mark.parametrize("end", ["cancelled", "timed_out"])
def test_what_is_not_paid_goes_back_to_its_store(farm: Farm, end: str) -> None:
    order = farm.order(2, farm.here)
    if end == "cancelled":
        cancel_order(buyer=farm.buyer, number=order.number)
    else:
        past = order.created_at - dt.timedelta(hours=1)
        Order.objects.filter(pk=order.pk).update(expires_at=past)
        assert time_out_due() == 1
    assert farm.levels == (3, 5, 8)
    assert the_part(farm, order).state == PartState.CANCELLED
    assert broken() == set()


def test_each_line_of_a_cancelled_order_goes_back_to_where_it_came_from(farm: Farm) -> None:
    other = make_product(stock=7)
    lines = [(farm.offer.pk, 2), (offer_of(other).pk, 4)]
    with transaction.atomic():
        order = place_order(buyer=farm.buyer, lines=lines, stores={farm.offer.pk: farm.there.pk})
    assert (farm.levels, Stock.objects.get(variant=variant_of(other)).available) == ((3, 3, 6), 3)
    cancel_order(buyer=farm.buyer, number=order.number)
    assert (farm.levels, Stock.objects.get(variant=variant_of(other)).available) == ((3, 5, 8), 7)
    back = {row.store_id for row in StockMovement.objects.filter(reason="given_back")}
    assert back == {farm.there.pk, None}


def test_only_the_chosen_store_hands_it_over(farm: Farm) -> None:
    order = pay_order(farm.order(2, farm.there))
    voucher = Voucher.objects.get(order_number=order.number)
    assert terms_of(voucher).store_ids == {farm.there.pk}
    clerk = make_staff(farm.here)
    add_staff(merchant=farm.here.merchant, user=clerk, role="clerk", stores=[farm.here, farm.there])
    with pytest.raises(WrongStore) as refusal:
        preview_voucher(staff=clerk, store_id=farm.here.pk, code=voucher.code, device=None)
    assert "South Gate" in str(refusal.value)
    redeem_voucher(staff=clerk, store_id=farm.there.pk, code=voucher.code, uses=1)


def test_an_order_says_what_each_store_hands_over_and_how_far_it_is(farm: Farm) -> None:
    order = farm.order(3, farm.there)
    part = the_part(farm, order)
    assert (part.state, part.pieces, part.done) == (PartState.UNPAID, 3, 0)
    pay_order(order)
    part = the_part(farm, order)
    assert (part.state, part.store, word_part(part)) == ("waiting", farm.there, "To be collected")
    voucher = Voucher.objects.get(order_number=order.number)
    clerk = make_staff(farm.there)
    redeem_voucher(staff=clerk, store_id=farm.there.pk, code=voucher.code, uses=1)
    part = the_part(farm, order)
    assert (part.state, word_part(part)) == (PartState.STARTED, "1 of 3 collected")
    refund_voucher(owner=farm.buyer, voucher_id=voucher.pk)
    assert farm.levels == (3, 4, 7)
    part = the_part(farm, order)
    assert (part.state, word_part(part)) == ("done", "Collected · 2 pieces refunded")
    assert broken() == set()


def test_a_refund_before_it_is_collected_gives_all_back_to_its_store(farm: Farm) -> None:
    order = pay_order(farm.order(3, farm.there))
    refund_voucher(owner=farm.buyer, voucher_id=Voucher.objects.get(order_number=order.number).pk)
    assert farm.levels == (3, 5, 8)
    assert the_part(farm, order).state == PartState.REFUNDED


def test_a_card_counts_uses_and_says_what_came_back_after_sales() -> None:
    card = make_product(kind="times_card", uses=3, price_fen=3000)
    order = make_paid_order(offer=offer_of(card))
    voucher = Voucher.objects.get(order_number=order.number)
    done = redeem(voucher, uses=2)

    def words() -> str:
        return word_part(order_view(user=order.buyer, number=order.number).parts[0])

    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None)
    assert words() == "2 of 3 used · 1 use returned"
    refund_voucher(owner=order.buyer, voucher_id=voucher.pk)
    assert words() == "Used · 1 use returned · 1 use refunded"
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None)
    assert words() == "2 uses returned · 1 use refunded"


def test_an_order_of_two_shops_has_a_part_of_each() -> None:
    farm = make_farm()
    other = make_product()
    with transaction.atomic():
        order = place_order(
            buyer=farm.buyer,
            lines=[(farm.offer.pk, 1), (offer_of(other).pk, 2)],
            ask=Ask(store=farm.here.pk),
        )
    view = order_view(user=farm.buyer, number=order.number)
    assert [(p.method, p.store, p.pieces) for p in view.parts] == [
        ("pickup", farm.here, 1),
        ("redeem", None, 2),
    ]


def test_orders_without_a_promised_store_write_no_fulfilment() -> None:
    order = make_paid_order()
    assert not Fulfilment.objects.exists()
    (part,) = order_view(user=order.buyer, number=order.number).parts
    assert (part.method, part.store, word_part(part)) == ("redeem", None, "Not used yet")


def test_no_statement_more_for_what_has_one_number(django_assert_num_queries: Any) -> None:
    buyer, offer = make_user(), offer_of(make_product(stock=50))
    make_order(buyer, offer)
    with django_assert_num_queries(6), transaction.atomic(savepoint=False):
        place_order(buyer=buyer, lines=[(offer.pk, 1)])


def test_a_placed_order_has_its_parts_without_reading_its_lines(farm: Farm) -> None:
    (part,) = placed_view(farm.order(2, farm.here)).parts
    assert (part.state, part.store, part.pieces) == (PartState.UNPAID, farm.here, 2)


class TestApi:
    @pytest.fixture
    def post(self, client: Any, farm: Farm) -> Any:
        token = issue_token(user=farm.buyer)

        def send(body: Any, key: str = "order-0000001", path: str = "orders") -> Any:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            return client.post(f"/api/v1/{path}", body, "application/json", headers=headers)

        return send

    def test_two_lines_of_one_offer_name_one_store(self, farm: Farm, post: Any) -> None:
        two = [
            {"offer": farm.offer.pk, "quantity": 1, "store": store.pk}
            for store in (farm.here, farm.there)
        ]
        for path in ("orders", "quotes"):
            answer = post({"lines": two}, path=path)
            assert answer.status_code == 400
            assert set(answer.json()["fields"]) == {"store"}
            assert answer.json()["offer"] == farm.offer.pk
        assert farm.levels == (3, 5, 8)
        same = [line | {"store": farm.there.pk} for line in two]
        assert post({"lines": same}, key="order-0000002").status_code == 201
        assert farm.levels == (3, 3, 6)

    def test_a_line_names_its_store_and_the_order_its_parts(self, farm: Farm, post: Any) -> None:
        line = {"offer": farm.offer.pk, "quantity": 2, "store": farm.there.pk}
        answer = post({"lines": [line]})
        assert answer.status_code == 201
        (part,) = answer.json()["parts"]
        assert part["store"]["name"] == "South Gate"
        assert (part["method"], part["state"], part["pieces"]) == ("pickup", "unpaid", 2)
        assert part["offers"] == [farm.offer.pk]
        assert farm.levels == (3, 3, 6)

    def test_the_order_may_name_it_for_all(self, farm: Farm, post: Any) -> None:
        body = {"lines": [{"offer": farm.offer.pk, "quantity": 1}], "store": farm.here.pk}
        assert post(body).json()["parts"][0]["store"]["id"] == farm.here.pk

    @pytest.mark.parametrize("path", ["orders", "quotes"])
    def test_one_offer_with_two_stores_is_refused(self, farm: Farm, post: Any, path: str) -> None:
        line = {"offer": farm.offer.pk, "quantity": 1}
        both = [line | {"store": farm.here.pk}, line | {"store": farm.there.pk}]
        answer = post({"lines": both}, path=path)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["store"])
        assert farm.levels == (3, 5, 8)

    def test_one_offer_twice_at_one_store_is_one_line(self, farm: Farm, post: Any) -> None:
        line = {"offer": farm.offer.pk, "quantity": 1}
        assert post({"lines": [line | {"store": farm.there.pk}, line]}).status_code == 201
        assert farm.levels == (3, 3, 6)

    def test_who_names_none_is_told_the_stores(self, farm: Farm, post: Any) -> None:
        answer = post({"lines": [{"offer": farm.offer.pk, "quantity": 1}]})
        assert (answer.status_code, answer.json()["code"]) == (409, "store_needed")
        assert answer.json()["stores"] == [farm.here.pk, farm.there.pk]

    def test_a_quote_is_refused_as_the_order_would_be(self, farm: Farm, post: Any) -> None:
        line = {"offer": farm.offer.pk, "quantity": 4, "store": farm.here.pk}
        assert post({"lines": [line]}, path="quotes").json()["code"] == "sold_out"
