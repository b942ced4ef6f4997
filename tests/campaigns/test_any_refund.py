"""Random orders under random campaigns, used in part, refunded in any order: paid is refunded, and nobody owes
for what was not used.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db.models import Sum

from campaigns.models import Campaign
from campaigns.services.funders import Share
from campaigns.terms import Gives
from catalog.models import Offer
from orders.models import OrderLine
from orders.services.place import place_order
from payments.models import LedgerEntry, Refund
from stores.models import Merchant
from tests.campaigns.books import broken as broken_campaigns
from tests.campaigns.made import make_campaign
from tests.factories import (
    Cast,
    cast,
    make_merchant,
    make_product,
    make_user,
    offer_of,
    pay_order,
    redeem,
)
from tests.forms import LONG
from tests.orders.payers import broken
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db
ROUNDS = 10_000 if LONG else 12
A_SHOP = 50
"""Orders of one shop; then another is opened, so that the books that are looked at stay small."""


def any_campaign(dice: random.Random, merchant: Merchant, partner: Merchant) -> Campaign:
    own, other = f"merchant:{merchant.pk}", f"merchant:{partner.pk}"
    first, second = dice.randint(1, 600), dice.randint(1, 399)
    split = [Share("platform", first), Share(other, second), Share(own, 1000 - first - second)]
    facts: dict[str, Any] = {
        "way": "automatic",
        "coupons": 0,
        "group": f"g{dice.randint(1, 3)}",
        "owner": dice.choice(("", "platform")),
        "funders": dice.choice(([], split, [Share(other, 1000)])),
        "gives": dice.choice(
            (
                Gives("amount", amount_fen=dice.choice((1, 777, 4001))),
                Gives("share", permille=dice.choice((1, 333, 700))),
                Gives("nth", permille=500, every=2),
                Gives("cheapest", permille=1000),
            )
        ),
    }
    return make_campaign(merchant, **facts)


class Shop:
    """A merchant with two products and a few campaigns."""

    def __init__(self, dice: random.Random) -> None:
        self.people: Cast = cast()
        partner = make_merchant()
        products = [
            make_product(merchant=self.people.merchant, price_fen=fen, stock=10**6)
            for fen in (3333, 1999)
        ]
        self.offers: list[Offer] = [offer_of(product) for product in products]
        for _number in range(dice.randint(1, 4)):
            any_campaign(dice, self.people.merchant, partner)


def test_refunds_are_what_was_paid_and_funders_pay_for_what_was_used_alone() -> None:
    dice = random.Random(6)
    shop = Shop(dice)
    for number in range(ROUNDS):
        if number % A_SHOP == A_SHOP - 1:
            shop = Shop(dice)
        one_order(dice, shop)
        if number % A_SHOP in (0, A_SHOP - 2) or not LONG:
            assert broken() == []
            assert broken_campaigns() == []


def one_order(dice: random.Random, shop: Shop) -> None:
    buyer = make_user()
    lines = [(offer.pk, dice.randint(1, 3)) for offer in shop.offers[: dice.randint(1, 2)]]
    order = place_order(buyer=buyer, lines=lines)
    if order.total_fen:
        pay_order(order)
    vouchers = list(Voucher.objects.filter(order_number=order.number))
    assert sum(voucher.paid_fen for voucher in vouchers) == order.total_fen
    own = f"merchant:{shop.people.merchant.pk}"
    funded = sum(
        row.amount_fen
        for line in OrderLine.objects.filter(order=order)
        for row in line.discounts.exclude(funder=own)
    )
    assert sum(voucher.value_fen for voucher in vouchers) == order.total_fen + funded
    dice.shuffle(vouchers)
    used = vouchers[: dice.randint(0, len(vouchers))]
    for voucher in used:
        redeem(voucher, store=shop.people.store, staff=shop.people.clerk)
    unused = vouchers[len(used) :]
    for voucher in unused:
        refund_voucher(owner=buyer, voucher_id=voucher.pk)
    refunds = Refund.objects.filter(payment__reference=order.number)
    back = refunds.aggregate(fen=Sum("amount_fen", default=0))["fen"]
    assert back == sum(voucher.paid_fen for voucher in unused)
    owed = LedgerEntry.objects.filter(account__in=("promotions", "receivable", "points_liability"))
    of_unused = owed.filter(voucher_ref__in=[voucher.pk for voucher in unused])
    assert of_unused.aggregate(fen=Sum("amount_fen", default=0))["fen"] == 0
    of_used = owed.filter(voucher_ref__in=[voucher.pk for voucher in used])
    assert of_used.aggregate(fen=Sum("amount_fen", default=0))["fen"] == sum(
        voucher.value_fen - voucher.paid_fen for voucher in used
    )
