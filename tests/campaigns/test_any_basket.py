"""Random baskets and coupons through the pipeline. No database.

Shares add up to the discount, no line goes below zero, the order of lines changes nothing, and what
is chosen is what a look at every combination finds best.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Coupon
from campaigns.terms import Gives, Terms, Tier
from orders.pricing.campaigns import automatic_rule
from orders.pricing.coupons import rule_of
from orders.pricing.facts import Facts
from orders.pricing.quotes import Quote, quote
from orders.pricing.rules import MERCHANT_THRESHOLD, Ask, Asked, BuyerFacts, Item, Rule
from orders.pricing.wording import CODES
from tests.forms import LONG

MOMENT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
BASKETS = 10_000 if LONG else 600
MERCHANTS, PRODUCTS, CATEGORIES = (1, 2), (1, 2, 3), (7, 8)
Held = tuple[Coupon, Terms]


def any_items(dice: random.Random) -> list[Item]:
    count = dice.randint(1, 6)
    return [
        Item(
            *(number, dice.choice(PRODUCTS), dice.choice(CATEGORIES), dice.choice(MERCHANTS)),
            dice.randint(1, 4),
            0,
            dice.choice((0, 1, 99, 333, 1000, 2500, 9999)),
        )
        for number in range(1, count + 1)
    ]


def any_coupon(dice: random.Random, number: int) -> Held:
    gives = dice.choice(
        (
            Gives(Benefit.Kind.AMOUNT, amount_fen=dice.choice((1, 7, 500, 2000, 10**6))),
            Gives(Benefit.Kind.SHARE, permille=dice.choice((1, 125, 333, 1000))),
            Gives(Benefit.Kind.SHARE, permille=500, at_most_fen=dice.choice((1, 700))),
        )
    )
    conditions = []
    if dice.random() < 0.3:
        conditions.append(Said("products", tuple(dice.sample(PRODUCTS, 2))))
    if dice.random() < 0.2:
        conditions.append(Said("categories", (dice.choice(CATEGORIES),)))
    if dice.random() < 0.5:
        conditions.append(Said("minimum", amount_fen=dice.choice((1, 1000, 5000, 20000))))
    spent = dice.choice((0, 100))
    campaign = Campaign(
        pk=number,
        merchant_id=dice.choice(MERCHANTS),
        name_en=f"Coupon {number}",
        budget_fen=dice.choice((None, None, 100, 1500)),
        spent_fen=spent,
    )
    coupon = Coupon(pk=number, campaign=campaign, state="claimed", ends_at=MOMENT + dt.timedelta(1))
    return coupon, Terms(gives, tuple(conditions))


def priced(items: list[Item], held: list[Held], chosen: Any = None) -> Quote:
    asked = Asked(BuyerFacts(person_id=1), tuple(items), Ask(coupons=chosen), MOMENT)
    rules = [
        rule_of(place, coupon, terms, Facts(MOMENT)) for place, (coupon, terms) in enumerate(held)
    ]
    return quote(asked, rules=rules)


def takes_off(items: list[Item], coupon: Coupon, terms: Terms) -> int:
    """What one coupon takes off by the words of docs/campaigns.md; written a second time."""
    products, categories = terms.keys("products"), terms.keys("categories")
    base = sum(
        item.price_fen * item.quantity
        for item in items
        if item.merchant_id == coupon.campaign.merchant_id
        and (not products or item.product_id in products)
        and (not categories or item.category_id in categories)
    )
    if base < terms.minimum_fen:
        return 0
    gives = terms.gives
    if gives.kind == "amount":
        off = min(gives.amount_fen or 0, base)
    else:
        exact = Decimal(base) * (gives.permille or 0) / 1000
        off = min(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), gives.at_most_fen or base)
    left = coupon.campaign.left_fen
    return 0 if left is not None and off > left else off


def best_by_trying_all(items: list[Item], held: list[Held]) -> int:
    """Every combination with at most one coupon at each merchant."""
    of_merchant: dict[int, list[int]] = {merchant: [0] for merchant in MERCHANTS}
    for coupon, terms in held:
        of_merchant[coupon.campaign.merchant_id].append(takes_off(items, coupon, terms))
    return max(sum(combination) for combination in itertools.product(*of_merchant.values()))


@pytest.mark.parametrize("part", range(4))
def test_any_basket_with_any_coupons(part: int) -> None:
    dice = random.Random(part)
    for _round in range(BASKETS // 4):
        items = any_items(dice)
        held = [any_coupon(dice, number) for number in range(1, dice.randint(2, 8))]
        found = priced(items, held)
        assert all(0 <= line.discount_fen <= line.gross_fen for line in found.lines)
        applied = {answer.source: answer.amount_fen for answer in found.answers if answer.applied}
        assert applied == {row.source: row.amount_fen for row in found.discount_sums}
        assert found.discount_fen == best_by_trying_all(items, held)
        assert {answer.coupon for answer in found.answers} == {coupon.pk for coupon, _ in held}
        mixed = dice.sample(items, len(items))
        again = priced(mixed, dice.sample(held, len(held)))
        assert again.discount_fen == found.discount_fen
        again = priced(mixed, held)
        assert again.digest == found.digest
        named = tuple(coupon.pk for coupon, _ in dice.sample(held, dice.randint(0, len(held))))
        chosen = [row for row in held if row[0].pk in named]
        assert priced(items, held, named).discount_fen == best_by_trying_all(items, chosen)


# Everything at once --------------------------------------------------------------------

COMBINATIONS = 5_000 if LONG else 400
FUNDERS = ((), (("merchant:1", 334), ("platform", 333), ("merchant:3", 333)))


def any_rule(dice: random.Random, number: int) -> Rule:
    """One that comes by itself, of any kind of benefit, in one of three groups of a layer or alone."""
    gives = dice.choice(
        (
            Gives(Benefit.Kind.AMOUNT, amount_fen=dice.choice((1, 500, 2000))),
            Gives(Benefit.Kind.AMOUNT, amount_fen=300, tiers=(Tier(4000, 900), Tier(9000, 2500))),
            Gives(Benefit.Kind.SHARE, permille=dice.choice((125, 1000)), at_most_fen=3000),
            Gives(Benefit.Kind.NTH, permille=500, every=2),
            Gives(Benefit.Kind.CHEAPEST, permille=1000, every=dice.choice((None, 3))),
            Gives(Benefit.Kind.FIXED, price_fen=dice.choice((1000, 5000)), every=2),
            Gives(Benefit.Kind.GIFT, price_fen=0, products=(dice.choice(PRODUCTS),)),
        )
    )
    conditions = [Said("minimum", amount_fen=1000)]
    if dice.random() < 0.5:
        conditions.append(Said("products", tuple(dice.sample(PRODUCTS, 2))))
    if dice.random() < 0.2:
        conditions.append(Said("pieces", count=3))
    campaign = Campaign(
        pk=number,
        way="automatic",
        merchant_id=dice.choice(MERCHANTS),
        name_en=f"Campaign {number}",
        group=dice.choice(("", "", "a", "b")),
        owner=dice.choice(("", "platform")),
        ends_at=MOMENT + dt.timedelta(1),
        budget_fen=dice.choice((None, None, 900)),
    )
    terms = Terms(gives, tuple(conditions), dice.choice(FUNDERS))
    return automatic_rule(campaign, terms, Facts(MOMENT), 0)


def quoted(items: list[Item], rules: list[Rule]) -> Quote:
    return quote(Asked(BuyerFacts(person_id=1), tuple(items), Ask(), MOMENT), rules=rules)


def of_layer(found: Quote, layer: str) -> int:
    return sum(row.amount_fen for row in found.discounts if row.layer == layer)


@pytest.mark.parametrize("part", range(4))
def test_shares_of_anything_add_up_and_the_order_of_lines_changes_nothing(part: int) -> None:
    dice = random.Random(100 + part)
    for _round in range(BASKETS // 4):
        items = any_items(dice)
        rules = [any_rule(dice, number) for number in range(1, dice.randint(2, 8))]
        found = quoted(items, rules)
        assert all(0 <= line.discount_fen <= line.gross_fen for line in found.lines)
        applied = {answer.source: answer.amount_fen for answer in found.answers if answer.applied}
        assert applied == {row.source: row.amount_fen for row in found.discount_sums}
        assert {answer.source for answer in found.answers} == {rule.source for rule in rules}
        assert {answer.code for answer in found.answers} <= {"applied", *CODES}
        again = quoted(dice.sample(items, len(items)), dice.sample(rules, len(rules)))
        assert again.digest == found.digest
        assert {(row.line, row.source, row.funder, row.amount_fen) for row in again.discounts} == {
            (row.line, row.source, row.funder, row.amount_fen) for row in found.discounts
        }


@pytest.mark.parametrize("part", range(4))
def test_what_applies_of_a_layer_is_the_best_of_every_combination(part: int) -> None:
    """One of each group: no other choice takes off more, looked at one combination at a time."""
    dice = random.Random(200 + part)
    for _round in range(COMBINATIONS // 4):
        items = any_items(dice)
        rules = [
            rule
            for number in range(1, dice.randint(3, 9))
            if (rule := any_rule(dice, number)).layer == MERCHANT_THRESHOLD
        ]
        groups: dict[str, list[Rule]] = {}
        for rule in rules:
            groups.setdefault(rule.group, []).append(rule)
        combinations = itertools.product(*groups.values())
        most = max(of_layer(quoted(items, list(one)), MERCHANT_THRESHOLD) for one in combinations)
        assert of_layer(quoted(items, rules), MERCHANT_THRESHOLD) == most
