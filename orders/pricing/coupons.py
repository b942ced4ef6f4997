"""The buyer's coupons as rules of price: one applies at each merchant, the best unless another is chosen."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.models import Condition, Coupon
from campaigns.selectors import coupons_for_price
from campaigns.terms import Terms
from orders.first_orders import merchants_ordered_at
from orders.pricing.campaigns import name_gifts, rule_of_campaign, why_spent
from orders.pricing.rules import MERCHANT_COUPON, Asked, Rule

Kind = Condition.Kind
_UNUSABLE = {
    Coupon.State.RESERVED: "coupon_reserved",
    Coupon.State.USED: "coupon_used",
    Coupon.State.ENDED: "ended",
}


def coupon_rules(asked: Asked) -> list[Rule]:
    """A rule for each coupon of the buyer that is good for a merchant here, or was named.

    No statement for a guest, nor where no merchant has campaigns and no coupon is named; otherwise
    two, one more where one is for a first order, and one where one has a gift.
    """
    person, named = asked.buyer.person_id, asked.ask.coupons or ()
    if person is None or not (asked.campaigning or named):
        return []
    held = coupons_for_price(owner_id=person, merchant_ids=asked.campaigning, named=named)
    first = [coupon.campaign.merchant_id for coupon, terms in held if terms.has(Kind.FIRST_ORDER)]
    known = merchants_ordered_at(buyer_id=person, merchant_ids=first) if first else set()
    return name_gifts(
        [
            (rule_of(place, coupon, terms, known), terms)
            for place, (coupon, terms) in enumerate(held)
        ]
    )


def rule_of(place: int, coupon: Coupon, terms: Terms, ordered_at: Iterable[int]) -> Rule:
    """The rule of one coupon, the ``place``-th to end; ``ordered_at`` are merchants of earlier orders. No query."""
    campaign = coupon.campaign
    refused: str = _UNUSABLE.get(Coupon.State(coupon.state), "")
    if not refused and terms.has(Kind.FIRST_ORDER) and campaign.merchant_id in ordered_at:
        refused = "not_first_order"
    refused = refused or why_spent(campaign)
    return rule_of_campaign(
        campaign,
        terms,
        refused=refused,
        source=f"coupon:{coupon.pk}",
        id=coupon.pk,
        layer=MERCHANT_COUPON,
        priority=place,  # of equal ones the one that ends first
        ends_at=coupon.ends_at,
        coupon=coupon.pk,
    )
