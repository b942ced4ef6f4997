"""A buyer's coupon as a rule of price: one applies at each merchant, the best unless another is chosen."""

from __future__ import annotations

from dataclasses import replace

from campaigns.models import Coupon
from campaigns.priced import CodeForPrice
from campaigns.terms import Terms
from orders.pricing.campaigns import rule_of_campaign
from orders.pricing.facts import Facts
from orders.pricing.rules import MERCHANT_COUPON, PLATFORM_COUPON, Rule

_UNUSABLE = {
    Coupon.State.RESERVED: "coupon_reserved",
    Coupon.State.USED: "coupon_used",
    Coupon.State.ENDED: "ended",
    Coupon.State.REVOKED: "coupon_revoked",
}
_SAID = {"campaign_over": "ended", "campaign_not_begun": "not_started"}
"""Refusals that a price has a word for already."""


def rule_of_code(place: int, code: CodeForPrice, facts: Facts) -> Rule:
    """That of the coupon which a typed code is, or becomes with the order. No query."""
    rule = rule_of(place, code.coupon, code.terms, facts)
    if code.refused:
        condition = replace(rule.condition, known=_SAID.get(code.refused, code.refused))
        rule = replace(rule, condition=condition)
    if code.is_own:
        return replace(rule, code=code.text)
    return replace(rule, source=f"code:{code.text}", code=code.text, coupon=None, id=0)


def rule_of(place: int, coupon: Coupon, terms: Terms, facts: Facts) -> Rule:
    """The rule of one coupon, the ``place``-th to end. No query."""
    return rule_of_campaign(
        coupon.campaign,
        terms,
        facts,
        refused=_UNUSABLE.get(Coupon.State(coupon.state), ""),
        source=f"coupon:{coupon.pk}",
        id=coupon.pk or 0,
        layer=PLATFORM_COUPON if coupon.campaign.owner else MERCHANT_COUPON,
        priority=place,  # of equal ones the one that ends first
        ends_at=coupon.ends_at,
        coupon=coupon.pk,
    )
