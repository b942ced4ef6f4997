"""The buyer's coupons as rules of price: one applies at each merchant, the best unless another is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from campaigns.models import Condition, Coupon
from campaigns.selectors import CodeForPrice, codes_for_price, coupons_for_price
from campaigns.terms import Terms
from orders.first_orders import merchants_ordered_at
from orders.pricing.campaigns import name_gifts, rule_of_campaign, why_spent
from orders.pricing.rules import MERCHANT_COUPON, Asked, Rule

Kind = Condition.Kind
_UNUSABLE = {
    Coupon.State.RESERVED: "coupon_reserved",
    Coupon.State.USED: "coupon_used",
    Coupon.State.ENDED: "ended",
    Coupon.State.REVOKED: "coupon_revoked",
}
_SAID = {"campaign_over": "ended", "campaign_not_begun": "not_started"}
"""Refusals that a price has a word for already."""


def coupon_rules(asked: Asked) -> list[Rule]:
    """A rule for each coupon of the buyer that is good for a merchant here, or was named.

    So is one for each code that was typed and is known. No statement for a guest without codes, nor where
    no merchant has campaigns and nothing is named; otherwise two, two more for codes, one more where one is
    for a first order, and one where one has a gift.
    """
    person, named = asked.buyer.person_id, asked.ask.coupons or ()
    codes = codes_for_price(owner_id=person, texts=asked.ask.coupon_codes)
    held: list[tuple[Coupon, Terms]] = []
    if person is not None and (asked.campaigning or named):
        held = coupons_for_price(owner_id=person, merchant_ids=asked.campaigning, named=named)
    typed = {code.coupon.pk: code for code in codes if code.is_own}
    held = [row for row in held if row[0].pk not in typed]
    both = [*held, *((code.coupon, code.terms) for code in codes)]
    first = [coupon.campaign.merchant_id for coupon, terms in both if terms.has(Kind.FIRST_ORDER)]
    known: set[int] = set()
    if first and person is not None:
        known = merchants_ordered_at(buyer_id=person, merchant_ids=first)
    found = [
        (rule_of(place, coupon, terms, known), terms) for place, (coupon, terms) in enumerate(held)
    ]
    typed_in = [
        (_rule_of_code(len(held) + n, code, known), code.terms) for n, code in enumerate(codes)
    ]
    return name_gifts([*found, *typed_in])


def _rule_of_code(place: int, code: CodeForPrice, ordered_at: Iterable[int]) -> Rule:
    """That of the coupon which a typed code is, or becomes with the order."""
    rule = rule_of(place, code.coupon, code.terms, ordered_at)
    if code.refused:
        condition = replace(rule.condition, known=_SAID.get(code.refused, code.refused))
        rule = replace(rule, condition=condition)
    if code.is_own:
        return replace(rule, code=code.text)
    return replace(rule, source=f"code:{code.text}", code=code.text, coupon=None, id=0)


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
        id=coupon.pk or 0,
        layer=MERCHANT_COUPON,
        priority=place,  # of equal ones the one that ends first
        ends_at=coupon.ends_at,
        coupon=coupon.pk,
    )
