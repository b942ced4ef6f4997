"""Scripts that try to get more out of a campaign than it gives: none gains a fen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client

from campaigns.models import AutomaticUse, Campaign, CouponUse
from campaigns.services.coupons import claim_coupon
from catalog.models import Offer
from members.models import User
from orders.models import Order
from orders.services.cancel import cancel_order
from orders.services.coupons import follow_refund
from orders.services.place import place_order
from payments.models import Refund
from tests.campaigns.books import broken
from tests.campaigns.made import make_campaign
from tests.factories import (
    cast,
    make_product,
    make_user,
    offer_of,
    pay_order,
    redeem,
    start_payment,
)
from vouchers.models import Voucher
from vouchers.services.redeem import undo_redemption
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db
OFF = 2000


@pytest.fixture
def offer() -> Offer:
    return offer_of(make_product(price_fen=6000, stock=50))


def automatic(offer: Offer, **more: Any) -> Campaign:
    facts: dict[str, Any] = {"way": "automatic", "coupons": 0} | more
    return make_campaign(offer.product.merchant, **facts)


def bought(offer: Offer, payer: str, buyer: User | None = None) -> Order:
    order = place_order(buyer=buyer or make_user(), lines=[(offer.pk, 1)])
    return pay_order(order, payer=payer)


def given(row: Campaign) -> int:
    """What the campaign has given for good."""
    live = AutomaticUse.objects.filter(campaign=row, state="used")
    coupons = CouponUse.objects.filter(coupon__campaign=row, state="used")
    return sum(rows.aggregate(fen=Sum("amount_fen", default=0))["fen"] for rows in (live, coupons))


def test_ten_accounts_with_one_payer_get_it_once(offer: Offer, drain: Callable[..., int]) -> None:
    row = automatic(offer, per_payer=1)
    orders = [bought(offer, "one-account") for _ in range(10)]
    assert [order.state for order in orders] == ["paid"] + ["cancelled"] * 9
    assert given(row) == OFF
    drain()
    refunds = Refund.objects.filter(state="succeeded").values_list("amount_fen", flat=True)
    assert list(refunds) == [4000] * 9
    row.refresh_from_db()
    assert (row.spent_count, row.spent_fen) == (1, OFF)
    offer.variant.stock.refresh_from_db()
    assert offer.variant.stock.available == 49
    assert bought(offer, "another").state == "paid"
    assert broken() == []


def test_coupons_of_ten_accounts_with_one_payer_come_back_to_their_owners(offer: Offer) -> None:
    row = make_campaign(offer.product.merchant, per_payer=2)
    buyers = [make_user() for _ in range(5)]
    for buyer in buyers:
        claim_coupon(owner=buyer, campaign_id=row.pk)
    orders = [bought(offer, "one-account", buyer) for buyer in buyers]
    assert [order.state for order in orders] == ["paid"] * 2 + ["cancelled"] * 3
    assert given(row) == 2 * OFF
    states = row.coupons.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["used", "used", "returned", "returned", "returned"]
    assert broken() == []


def test_who_pays_the_full_price_pays_as_often_as_they_like(offer: Offer) -> None:
    automatic(offer, per_payer=1, budget_count=1)
    assert [bought(offer, "one-account").state for _ in range(3)] == ["paid"] * 3


def test_a_gateway_that_names_no_account_is_not_judged(offer: Offer) -> None:
    row = automatic(offer, per_payer=1)
    assert [bought(offer, "").state for _ in range(2)] == ["paid"] * 2
    assert given(row) == 2 * OFF


def test_bought_and_sent_back_it_comes_back_and_gives_nothing_twice(
    offer: Offer, drain: Callable[..., int]
) -> None:
    row = automatic(offer, per_payer=1, uses_per_person=1)
    buyer = make_user()
    for _round in range(3):
        order = bought(offer, "one-account", buyer)
        assert (order.state, order.total_fen) == ("paid", 4000)
        voucher = Voucher.objects.filter(order_number=order.number).get()
        refund_voucher(owner=buyer, voucher_id=voucher.pk)
        follow_refund(refund_id=Refund.objects.latest("pk").pk)
        assert given(row) == 0
    drain()
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == 3 * 4000
    assert broken() == []


def test_used_undone_and_sent_back_it_is_as_never_bought() -> None:
    people = cast()
    product = make_product(merchant=people.merchant, price_fen=6000)
    row = automatic(offer_of(product), per_payer=1)
    order = bought(offer_of(product), "one-account", people.buyer)
    voucher = Voucher.objects.get(order_number=order.number)
    redemption = redeem(voucher, store=people.store, staff=people.clerk, uses=1)
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    refund_voucher(owner=people.buyer, voucher_id=voucher.pk)
    refund = Refund.objects.get()
    follow_refund(refund_id=refund.pk)
    assert (refund.amount_fen, given(row)) == (4000, 0)
    assert broken() == []


def test_tabs_that_are_placed_together_and_paid_one_by_one(offer: Offer) -> None:
    """Reserved while the limit was free, each is judged when it is paid."""
    row = automatic(offer, per_payer=1)
    orders = [place_order(buyer=make_user(), lines=[(offer.pk, 1)]) for _ in range(4)]
    assert [order.total_fen for order in orders] == [4000] * 4
    states = [pay_order(order, payer="one-account").state for order in orders]
    assert states == ["paid"] + ["cancelled"] * 3
    assert given(row) == OFF
    assert broken() == []


def test_placed_and_cancelled_again_and_again_keeps_the_budget_whole(offer: Offer) -> None:
    row = automatic(offer, budget_fen=OFF)
    buyer = make_user()
    for _round in range(3):
        order = place_order(buyer=buyer, lines=[(offer.pk, 1)])
        assert order.total_fen == 4000
        cancel_order(buyer=buyer, number=order.number)
    row.refresh_from_db()
    assert (row.spent_fen, given(row)) == (0, 0)
    assert broken() == []


def test_the_test_cashier_asks_which_account_pays(offer: Offer, client: Client) -> None:
    row = automatic(offer, per_payer=1)
    for state in ("paid", "cancelled"):
        order = place_order(buyer=make_user(), lines=[(offer.pk, 1)])
        url = start_payment(buyer=order.buyer, number=order.number).pay_url
        assert 'name="payer"' in client.get(url).content.decode()
        client.post(url, {"outcome": "paid", "payer": "one-account"})
        order.refresh_from_db()
        assert order.state == state
    assert given(row) == OFF
