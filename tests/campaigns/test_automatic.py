"""Campaigns that come by themselves: in the price, in the order, given back; tiers and limits."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from campaigns.conditions.base import Said
from campaigns.errors import BudgetGone, DiscountEnded, DiscountLimitReached
from campaigns.models import AutomaticUse, Batch, Campaign
from campaigns.selectors import campaigns_of_product
from campaigns.services.automatic import Taking, reserve_automatic
from campaigns.services.campaigns import pause_campaign
from campaigns.services.coupons import claim_coupon
from campaigns.terms import Gives, Tier
from catalog.models import Product
from kernel.errors import InvalidInput, NotFound
from members.models import User
from orders.models import OrderDiscount
from orders.pricing.benefits import Further
from orders.pricing.wording import word_answer
from orders.services.cancel import cancel_order
from orders.services.coupons import follow_refund
from orders.services.place import place_order
from orders.services.quotes import make_quote
from payments.models import Refund
from tests.campaigns.books import broken
from tests.campaigns.made import TWENTY, make_campaign, over
from tests.factories import make_product, make_user, offer_of, pay_order
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    return make_product(price_fen=6000)


@pytest.fixture
def buyer() -> User:
    return make_user()


def automatic(product: Product, *conditions: Said, **more: Any) -> Campaign:
    facts: dict[str, Any] = {"way": "automatic", "coupons": 0} | more
    return make_campaign(product.merchant, *conditions, **facts)


def quoted(product: Product, pieces: int = 1, buyer: User | None = None) -> Any:
    return make_quote(buyer_id=buyer.pk if buyer else None, lines=[(offer_of(product).pk, pieces)])


def placed(buyer: User, product: Product, pieces: int = 1) -> Any:
    return place_order(buyer=buyer, lines=[(offer_of(product).pk, pieces)])


def only(quote: Any) -> Any:
    (answer,) = quote.answers
    return answer


def uses(row: Campaign) -> list[tuple[str, int]]:
    found = AutomaticUse.objects.filter(campaign=row).order_by("pk")
    return list(found.values_list("state", "amount_fen"))


def spent(row: Campaign) -> tuple[int, int]:
    row.refresh_from_db()
    return row.spent_count, row.spent_fen


def test_everybody_gets_it_a_guest_as_well(product: Product, buyer: User) -> None:
    row = automatic(product, over(10000))
    assert not Batch.objects.exists()
    for person in (None, buyer):
        below, above = quoted(product, 1, person), quoted(product, 2, person)
        assert (below.total_fen, only(below).code, only(below).missing_fen) == (
            *(6000, "below_minimum"),
            4000,
        )
        assert (above.total_fen, only(above).code, only(above).amount_fen) == (
            *(10000, "applied"),
            2000,
        )
    assert above.discounts[0].source == f"automatic:{row.pk}"
    assert above.discounts[0].layer == "merchant_threshold"


def test_it_is_reserved_used_and_given_back_with_its_budget(product: Product, buyer: User) -> None:
    row = automatic(product, budget_fen=5000, budget_count=2)
    order = placed(buyer, product)
    assert (order.total_fen, uses(row), spent(row)) == (4000, [("reserved", 2000)], (1, 2000))
    assert OrderDiscount.objects.get().source == f"automatic:{row.pk}"
    pay_order(order)
    assert uses(row) == [("used", 2000)]
    second = placed(make_user(), product)
    assert only(quoted(product)).code == "budget_gone"
    assert broken() == []
    cancel_order(buyer=second.buyer, number=second.number)
    assert (uses(row)[1], spent(row)) == (("returned", 2000), (1, 2000))
    refund_voucher(owner=buyer, voucher_id=Voucher.objects.get().pk)
    assert follow_refund(refund_id=Refund.objects.get().pk) == 1
    assert follow_refund(refund_id=Refund.objects.get().pk) == 0
    assert (uses(row)[0], spent(row)) == (("returned", 2000), (0, 0))
    assert broken() == []


def test_of_the_tiers_the_highest_that_is_reached_applies_and_the_next_is_said(
    product: Product,
) -> None:
    gives = TWENTY._replace(tiers=(Tier(15000, 3500), Tier(24000, 6000)))
    automatic(product, over(6000), gives=gives)
    found = [only(quoted(product, pieces)) for pieces in (1, 2, 3, 4)]
    assert [answer.amount_fen for answer in found] == [2000, 2000, 3500, 6000]
    assert [answer.further for answer in found] == [
        Further(9000, amount_fen=3500),
        Further(3000, amount_fen=3500),
        Further(6000, amount_fen=6000),
        None,
    ]
    with override("en"):
        assert word_answer(found[1]) == "It takes off ¥20. Add items worth ¥30 for ¥35 off."


def test_tiers_of_a_share_and_the_most_of_it(product: Product) -> None:
    gives = Gives("share", permille=100, at_most_fen=1500, tiers=(Tier(12000, 200),))
    automatic(product, over(6000), gives=gives)
    assert [only(quoted(product, n)).amount_fen for n in (1, 2)] == [600, 1500]
    assert only(quoted(product)).further == Further(6000, permille=200)


@pytest.mark.parametrize(
    ("minimum", "tiers"),
    [
        (6000, (Tier(6000, 3000),)),
        (6000, (Tier(7000, 2000),)),
        (6000, (Tier(7000, 8000),)),
        (6000, (Tier(9000, 3000), Tier(8000, 4000))),
        (6000, tuple(Tier(7000 + n, 3000 + n) for n in range(5))),
        (0, (Tier(7000, 3000),)),
    ],
)
def test_tiers_that_do_not_rise_are_refused(
    product: Product, minimum: int, tiers: tuple[Tier, ...]
) -> None:
    conditions = [over(minimum)] if minimum else []
    with pytest.raises(InvalidInput) as refused:
        automatic(product, *conditions, gives=TWENTY._replace(tiers=tiers))
    assert set(refused.value.extra["fields"]) & {"tiers", "amount_fen"}


def test_one_person_gets_it_in_so_many_orders(product: Product, buyer: User) -> None:
    row = automatic(product, uses_per_person=1)
    first = placed(buyer, product)
    again = quoted(product, 1, buyer)
    assert (again.total_fen, only(again).code) == (6000, "person_limit")
    assert quoted(product, 1, make_user()).total_fen == 4000
    with pytest.raises(DiscountLimitReached):
        reserve_automatic(buyer_id=buyer.pk, order_number="x", wanted=[Taking(row.pk, 2000)])
    cancel_order(buyer=buyer, number=first.number)
    assert quoted(product, 1, buyer).total_fen == 4000


def test_a_guest_is_told_to_sign_in_where_that_decides(product: Product, buyer: User) -> None:
    automatic(product, Said("first_order"))
    assert (only(quoted(product)).code, quoted(product).total_fen) == ("sign_in_first", 6000)
    assert quoted(product, 1, buyer).total_fen == 4000
    placed(buyer, product)
    assert only(quoted(product, 1, buyer)).code == "not_first_order"


def test_what_was_paused_or_is_spent_meanwhile_is_not_taken(product: Product, buyer: User) -> None:
    row = automatic(product, budget_fen=2000)
    with pytest.raises(BudgetGone):
        reserve_automatic(buyer_id=buyer.pk, order_number="x", wanted=[Taking(row.pk, 2001)])
    pause_campaign(campaign_id=row.pk, by=None)
    with pytest.raises(DiscountEnded):
        reserve_automatic(buyer_id=buyer.pk, order_number="x", wanted=[Taking(row.pk, 2000)])
    assert quoted(product).answers == ()


def test_one_of_a_group_applies_and_beside_it_one_of_another(product: Product) -> None:
    automatic(product, name_en="less")
    automatic(product, gives=Gives("amount", amount_fen=2500), name_en="more")
    automatic(product, gives=Gives("amount", amount_fen=100), group="weekend", name_en="beside")
    found = quoted(product)
    assert found.total_fen == 6000 - 2500 - 100
    assert {answer.label_en: answer.code for answer in found.answers} == {
        "less": "better_one",
        "more": "applied",
        "beside": "applied",
    }


def test_of_equal_ones_the_lower_priority_applies(product: Product) -> None:
    automatic(product, name_en="second", priority=20)
    automatic(product, name_en="first", priority=10)
    assert [d.label_en for d in quoted(product).discounts] == ["first"]


def test_a_coupon_comes_after_it_and_its_minimum_counts_what_is_left(
    product: Product, buyer: User
) -> None:
    automatic(product)
    coupon = make_campaign(product.merchant, over(5000))
    claim_coupon(owner=buyer, campaign_id=coupon.pk)
    found = quoted(product, 1, buyer)
    assert [(a.code, a.missing_fen) for a in found.answers] == [
        ("applied", 0),
        ("below_minimum", 1000),
    ]
    order = placed(buyer, product, 2)
    assert order.total_fen == 12000 - 4000
    pay_order(order)
    assert broken() == []


def test_nobody_claims_a_coupon_of_it(product: Product, buyer: User) -> None:
    row = automatic(product)
    with pytest.raises(NotFound):
        claim_coupon(owner=buyer, campaign_id=row.pk)


def test_a_merchant_without_campaigns_costs_no_statement(product: Product) -> None:
    with CaptureQueriesContext(
        connection,
    ) as before:
        quoted(product)
    automatic(make_product(price_fen=100))
    with CaptureQueriesContext(connection) as after:
        quoted(product)
    assert len(after) == len(before)


def test_pages_tell_of_it_without_a_button(product: Product, client: Client) -> None:
    row = automatic(product, over(10000))
    (found,) = campaigns_of_product(product=Product.objects.get(pk=product.pk), person_id=None)
    assert (found.campaign, found.has_all) == (row, False)
    page = client.get(f"/products/{product.pk}/").content.decode()
    assert "¥20 off over ¥100" in page
    assert reverse("campaign_claim", args=[row.pk]) not in page
    Campaign.objects.filter(pk=row.pk).update(budget_count=1, spent_count=1)
    assert campaigns_of_product(product=Product.objects.get(pk=product.pk), person_id=None) == []
