"""The buyer's coupons as rules of price: one applies at each merchant, the best unless another is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from campaigns.models import Benefit, Condition, Coupon
from campaigns.selectors import CodeForPrice, codes_for_price, coupons_for_price
from campaigns.terms import Gives, Terms
from orders.first_orders import merchants_ordered_at
from orders.pricing import rules
from orders.pricing.rules import MERCHANT_COUPON, AmountOff, Asked, RateOff, Rule
from payments.parties import merchant_key

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
    no merchant has campaigns and nothing is named; otherwise three, two more for codes, and one more
    where one is for a first order.
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
    found = [rule_of(place, coupon, terms, known) for place, (coupon, terms) in enumerate(held)]
    return found + [_rule_of_code(len(held) + n, code, known) for n, code in enumerate(codes)]


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
    if not refused and campaign.budget_count is not None:
        refused = "budget_gone" if campaign.spent_count >= campaign.budget_count else ""
    return Rule(
        source=f"coupon:{coupon.pk}",
        layer=MERCHANT_COUPON,
        funder=merchant_key(campaign.merchant_id),
        benefit=_benefit(terms.gives),
        id=coupon.pk or 0,
        label_en=campaign.name_en,
        label_zh=campaign.name_zh,
        condition=rules.Condition(
            known=refused,
            merchants=frozenset({campaign.merchant_id}),
            products=frozenset(terms.keys(Kind.PRODUCTS)),
            categories=frozenset(terms.keys(Kind.CATEGORIES)),
            collected_at=frozenset(terms.keys(Kind.STORES)),
            minimum_fen=terms.minimum_fen,
            ends_at=coupon.ends_at,
        ),
        group=merchant_key(campaign.merchant_id),
        priority=place,  # of equal ones the one that ends first
        coupon=coupon.pk,
        campaign=campaign.source,
        left_fen=campaign.left_fen,
    )


def _benefit(gives: Gives) -> AmountOff | RateOff:
    if gives.kind == Benefit.Kind.AMOUNT:
        return AmountOff(gives.amount_fen or 0)
    return RateOff(Decimal(gives.permille or 0) / 1000, gives.at_most_fen)
