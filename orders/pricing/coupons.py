"""A buyer's coupon as a rule of price: one applies at each merchant, the best unless another is chosen."""

from __future__ import annotations

from campaigns.models import Coupon
from campaigns.terms import Terms
from orders.pricing.campaigns import rule_of_campaign
from orders.pricing.facts import Facts
from orders.pricing.rules import MERCHANT_COUPON, Rule

_UNUSABLE = {
    Coupon.State.RESERVED: "coupon_reserved",
    Coupon.State.USED: "coupon_used",
    Coupon.State.ENDED: "ended",
}


def rule_of(place: int, coupon: Coupon, terms: Terms, facts: Facts) -> Rule:
    """The rule of one coupon, the ``place``-th to end. No query."""
    return rule_of_campaign(
        coupon.campaign,
        terms,
        facts,
        refused=_UNUSABLE.get(Coupon.State(coupon.state), ""),
        source=f"coupon:{coupon.pk}",
        id=coupon.pk,
        layer=MERCHANT_COUPON,
        priority=place,  # of equal ones the one that ends first
        ends_at=coupon.ends_at,
        coupon=coupon.pk,
    )
