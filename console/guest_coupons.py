"""What a guest at the counter holds of this business, and what of it could be used here now."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils.translation import gettext

from campaigns.models import Benefit, Campaign, Condition, Coupon
from campaigns.presentation import CouponCard, coupon_cards
from campaigns.selectors import with_terms
from campaigns.terms import Terms, terms_of
from kernel.clock import now
from kernel.http.templatetags.fmt import fen
from orders.first_orders import has_ordered, merchants_ordered_at
from orders.pricing.facts import Facts, Place, why_refused
from orders.pricing.quotes import Answer
from orders.pricing.wording import word_answer
from stores.models import Store

MOST_SHOWN = 10
Kind = Condition.Kind


class GuestCoupon(NamedTuple):
    """A coupon in words; ``usable``: here and now. ``text`` is why not, or what it still asks for."""

    card: CouponCard
    usable: bool
    text: str

    @property
    def is_item(self) -> bool:
        """Whether the store hands an item over for its code."""
        return self.card.voucher is not None


def guest_coupons(*, store: Store, owner_id: int) -> list[GuestCoupon]:
    """The guest's usable coupons of the store's own business, those that end first come first.

    Never another business's. No statement where the business has no campaigns; otherwise two, one per
    kind of condition that names rows, and one for each kind of first order, however many coupons.
    """
    if not store.merchant.has_campaigns:
        return []
    moment = now()
    campaigns = with_terms(Campaign.objects.select_related("merchant"))
    held = Coupon.objects.filter(
        owner=owner_id,
        campaign__merchant=store.merchant_id,
        state__in=Coupon.USABLE,
        ends_at__gt=moment,
    )
    found = held.select_related("voucher").prefetch_related(Prefetch("campaign", campaigns))
    rows = list(found.order_by("ends_at", "pk")[:MOST_SHOWN])
    all_terms = [terms_of(row.campaign) for row in rows]
    facts = _facts(store, owner_id, all_terms, moment)
    return [
        GuestCoupon(card, *_judge(row, terms, store, facts))
        for row, terms, card in zip(rows, all_terms, coupon_cards(rows), strict=True)
    ]


def guest_coupon_body(row: GuestCoupon) -> dict[str, Any]:
    """As the API says it."""
    coupon = row.card.coupon
    return {
        "campaign": coupon.campaign_id,
        "name": coupon.campaign.name,
        "headline": row.card.headline,
        "usable": row.usable,
        "detail": row.text,
        "item": row.is_item,
        "ends_at": coupon.ends_at,
    }


def _facts(store: Store, owner_id: int, all_terms: list[Terms], moment: dt.datetime) -> Facts:
    merchant_id = store.merchant_id
    ordered: set[int] = set()
    if any(terms.has(Kind.FIRST_ORDER) for terms in all_terms):
        ordered = merchants_ordered_at(buyer_id=owner_id, merchant_ids=[merchant_id])
    first_ever = any(terms.has(Kind.FIRST_EVER) for terms in all_terms)
    return Facts(
        moment,
        owner_id,
        frozenset(ordered),
        first_ever and has_ordered(buyer_id=owner_id),
        places=(Place(store.pk, merchant_id, store.city_id, store.zone),),
        bound_to=frozenset({store.pk}),
    )


def _judge(coupon: Coupon, terms: Terms, store: Store, facts: Facts) -> tuple[bool, str]:
    """Whether it could be used here now, and what there is to say of it."""
    code, from_at = _refused(coupon, terms, store, facts)
    if code:
        return False, word_answer(Answer("", applied=False, code=code, from_at=from_at))
    if terms.gives.kind == Benefit.Kind.ITEM:
        return True, gettext("Scan the guest's code of it to hand it over.")
    before = terms.said(Kind.MINIMUM_BEFORE)
    minimum = terms.minimum_fen or (before.amount_fen if before else 0) or 0
    if minimum:
        return True, gettext("For an order of %(amount)s or more.") % {"amount": fen(minimum)}
    return True, gettext("For the next order that fits.")


def _refused(
    coupon: Coupon, terms: Terms, store: Store, facts: Facts
) -> tuple[str, dt.datetime | None]:
    stores, cities = terms.keys(Kind.STORES), terms.keys(Kind.CITIES)
    if stores and store.pk not in stores:
        return "not_for_store", None
    if cities and store.city_id not in cities:
        return "other_city", None
    campaign, period = coupon.campaign, terms.said(Kind.PERIOD)
    if campaign.budget_count is not None and campaign.spent_count >= campaign.budget_count:
        return "budget_gone", None
    if period and period.from_at and period.from_at > facts.moment:
        return "not_started", period.from_at
    if period and period.to_at and period.to_at <= facts.moment:
        return "ended", None
    why = why_refused(store.merchant_id, terms, facts)
    return why.code, why.from_at
