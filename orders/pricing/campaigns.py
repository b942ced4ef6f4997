"""Campaigns as rules of price: those that lower an order by themselves, and what all of them have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from campaigns.models import Benefit, Campaign, Condition
from campaigns.selectors import automatic_for_price
from campaigns.terms import Gives, Terms
from catalog.models import Product
from orders.first_orders import merchants_ordered_at
from orders.pricing import rules
from orders.pricing.benefits import (
    AmountOff,
    CheapestOff,
    FixedPrice,
    GiftFor,
    NthOff,
    RateOff,
    Step,
    Tiered,
)
from orders.pricing.rules import MERCHANT_THRESHOLD, Asked, Rule
from payments.parties import merchant_key

Kind, Given = Condition.Kind, Benefit.Kind
AnyBenefit = AmountOff | RateOff | Tiered | FixedPrice | NthOff | CheapestOff | GiftFor


def automatic_rules(asked: Asked) -> list[Rule]:
    """A rule for each campaign that runs at a merchant here and needs no coupon.

    No statement where no merchant has campaigns; otherwise two, and one more where one is for a first
    order.
    """
    if not asked.campaigning:
        return []
    person = asked.buyer.person_id
    found = automatic_for_price(
        buyer_id=person, merchant_ids=asked.campaigning, moment=asked.moment
    )
    first = [row.campaign.merchant_id for row in found if row.terms.has(Kind.FIRST_ORDER)]
    known = merchants_ordered_at(buyer_id=person, merchant_ids=first) if first and person else set()
    made = [
        automatic_rule(row.campaign, row.terms, person=person, uses=row.uses, ordered_at=known)
        for row in found
    ]
    return name_gifts([(rule, row.terms) for rule, row in zip(made, found, strict=True)])


def automatic_rule(
    campaign: Campaign, terms: Terms, *, person: int | None, uses: int, ordered_at: Iterable[int]
) -> Rule:
    """The rule of a campaign that comes by itself, which the person has in ``uses`` orders. No query."""
    refused = ""
    if terms.has(Kind.FIRST_ORDER):
        if person is None:
            refused = "sign_in_first"
        elif campaign.merchant_id in ordered_at:
            refused = "not_first_order"
    limit = campaign.uses_per_person
    if not refused and limit is not None and uses >= limit:
        refused = "person_limit"
    return rule_of_campaign(
        campaign,
        terms,
        refused=refused or why_spent(campaign),
        source=f"automatic:{campaign.pk}",
        id=campaign.pk,
        layer=MERCHANT_THRESHOLD,
        priority=campaign.priority,
        ends_at=campaign.ends_at,
    )


def why_spent(campaign: Campaign) -> str:
    """ "budget_gone" where no use is left of it; what it would take off is looked at with the price."""
    most = campaign.budget_count
    return "budget_gone" if most is not None and campaign.spent_count >= most else ""


def rule_of_campaign(
    campaign: Campaign,
    terms: Terms,
    *,
    refused: str,
    ends_at: dt.datetime,
    **more: Any,
) -> Rule:
    """What a campaign says, as a rule; ``refused`` is why it does not apply, where that is known. No query."""
    merchant = merchant_key(campaign.merchant_id)
    at_merchant, gives = frozenset({campaign.merchant_id}), terms.gives
    return Rule(
        funder=merchant,
        benefit=benefit_of(gives),
        label_en=campaign.name_en,
        label_zh=campaign.name_zh,
        condition=rules.Condition(
            known=refused,
            merchants=at_merchant,
            products=frozenset(terms.keys(Kind.PRODUCTS)),
            categories=frozenset(terms.keys(Kind.CATEGORIES)),
            collected_at=frozenset(terms.keys(Kind.STORES)),
            minimum_fen=terms.minimum_fen,
            minimum_pieces=_least_pieces(gives),
            ends_at=ends_at,
        ),
        target=(
            rules.Condition(merchants=at_merchant, products=frozenset(gives.products))
            if gives.kind == Given.GIFT
            else None
        ),
        group=f"{merchant}:{campaign.group}" if campaign.group else merchant,
        campaign=campaign.source,
        left_fen=campaign.left_fen,
        **more,
    )


def name_gifts(found: Sequence[tuple[Rule, Terms]]) -> list[Rule]:
    """The rules with what their gifts are called; one statement where there are any."""
    wanted = {pk for _rule, terms in found for pk in terms.gives.products}
    if not wanted:
        return [rule for rule, _terms in found]
    rows = Product.objects.filter(pk__in=wanted).values_list("pk", "title_en", "title_zh")
    titles = {pk: (en or zh, zh or en) for pk, en, zh in rows}
    return [
        replace(
            rule,
            target_en=", ".join(titles[pk][0] for pk in terms.gives.products if pk in titles),
            target_zh="、".join(titles[pk][1] for pk in terms.gives.products if pk in titles),
        )
        for rule, terms in found
    ]


def benefit_of(gives: Gives) -> AnyBenefit:
    """What takes the benefit off."""
    rate = Decimal(gives.permille or 0) / 1000
    price, every = gives.price_fen or 0, gives.every
    match gives.kind:
        case Given.FIXED:
            return FixedPrice(price, every)
        case Given.NTH:
            return NthOff(every or 1, rate, gives.at_most_fen)
        case Given.CHEAPEST:
            return CheapestOff(every, rate, gives.at_most_fen)
        case Given.GIFT:
            return GiftFor(price, every or 1)
    first = _simple(gives, gives.amount_fen if gives.permille is None else gives.permille)
    steps = tuple(Step(tier.minimum_fen, _simple(gives, tier.off)) for tier in gives.tiers)
    return Tiered(first, steps) if steps else first


def _least_pieces(gives: Gives) -> int:
    """So many pieces there are at least before it takes off anything."""
    return (gives.every or 0) if gives.kind != Given.GIFT else 0


def _simple(gives: Gives, off: int | None) -> AmountOff | RateOff:
    if gives.kind == Given.AMOUNT:
        return AmountOff(off or 0)
    return RateOff(Decimal(off or 0) / 1000, gives.at_most_fen)
