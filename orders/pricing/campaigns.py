"""A campaign as a rule of price: one that comes by itself, and what all of them have in common."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Condition
from campaigns.terms import Gives, Terms
from catalog.models import Product
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
from orders.pricing.facts import Facts, Why, why_refused
from orders.pricing.rules import MERCHANT_THRESHOLD, PLATFORM_COUPON, Rule
from payments.parties import merchant_key

Kind, Given = Condition.Kind, Benefit.Kind
IN_BASE: dict[str, bool | None] = {
    Campaign.Base.CONTRACT: None,
    Campaign.Base.FUNDED: True,
    Campaign.Base.PAID: False,
}
NOWHERE = frozenset({0})
"""Of a city in which no store is left: no item is collected there."""
AnyBenefit = AmountOff | RateOff | Tiered | FixedPrice | NthOff | CheapestOff | GiftFor


def automatic_rule(campaign: Campaign, terms: Terms, facts: Facts, uses: int) -> Rule:
    """The rule of a campaign that comes by itself, which the person has in ``uses`` orders. No query."""
    limit = campaign.uses_per_person
    return rule_of_campaign(
        campaign,
        terms,
        facts,
        refused="person_limit" if limit is not None and uses >= limit else "",
        source=f"automatic:{campaign.pk}",
        id=campaign.pk,
        layer=PLATFORM_COUPON if campaign.owner else MERCHANT_THRESHOLD,
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
    facts: Facts,
    *,
    refused: str,
    ends_at: dt.datetime,
    **more: Any,
) -> Rule:
    """What a campaign says, as a rule; ``refused`` is why it does not apply, where that is known. No query."""
    merchant = merchant_key(campaign.merchant_id)
    at_merchant, gives = frozenset({campaign.merchant_id}), terms.gives
    refused = refused or ("at_counter" if gives.kind == Given.ITEM else "")
    why = Why(refused) if refused else why_refused(campaign.merchant_id, terms, facts)
    return Rule(
        funder=merchant,
        benefit=benefit_of(gives),
        label_en=campaign.name_en,
        label_zh=campaign.name_zh,
        condition=rules.Condition(
            known=why.code or why_spent(campaign),
            known_from=why.from_at,
            merchants=at_merchant,
            products=frozenset(terms.keys(Kind.PRODUCTS)),
            categories=frozenset(terms.keys(Kind.CATEGORIES)),
            **_collected(campaign, terms, facts),
            **_ordered(terms, ends_at),
            minimum_fen=terms.minimum_fen,
            minimum_before_fen=_measure(terms, Kind.MINIMUM_BEFORE).amount_fen or 0,
            minimum_pieces=max(
                _measure(terms, Kind.PIECES).count or 0,
                0 if gives.kind == Given.GIFT else gives.every or 0,
            ),
        ),
        target=(
            rules.Condition(merchants=at_merchant, products=frozenset(gives.products))
            if gives.kind == Given.GIFT
            else None
        ),
        group=f"{merchant}:{campaign.group}" if campaign.group else merchant,
        campaign=campaign.source,
        left_fen=campaign.left_fen,
        funders=terms.funders,
        in_base=IN_BASE[campaign.commission_base],
        **more,
    )


def _measure(terms: Terms, kind: str) -> Said:
    return terms.said(kind) or Said(kind)


def _collected(campaign: Campaign, terms: Terms, facts: Facts) -> dict[str, Any]:
    """At which stores it is collected: those that are named, and those in the cities that are."""
    stores, cities = terms.keys(Kind.STORES), terms.keys(Kind.CITIES)
    if not cities:
        return {"collected_at": frozenset(stores)}
    there = facts.stores_in(campaign.merchant_id, cities)
    both = there & frozenset(stores) if stores else there
    return {"collected_at": both or NOWHERE, "elsewhere_code": "other_city"}


def _ordered(terms: Terms, ends_at: dt.datetime) -> dict[str, Any]:
    """From when to when."""
    period = terms.said(Kind.PERIOD)
    if period is None or period.to_at is None:
        return {"ends_at": ends_at}
    return {"starts_at": period.from_at, "ends_at": min(ends_at, period.to_at)}


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
        case Given.ITEM:
            return AmountOff(0)
    first = _simple(gives, gives.amount_fen if gives.permille is None else gives.permille)
    steps = tuple(Step(tier.minimum_fen, _simple(gives, tier.off)) for tier in gives.tiers)
    return Tiered(first, steps) if steps else first


def _simple(gives: Gives, off: int | None) -> AmountOff | RateOff:
    if gives.kind == Given.AMOUNT:
        return AmountOff(off or 0)
    return RateOff(Decimal(off or 0) / 1000, gives.at_most_fen)
