"""Campaigns in the demo city: one that runs, one that has ended, and what guests made of them.

They are part of the story (demo/seed/life.py): guests claim and buy among all the others, and what
they have bought is used or sent back as everybody's is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Condition
from campaigns.services.campaigns import (
    CampaignAsked,
    create_campaign,
    end_campaigns_due,
    start_campaign,
)
from campaigns.services.coupons import claim_coupon, end_coupons_due
from campaigns.services.plans import answer_risks
from campaigns.services.readiness import open_risks
from campaigns.terms import Gives
from catalog.models import Offer, Product
from demo.content.types import Text
from demo.seed.life import Life
from insights.services.plans import add_campaign_code
from kernel.errors import Refusal
from members.models import User
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from stores.codes.models import Code

DAY = dt.timedelta(days=1)
MOST_PIECES = 12
"""The most of a product that a guest of the story takes to get over a minimum."""


class Plan(NamedTuple):
    """A campaign that began ``days_ago`` for ``days``; the first ``claims`` customers claim.

    Of these the first ``paid`` order and pay, the next ``cancelled`` order and think better of it.
    """

    merchant: str
    name: Text
    gives: Gives
    conditions: tuple[Said, ...]
    days_ago: int
    days: int
    coupons: int
    claims: int
    paid: int
    cancelled: int
    budget_fen: int | None = None


PLANS = (
    Plan(
        "slack-tide-coffee",
        Text("Autumn mornings", "秋日早晨"),
        Gives(Benefit.Kind.SHARE, permille=100, at_most_fen=1500),
        (Said("minimum", amount_fen=5000),),
        *(26, 20, 60, 9, 5, 2),
        budget_fen=20000,
    ),
    Plan(
        "old-pier-kitchen",
        Text("A table on a quiet day", "闲日相聚"),
        Gives(Benefit.Kind.AMOUNT, amount_fen=2000),
        (Said("minimum", amount_fen=10000),),
        *(3, 25, 200, 7, 3, 1),
        budget_fen=100000,
    ),
)


def plan_campaigns(life: Life) -> None:
    """Put them into the story, before it is told; what is over by its end has ended as campaigns end."""
    for plan in PLANS:
        began = life.until - plan.days_ago * DAY
        life.schedule(began - DAY, partial(_start, life, plan, began))
    life.schedule(life.until, end_campaigns_due)
    life.schedule(life.until, end_coupons_due)


def _start(life: Life, plan: Plan, began: dt.datetime) -> None:
    owner = life.cast.owners[plan.merchant]
    asked = CampaignAsked(
        name_en=plan.name.en,
        name_zh=plan.name.zh,
        begins_at=began,
        ends_at=began + plan.days * DAY,
        gives=plan.gives,
        conditions=plan.conditions,
        coupons=plan.coupons,
        budget_fen=plan.budget_fen,
    )
    row = create_campaign(merchant=life.shop.merchants[plan.merchant], asked=asked, by=owner)
    answer_all(row, owner)
    start_campaign(campaign_id=row.pk, by=owner)
    paper = Code.objects.filter(merchant=row.merchant_id, channel=Code.Channel.ARTICLE).first()
    if paper is not None:
        add_campaign_code(campaign=row, code=paper, by=owner)
    for place, guest in enumerate(life.cast.customers[: plan.claims]):
        moment = began + (place + 1) * DAY / 24
        life.schedule(moment, partial(claim_coupon, owner=guest, campaign_id=row.pk))
        if place < plan.paid + plan.cancelled:
            pay = life.pay if place < plan.paid else None
            life.schedule(moment + DAY / 2, partial(buy_with_coupon, row, guest, pay=pay))


def buy_with_coupon(
    row: Campaign, guest: User, *, pay: Callable[[User, str], object] | None
) -> str:
    """So many pieces of one product that the coupon lowers the order; what is sold out is left.

    It is paid with ``pay``, or cancelled without. Returns the order's number, "" where nothing could be
    bought.
    """
    said = {condition.kind: condition for condition in row.conditions.all()}
    minimum = said[Condition.Kind.MINIMUM].amount_fen or 0 if Condition.Kind.MINIMUM in said else 0
    offers = Offer.objects.running().filter(
        merchant=row.merchant_id, kind=Offer.Kind.NORMAL, product__state=Product.State.ACTIVE
    )
    if Condition.Kind.PRODUCTS in said:
        offers = offers.filter(product__in=said[Condition.Kind.PRODUCTS].keys)
    for offer in offers.exclude(product__kind=Product.Kind.GOODS).order_by("pk"):
        pieces = max(1, -(-minimum // max(offer.price_fen, 1)))
        if pieces > MOST_PIECES:
            continue
        try:
            order = place_order(buyer=guest, lines=[(offer.pk, pieces)])
        except Refusal:
            continue
        if pay is not None:
            pay(guest, order.number)
        else:
            cancel_order(buyer=guest, number=order.number)
        return order.number
    return ""


def answer_all(row: Campaign, owner: User) -> None:
    """The owner knows the risks."""
    answers = {risk.code: "We know, and can bear it." for risk in open_risks(row)}
    answer_risks(campaign_id=row.pk, answers=answers, by=owner)
