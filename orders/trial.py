"""Try a campaign as a customer: what any basket would cost with it, and why. Nothing is written.

The question goes through the one pipeline of prices, at any moment, as a guest of any kind. A
campaign that guests do not have yet is put beside the rules that hold, as they would have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import AutomaticUse, Campaign, Coupon
from campaigns.terms import Terms
from catalog.models import Offer
from kernel.clock import at, now
from kernel.errors import InvalidInput
from orders.models import OrderLine
from orders.pricing.campaigns import automatic_rule, name_gifts
from orders.pricing.coupons import rule_of
from orders.pricing.facts import facts_for
from orders.pricing.quotes import Answer, Quote
from orders.pricing.rules import Ask, Asked, Rule
from orders.services.quotes import price_lines
from orders.services.rules import SHOP
from stores.access import refuse_without
from stores.rights import Right

NOBODY = 0
"""An account that has ordered nothing and holds nothing: no row of anybody has this id."""


class Guest(TextChoices):
    """As whom a basket is tried."""

    NEW = "new", _("a new guest")
    REGULAR = "regular", _("the guest who ordered here last")
    KNOWN = "known", _("the guest of an order or a coupon")
    VISITOR = "visitor", _("somebody who is not signed in")


class TrialAsked(NamedTuple):
    """A basket of ``(offer id, quantity)``, whose it is, when and how it is bought.

    ``number`` names the guest: of an order at the business, or of a coupon of it. Nobody is looked
    up by an address. ``code`` is the one that the guest has followed.
    """

    lines: Sequence[tuple[int, int]]
    guest: str = Guest.NEW
    number: str = ""
    moment: dt.datetime | None = None
    store: int | None = None
    method: str = ""
    tender: str = ""
    code: int | None = None


class Trial(NamedTuple):
    """The quote, and the answer of it that is about the tried campaign."""

    quote: Quote
    answer: Answer


def try_campaign(*, campaign: Campaign, terms: Terms, asked: TrialAsked, by: Any) -> Trial:
    """Price ``asked`` with the campaign, saved or not, whatever its state; nothing is written.

    Stock is not looked at. Raises `refuse_without` Right.SEE_CAMPAIGNS, InvalidInput with the fields,
    and what `price_lines` raises. A fixed number of statements.
    """
    merchant_id = campaign.merchant_id
    refuse_without(user=by, right=Right.SEE_CAMPAIGNS, merchant_id=merchant_id)
    buyer_id = _buyer(asked, merchant_id)
    _refuse_foreign(asked, merchant_id)
    tried: list[Rule] = []

    def beside(question: Asked, known: Sequence[Rule]) -> Iterable[Rule]:
        """The campaign's own rule, unless the guest has it already."""
        held = [rule for rule in known if campaign.pk and rule.campaign == campaign.source]
        if held:
            tried.append(held[0])
            return ()
        tried.append(_rule(campaign, terms, question, asked.code))
        return tried

    with at(asked.moment or now()):
        priced = price_lines(
            buyer_id=buyer_id,
            lines=asked.lines,
            limits=SHOP,
            ask=Ask(store=asked.store, method=asked.method, tender=asked.tender),
            beside=beside,
        )
    source = tried[0].source
    answer = next(row for row in priced.quote.answers if row.source == source)
    return Trial(priced.quote, answer)


def offers_to_try(merchant_id: int) -> list[Offer]:
    """The usual prices of what a business sells now, to choose a basket of; one statement."""
    rows = Offer.objects.running().filter(
        product__merchant=merchant_id, product__state="active", kind=Offer.Kind.NORMAL
    )
    rows = rows.select_related("product", "variant").order_by(
        "product_id", "variant__position", "pk"
    )
    return list(rows[:MOST_OFFERS])


MOST_OFFERS = 300
"""So many are there to choose from; a program names any offer."""


def _buyer(asked: TrialAsked, merchant_id: int) -> int | None:
    if asked.guest == Guest.VISITOR:
        return None
    if asked.guest == Guest.NEW:
        return NOBODY
    lines = OrderLine.objects.filter(merchant=merchant_id)
    if asked.guest == Guest.KNOWN:
        number = asked.number.strip()
        owner = lines.filter(order__number=number).values_list("order__buyer", flat=True).first()
        coupons = Coupon.objects.filter(number=number, campaign__merchant=merchant_id)
        owner = owner or coupons.values_list("owner", flat=True).first()
        text = gettext("No order and no coupon of this business has that number.")
        problem = {"number": [text]}
    else:
        owner = lines.order_by("-pk").values_list("order__buyer", flat=True).first()
        problem = {"guest": [gettext("Nobody has ordered here yet.")]}
    if owner is None:
        raise InvalidInput(fields=problem)
    return owner


def _refuse_foreign(asked: TrialAsked, merchant_id: int) -> None:
    """Another business's prices and rules are none of this one's."""
    ids = {offer_id for offer_id, _quantity in asked.lines}
    known = Offer.objects.filter(pk__in=ids, product__merchant=merchant_id).count()
    if not ids or known < len(ids):
        raise InvalidInput(fields={"lines": [gettext("Choose offers of this business.")]})


def _rule(campaign: Campaign, terms: Terms, question: Asked, code: int | None) -> Rule:
    """As a guest would have it: by itself, or with a coupon just claimed; it begins when the campaign does."""
    person, merchant_id = question.buyer.person_id, campaign.merchant_id
    facts = facts_for(question, [(merchant_id, terms)])
    if code is not None:
        facts = facts._replace(codes={merchant_id: frozenset({code})})
    if campaign.is_automatic:
        rule = automatic_rule(campaign, terms, facts, _uses(campaign, person))
        known = rule.condition.known
    else:
        coupon = Coupon(campaign=campaign, ends_at=campaign.ends_at, number="")
        rule = rule_of(len(question.items), coupon, terms, facts)
        known = "sign_in_first" if person is None else rule.condition.known
    (rule,) = name_gifts([(rule, terms)])
    begins = max(filter(None, (campaign.begins_at, rule.condition.starts_at)))
    condition = replace(rule.condition, known=known, starts_at=begins)
    return replace(rule, source=f"trial:{campaign.pk or 0}", id=0, coupon=None, condition=condition)


def _uses(campaign: Campaign, person: int | None) -> int:
    """In how many orders of the person a saved campaign is that comes by itself."""
    uses = AutomaticUse.objects.filter(buyer=person, campaign=campaign.pk)
    return uses.filter(state__in=AutomaticUse.LIVE).count() if person and campaign.pk else 0
