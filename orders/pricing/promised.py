"""All that campaigns promise about one question: coupons of the buyer, and what comes by itself."""

from __future__ import annotations

from campaigns.priced import automatic_for_price, codes_for_price, coupons_for_price
from orders.pricing.campaigns import automatic_rule, name_gifts
from orders.pricing.coupons import rule_of, rule_of_code
from orders.pricing.facts import facts_for
from orders.pricing.rules import Asked, Rule


def campaign_rules(asked: Asked) -> list[Rule]:
    """A rule for each campaign that runs at a merchant here by itself, and for each coupon of the buyer that is
    good for one, or was named; for each code that was typed and is known, too.

    No statement where no merchant has campaigns and nothing is named. Otherwise one for campaigns, one for
    coupons of who is signed in, one or two for codes, one for what this process has not met, those of `facts_for`,
    and one where there are gifts.
    """
    person, named = asked.buyer.person_id, asked.ask.coupons or ()
    if not (asked.campaigning or named or asked.ask.coupon_codes):
        return []
    codes = codes_for_price(owner_id=person, texts=asked.ask.coupon_codes)
    automatic = automatic_for_price(
        buyer_id=person, merchant_ids=asked.campaigning, moment=asked.moment
    )
    held = (
        coupons_for_price(owner_id=person, merchant_ids=asked.campaigning, named=named)
        if person is not None
        else []
    )
    typed = {code.coupon.pk for code in codes if code.is_own}
    held = [row for row in held if row[0].pk not in typed]
    facts = facts_for(
        asked,
        [
            *((row.campaign.merchant_id, row.terms) for row in automatic),
            *((coupon.campaign.merchant_id, terms) for coupon, terms in held),
            *((code.coupon.campaign.merchant_id, code.terms) for code in codes),
        ],
    )
    return name_gifts(
        [
            *(
                (automatic_rule(row.campaign, row.terms, facts, row.uses), row.terms)
                for row in automatic
            ),
            *(
                (rule_of(place, coupon, terms, facts), terms)
                for place, (coupon, terms) in enumerate(held)
            ),
            *(
                (rule_of_code(place, code, facts), code.terms)
                for place, code in enumerate(codes, len(held))
            ),
        ]
    )
