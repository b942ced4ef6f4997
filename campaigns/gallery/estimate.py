"""What a campaign will probably cost, and from what that was reckoned."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Max
from django.utils.translation import gettext, ngettext

from campaigns.gallery.habits import WEEK, WEEKS, sales_of
from campaigns.models import Benefit, Condition
from campaigns.risks import Promise
from campaigns.services.campaigns import CampaignAsked, unsaved_campaign
from campaigns.terms import Gives
from catalog.selectors import on_sale
from kernel.clock import now
from kernel.http.templatetags.fmt import fen

ONE_IN = 3
"""Of the orders that fit, one in so many is reckoned to use it; said with every estimate."""
_OF_PIECES = (Benefit.Kind.NTH, Benefit.Kind.CHEAPEST)


class Estimate(NamedTuple):
    """Orders per week of the last weeks; what uses until the end would cost, and what it can at most.

    ``most_fen`` is None where neither coupons nor budget limit it.
    """

    orders_a_week: int
    fitting_a_week: int
    uses: int
    each_fen: int
    cost_fen: int
    most_fen: int | None
    minimum_fen: int
    first_order: bool


def estimate_of(merchant_id: int, asked: CampaignAsked) -> Estimate:
    """Reckon with the orders of the last weeks; one statement, and one for the price of gifts."""
    terms = asked.terms
    sold = sales_of(merchant_id, terms)
    first = terms.has(Condition.Kind.FIRST_ORDER)
    fitting = min(sold.first, sold.fitting) if first else sold.fitting
    weeks = max((asked.ends_at - asked.begins_at) / WEEK, 0)
    each = _each(asked.gives, round(sold.fitting_fen / sold.fitting) if sold.fitting else 0)
    row = unsaved_campaign(asked=asked)
    promise = Promise(row, terms, None if row.is_automatic else asked.coupons)
    likely = round(fitting / WEEKS * weeks / ONE_IN)
    uses = likely if promise.uses is None else min(likely, promise.uses)
    cost = uses * each
    most = promise.most_fen
    if asked.gives.kind == Benefit.Kind.GIFT and promise.uses is not None:
        dearest = promise.uses * each
        most = dearest if most is None else min(most, dearest)
    return Estimate(
        round(sold.orders / WEEKS),
        round(fitting / WEEKS),
        uses,
        each,
        cost if most is None else min(cost, most),
        most,
        terms.minimum_fen,
        first,
    )


def word_estimate(found: Estimate) -> list[str]:
    """The estimate in sentences: from what, if how many use it, and what it can cost at most."""
    return [*_assumed(found), _most(found)]


def _assumed(found: Estimate) -> list[str]:
    if not found.orders_a_week:
        text = gettext(
            "There was less than an order a week in the last %(weeks)d weeks to reckon with."
        )
        return [text % {"weeks": WEEKS}]
    if found.first_order:
        text = gettext(
            "In the last %(weeks)d weeks you had %(orders)d orders a week, %(fitting)d of them of new guests."
        )
    elif found.minimum_fen:
        text = gettext(
            "In the last %(weeks)d weeks you had %(orders)d orders a week, %(fitting)d of them of "
            "%(minimum)s or more."
        )
    else:
        text = gettext(
            "In the last %(weeks)d weeks you had %(orders)d orders a week, %(fitting)d of them with "
            "something that it covers."
        )
    facts = {
        "weeks": WEEKS,
        "orders": found.orders_a_week,
        "fitting": found.fitting_a_week,
        "minimum": fen(found.minimum_fen),
    }
    uses = ngettext(
        "If one in %(one_in)d of these uses it, that is %(count)d use until its end: %(cost)s.",
        "If one in %(one_in)d of these uses it, those are %(count)d uses until its end: %(cost)s.",
        found.uses,
    )
    cost = {"one_in": ONE_IN, "count": found.uses, "cost": fen(found.cost_fen)}
    return [text % facts, uses % cost]


def _most(found: Estimate) -> str:
    if found.most_fen is None:
        return gettext(
            "Nothing limits what it can cost: say a budget, or the most of one discount."
        )
    return gettext("At most it costs %(most)s.") % {"most": fen(found.most_fen)}


def _each(gives: Gives, covered_fen: int) -> int:
    """What one use takes off, where the covered items come to ``covered_fen``."""
    if gives.kind == Benefit.Kind.ITEM:
        return 0
    if gives.kind == Benefit.Kind.AMOUNT:
        reached = [tier.off for tier in gives.tiers if tier.minimum_fen <= covered_fen]
        return reached[-1] if reached else gives.amount_fen or 0
    if gives.kind == Benefit.Kind.GIFT:
        return max(_dearest(gives.products) - (gives.price_fen or 0), 0) * (gives.every or 1)
    pieces = (gives.every or 1) if gives.kind in _OF_PIECES else 1
    off = round(covered_fen / pieces * (gives.permille or 0) / 1000)
    return off if gives.at_most_fen is None else min(off, gives.at_most_fen)


def _dearest(products: Collection[int]) -> int:
    """What the dearest of these products costs now, 0 where none is sold."""
    rows = on_sale(now()).filter(product__in=products)
    return int(rows.aggregate(most=Max("price_fen"))["most"] or 0)
