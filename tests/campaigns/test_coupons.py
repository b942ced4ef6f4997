"""Coupons: claimed, in a quote, reserved in an order, used when it is paid, given back when it is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.conditions.base import Said
from campaigns.errors import (
    BudgetGone,
    CampaignNotBegun,
    CampaignOver,
    CampaignPaused,
    CouponLimitReached,
    CouponsGone,
    CouponTaken,
)
from campaigns.models import Batch, Campaign, Coupon, CouponUse
from campaigns.services.campaigns import end_campaign, pause_campaign
from campaigns.services.coupons import Reserving, claim_coupon, end_coupons_due, reserve_coupons
from campaigns.terms import Gives
from catalog.models import Offer, Product
from insights.invariants_campaigns import CAMPAIGNS
from kernel.clock import now
from kernel.errors import NotFound
from members.models import User
from orders.models import Order, OrderDiscount
from orders.pricing.rules import Ask
from orders.services.cancel import cancel_order, time_out_order
from orders.services.coupons import follow_refund, follow_sent_back
from orders.services.place import place_order
from orders.services.quotes import make_quote
from payments.contracts import Agreed
from payments.models import Refund
from payments.services.contracts import Terms as ContractTerms
from payments.services.contracts import make_contract
from tests.campaigns.made import TENTH, make_campaign, over
from tests.factories import make_merchant, make_product, make_user, offer_of, pay_order, redeem
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return make_product(price_fen=6000)


@pytest.fixture
def buyer() -> User:
    return make_user()


def claimed(buyer: User, product: Product, *conditions: Said, **more: Any) -> Coupon:
    return claim_coupon(
        owner=buyer, campaign_id=make_campaign(product.merchant, *conditions, **more).pk
    )


def quoted(buyer: User | None, *lines: tuple[Offer, int], coupons: Any = None) -> Any:
    return make_quote(
        buyer_id=buyer.pk if buyer else None,
        lines=[(offer.pk, n) for offer, n in lines],
        ask=Ask(coupons=coupons),
    )


def placed(buyer: User, *lines: tuple[Offer, int], coupons: Any = None) -> Order:
    return place_order(
        buyer=buyer, lines=[(offer.pk, n) for offer, n in lines], ask=Ask(coupons=coupons)
    )


def codes(quote: Any) -> dict[int, str]:
    return {answer.coupon: answer.code for answer in quote.answers}


def spent(coupon: Coupon) -> tuple[int, int]:
    row = Campaign.objects.get(pk=coupon.campaign_id)
    return row.spent_fen, row.spent_count


# Claiming ------------------------------------------------------------------------------


def test_a_person_claims_what_one_person_gets_and_numbers_cannot_be_guessed() -> None:
    row = make_campaign(make_merchant(), per_person=2)
    buyer = make_user()
    first, second = (claim_coupon(owner=buyer, campaign_id=row.pk) for _ in range(2))
    assert [first.ordinal, second.ordinal] == [1, 2]
    assert first.number != second.number
    assert len(first.number) == 16
    assert first.ends_at == row.ends_at
    with pytest.raises(CouponLimitReached) as refused:
        claim_coupon(owner=buyer, campaign_id=row.pk)
    assert refused.value.extra == {"limit": 2}
    row.batch.refresh_from_db()
    assert row.batch.claimed == 2


def test_a_campaign_that_gives_none_says_why() -> None:
    merchant, buyer = make_merchant(), make_user()
    later = now() + dt.timedelta(hours=1)
    refusals = {
        make_campaign(merchant, start=False).pk: NotFound,
        make_campaign(merchant, begins_at=later).pk: CampaignNotBegun,
        pause_campaign(campaign_id=make_campaign(merchant).pk, by=None).pk: CampaignPaused,
        end_campaign(campaign_id=make_campaign(merchant).pk, by=None).pk: CampaignOver,
        10**9: NotFound,
    }
    gone = make_campaign(merchant, coupons=1)
    claim_coupon(owner=make_user(), campaign_id=gone.pk)
    for campaign_id, refusal in (refusals | {gone.pk: CouponsGone}).items():
        with pytest.raises(refusal):
            claim_coupon(owner=buyer, campaign_id=campaign_id)
    assert not Coupon.objects.filter(owner=buyer).exists()


# The quote -----------------------------------------------------------------------------


def test_a_minimum_that_is_not_reached_says_how_far_away_it_is(
    buyer: User, product: Product
) -> None:
    coupon = claimed(buyer, product, over(10000))
    quote = quoted(buyer, (offer_of(product), 1))
    (answer,) = quote.answers
    assert (answer.coupon, answer.code, answer.missing_fen) == (coupon.pk, "below_minimum", 4000)
    quote = quoted(buyer, (offer_of(product), 2))
    assert (quote.total_fen, codes(quote)) == (10000, {coupon.pk: "applied"})
    (discount,) = quote.discounts
    assert (discount.funder, discount.layer) == (
        f"merchant:{product.merchant_id}",
        "merchant_coupon",
    )


def test_the_best_of_a_merchant_applies_and_the_buyer_may_choose_another_or_none(
    buyer: User, product: Product
) -> None:
    small, large = (
        claimed(buyer, product),
        claimed(buyer, product, gives=Gives("share", permille=500)),
    )
    other = make_product(price_fen=3000)
    its = claimed(buyer, other)
    lines = ((offer_of(product), 1), (offer_of(other), 1))
    best = {small.pk: "better_one", large.pk: "applied", its.pk: "applied"}
    quote = quoted(buyer, *lines)
    assert (codes(quote), quote.total_fen) == (best, 9000 - 3000 - 2000)
    quote = quoted(buyer, *lines, coupons=(small.pk,))
    chosen = {small.pk: "applied", large.pk: "not_chosen", its.pk: "not_chosen"}
    assert (codes(quote), quote.total_fen) == (chosen, 7000)
    quote = quoted(buyer, *lines, coupons=())
    assert (set(codes(quote).values()), quote.total_fen) == ({"not_chosen"}, 9000)


def test_a_coupon_covers_what_it_says(buyer: User, product: Product) -> None:
    other = make_product(merchant=product.merchant, price_fen=9000)
    one = claimed(buyer, product, Said("products", (product.pk,)), gives=TENTH)
    quote = quoted(buyer, (offer_of(product), 1), (offer_of(other), 1))
    assert {line.key: line.discount_fen for line in quote.lines} == {
        str(offer_of(product).pk): 600,
        str(offer_of(other).pk): 0,
    }
    assert codes(quoted(buyer, (offer_of(other), 1))) == {one.pk: "other_items"}
    shelf = claimed(buyer, product, Said("categories", (other.category_id,)), gives=TENTH)
    assert codes(quoted(buyer, (offer_of(other), 1)))[shelf.pk] == "applied"


def test_a_first_order_is_the_first_one_that_is_not_given_up(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product, Said("first_order"), per_person=2)
    claim_coupon(owner=buyer, campaign_id=coupon.campaign_id)
    order = placed(buyer, (offer_of(product), 1))
    assert order.total_fen == 4000
    assert set(codes(quoted(buyer, (offer_of(product), 1))).values()) == {"not_first_order"}
    cancel_order(buyer=buyer, number=order.number)
    assert "applied" in codes(quoted(buyer, (offer_of(product), 1))).values()


def test_two_first_orders_at_once_are_told_apart_under_the_lock(
    buyer: User, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both quotes were made before either order was there."""
    coupon = claimed(buyer, product, Said("first_order"), per_person=2)
    claim_coupon(owner=buyer, campaign_id=coupon.campaign_id)
    placed(buyer, (offer_of(product), 1))
    monkeypatch.setattr("orders.pricing.facts.merchants_ordered_at", lambda **_: set())
    with pytest.raises(CouponTaken):
        placed(buyer, (offer_of(product), 1))


def test_named_coupons_that_cannot_be_used_are_answered(buyer: User, product: Product) -> None:
    stranger = claimed(make_user(), product)
    coupon = claimed(buyer, product)
    offer = offer_of(product)
    assert codes(quoted(None, (offer, 1))) == {}
    (guest,) = quoted(None, (offer, 1), coupons=(coupon.pk,)).answers
    assert guest.code == "sign_in_first"
    assert [a.code for a in quoted(buyer, (offer, 1), coupons=(stranger.pk,)).answers] == [
        "not_chosen",
        "unknown_coupon",
    ]
    order = placed(buyer, (offer, 1))
    assert codes(quoted(buyer, (offer, 1), coupons=(coupon.pk,))) == {coupon.pk: "coupon_reserved"}
    pay_order(order)
    assert codes(quoted(buyer, (offer, 1), coupons=(coupon.pk,))) == {coupon.pk: "coupon_used"}
    Coupon.objects.filter(pk=coupon.pk).update(state="claimed", ends_at=now())
    assert codes(quoted(buyer, (offer, 1))) == {coupon.pk: "ended"}
    assert end_coupons_due() == 1
    assert codes(quoted(buyer, (offer, 1), coupons=(coupon.pk,))) == {coupon.pk: "ended"}


def test_a_paused_or_ended_campaign_keeps_its_word(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product)
    pause_campaign(campaign_id=coupon.campaign_id, by=None)
    end_campaign(campaign_id=coupon.campaign_id, by=None)
    assert codes(quoted(buyer, (offer_of(product), 1))) == {coupon.pk: "applied"}


def test_only_who_has_campaigns_pays_for_them_with_statements(
    buyer: User, product: Product
) -> None:
    offer = offer_of(product)

    def statements(who: User, **more: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            quoted(who, (offer, 1), **more)
        return len(asked)

    plain = statements(buyer)
    coupon = claimed(buyer, product)
    with_one = statements(buyer)
    assert with_one == plain + 3
    for _ in range(3):
        claimed(buyer, product)
    assert statements(buyer) == with_one
    assert statements(make_user()) == plain + 2
    assert coupon.pk


# The order -----------------------------------------------------------------------------


def test_it_is_reserved_with_the_order_and_used_when_that_is_paid(
    buyer: User, product: Product
) -> None:
    coupon = claimed(buyer, product, budget_fen=2000)
    order = placed(buyer, (offer_of(product), 1))
    (row,) = OrderDiscount.objects.filter(line__order=order)
    assert (row.source, row.funder, row.amount_fen, row.in_base) == (
        f"coupon:{coupon.pk}",
        f"merchant:{product.merchant_id}",
        2000,
        True,
    )
    coupon.refresh_from_db()
    assert (coupon.state, spent(coupon)) == ("reserved", (2000, 1))
    pay_order(order)
    coupon.refresh_from_db()
    assert (coupon.state, coupon.uses.get().state) == ("used", "used")
    voucher = Voucher.objects.get(order_number=order.number)
    assert (voucher.paid_fen, voucher.value_fen) == (4000, 4000), "the merchant bears it alone"
    assert codes(quoted(buyer, (offer_of(product), 1))) == {}


@pytest.mark.parametrize("end", ["cancel", "time_out"])
def test_it_comes_back_with_an_order_that_comes_to_nothing(
    end: str, buyer: User, product: Product
) -> None:
    coupon = claimed(buyer, product, budget_count=1)
    order = placed(buyer, (offer_of(product), 1))
    assert codes(quoted(make_user(), (offer_of(product), 1))) == {}
    if end == "cancel":
        cancel_order(buyer=buyer, number=order.number)
    else:
        Order.objects.filter(pk=order.pk).update(expires_at=now())
        assert time_out_order(order_id=order.pk)
    coupon.refresh_from_db()
    assert (coupon.state, spent(coupon), coupon.uses.get().state) == (
        "returned",
        (0, 0),
        "returned",
    )
    again = placed(buyer, (offer_of(product), 1))
    assert again.total_fen == 4000
    assert coupon.uses.count() == 2


def test_what_comes_back_after_its_end_is_over(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product)
    order = placed(buyer, (offer_of(product), 1))
    Coupon.objects.filter(pk=coupon.pk).update(ends_at=now())
    cancel_order(buyer=buyer, number=order.number)
    coupon.refresh_from_db()
    assert coupon.state == "ended"


def test_a_refund_of_all_that_it_lowered_brings_it_back_and_one_of_a_part_does_not(
    buyer: User, product: Product
) -> None:
    coupon = claimed(buyer, product)
    order = pay_order(placed(buyer, (offer_of(product), 2)))
    first, second = Voucher.objects.filter(order_number=order.number).order_by("pk")
    for voucher, state in ((first, "used"), (second, "returned")):
        refund_voucher(owner=buyer, voucher_id=voucher.pk)
        for refund in Refund.objects.all():
            follow_refund(refund_id=refund.pk)
            follow_refund(refund_id=refund.pk)
        coupon.refresh_from_db()
        assert coupon.state == state
    assert spent(coupon) == (0, 0)
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == 10000


def test_what_was_used_keeps_the_coupon_used(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product)
    order = pay_order(placed(buyer, (offer_of(product), 2)))
    first, second = Voucher.objects.filter(order_number=order.number).order_by("pk")
    redeem(first)
    refund_voucher(owner=buyer, voucher_id=second.pk)
    follow_refund(refund_id=Refund.objects.get().pk)
    coupon.refresh_from_db()
    assert (coupon.state, spent(coupon)) == ("used", (2000, 1))


def test_an_order_that_came_to_nothing_to_pay_gives_it_back_too(
    buyer: User, product: Product
) -> None:
    coupon = claimed(buyer, product, gives=Gives("share", permille=1000))
    order = placed(buyer, (offer_of(product), 1))
    assert (order.state, order.total_fen) == ("paid", 0)
    coupon.refresh_from_db()
    assert coupon.state == "used"
    refund_voucher(owner=buyer, voucher_id=Voucher.objects.get(order_number=order.number).pk)
    assert follow_sent_back(order_number=order.number) == 1
    coupon.refresh_from_db()
    assert coupon.state == "returned"


def test_a_budget_is_never_exceeded_by_a_fen_and_says_so_before(product: Product) -> None:
    row = make_campaign(product.merchant, budget_fen=3999)
    one, two = make_user(), make_user()
    for person in (one, two):
        claim_coupon(owner=person, campaign_id=row.pk)
    placed(one, (offer_of(product), 1))
    assert set(codes(quoted(two, (offer_of(product), 1))).values()) == {"budget_gone"}
    coupon = Coupon.objects.get(owner=two)
    with pytest.raises(BudgetGone):
        reserve_coupons(
            owner_id=two.pk,
            order_number="x",
            wanted=[Reserving(coupon.pk, 2000, coupon.campaign_id)],
        )


def test_a_coupon_is_in_one_order_at_a_time_and_of_its_owner(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product)
    with pytest.raises(CouponTaken):
        reserve_coupons(
            owner_id=make_user().pk,
            order_number="x",
            wanted=[Reserving(coupon.pk, 1, coupon.campaign_id)],
        )
    placed(buyer, (offer_of(product), 1))
    with pytest.raises(CouponTaken):
        reserve_coupons(
            owner_id=buyer.pk,
            order_number="y",
            wanted=[Reserving(coupon.pk, 1, coupon.campaign_id)],
        )
    assert CouponUse.objects.count() == 1


def test_a_contract_may_name_the_campaign(buyer: User, product: Product) -> None:
    coupon = claimed(buyer, product)
    terms = ContractTerms(
        campaign=coupon.campaign.source,
        rate=Agreed(0).rate,
        starts_at=now() + dt.timedelta(hours=1),
    )
    made = make_contract(merchant_id=product.merchant_id, terms=terms)
    type(made).objects.update(starts_at=now() - dt.timedelta(hours=1))
    assert placed(buyer, (offer_of(product), 1)).lines.get().commission_rate == 0
    assert placed(buyer, (offer_of(product), 1)).lines.get().commission_rate > 0


# The audit -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "damage"),
    [
        ("campaign_spent", lambda: Campaign.objects.update(spent_fen=1999)),
        ("campaign_spent", lambda: Campaign.objects.update(spent_count=2)),
        ("coupons_claimed", lambda: Batch.objects.update(claimed=2)),
        ("coupon_state", lambda: Coupon.objects.update(state="claimed")),
        ("coupon_rows", lambda: OrderDiscount.objects.update(amount_fen=1)),
        ("coupon_rows", lambda: CouponUse.objects.update(order_number="none")),
        ("coupon_of_order", lambda: Order.objects.update(state="cancelled")),
    ],
)
def test_the_audit_finds_what_does_not_add_up(
    code: str, damage: Any, buyer: User, product: Product
) -> None:
    claimed(buyer, product)
    placed(buyer, (offer_of(product), 1))
    assert found_by(code) == 0
    damage()
    assert found_by(code) > 0


def found_by(code: str) -> int:
    (invariant,) = (row for row in CAMPAIGNS if row.code == code)
    with connection.cursor() as cursor:
        cursor.execute(invariant.sql)
        return len(cursor.fetchall())
