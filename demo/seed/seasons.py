"""A season of campaigns in the demo city, as merchants live through them: reached and missed their goal,
stopped by themselves, paused, given back, looked at by nobody, and one that still has an open risk.

Part of the story (demo/seed/life.py), like the two of demo/seed/campaigns.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign
from campaigns.services.campaigns import (
    CampaignAsked,
    create_campaign,
    end_campaign,
    pause_campaign,
    start_campaign,
)
from campaigns.services.coupons import claim_coupon
from campaigns.services.plans import PlanAsked, note_lesson, stop_campaigns_due, write_plan
from campaigns.terms import Gives
from catalog.models import Product
from demo.content.types import Text
from demo.seed.campaigns import answer_all, buy_with_coupon
from demo.seed.counter_day import pay_at_cashier
from demo.seed.life import Life
from kernel.errors import Refusal
from members.models import User
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
ENDS, PAUSES, STOPS = "ends", "pauses", "stops"


class Season(NamedTuple):
    """A campaign that began ``days_ago`` for ``days``; ``paid`` guests claim and buy, a day apart.

    ``fate`` is what becomes of it before its time: its owner ends or pauses it, or its stop rule does.
    ``refunds``: the guests send everything back. ``lesson`` is noted when it is over.
    """

    merchant: str
    name: Text
    gives: Gives
    minimum_fen: int
    days_ago: int
    days: int
    paid: int
    plan: PlanAsked
    first_order: bool = False
    one_product: bool = False
    per_person: int = 1
    coupons: int = 100
    budget_fen: int | None = None
    fate: str = ""
    refunds: bool = False
    starts: bool = True
    lesson: str = ""


def _amount(yuan: int) -> Gives:
    return Gives(Benefit.Kind.AMOUNT, amount_fen=yuan * 100)


SEASONS = (
    Season(
        "one-breath-yoga",
        Text("A first breath", "第一次呼吸"),
        _amount(15),
        6000,
        *(30, 60, 3),
        PlanAsked("new_guests", 20, stop_cost_fen=2000),
        first_order=True,
    ),
    Season(
        "second-rise",
        Text("The last of the autumn box", "秋日礼盒尾货"),
        Gives(Benefit.Kind.SHARE, permille=200, at_most_fen=3000),
        0,
        *(60, 14, 2),
        PlanAsked("orders", 30),
        one_product=True,
        lesson="折扣太少，也没有人在店里提起。下次先告诉店员。",
    ),
    Season(
        "still-water-spa",
        Text("A long weekend", "长周末"),
        _amount(30),
        20000,
        *(45, 30, 2),
        PlanAsked("orders", 2, stop_uses=2),
        fate=STOPS,
        lesson="两天就够了，目标达到。明年国庆再做一次。",
    ),
    Season(
        "mirror-lane",
        Text("See you again", "再会有礼"),
        _amount(20),
        15000,
        *(20, 60, 1),
        PlanAsked("guests", 15),
        per_person=2,
        fate=PAUSES,
    ),
    Season(
        "iron-pier",
        Text("Early birds", "早起的人"),
        _amount(10),
        9000,
        *(50, 30, 0),
        PlanAsked("orders", 10),
        fate=ENDS,
        lesson="没有人来：活动只贴在门上。下次做海报和链接。",
    ),
    Season(
        "good-paws",
        Text("A walk in the rain", "雨天散步"),
        _amount(12),
        6000,
        *(40, 20, 2),
        PlanAsked("orders", 5),
        refunds=True,
    ),
    Season(
        "lighthouse-cinema",
        Text("Winter films", "冬日电影"),
        _amount(10),
        8000,
        *(1, 30, 0),
        PlanAsked("paid_fen", 500000),
        coupons=500,
        budget_fen=100000,
        starts=False,
    ),
)


def plan_seasons(life: Life) -> None:
    """Put them into the story, before it is told."""
    for season in SEASONS:
        began = life.until - season.days_ago * DAY
        life.schedule(began - HOUR, partial(_draft, life, season, began))


def _draft(life: Life, season: Season, began: dt.datetime) -> None:
    owner, merchant = life.cast.owners[season.merchant], life.shop.merchants[season.merchant]
    said = [Said("first_order")] if season.first_order else []
    if season.one_product:
        product = merchant.products.filter(state=Product.State.ACTIVE)
        product = product.exclude(kind=Product.Kind.GOODS)
        said.append(Said("products", (product.order_by("pk")[0].pk,)))
    if season.minimum_fen:
        said.append(Said("minimum", amount_fen=season.minimum_fen))
    asked = CampaignAsked(
        name_en=season.name.en,
        name_zh=season.name.zh,
        begins_at=began,
        ends_at=began + season.days * DAY,
        gives=season.gives,
        conditions=said,
        coupons=season.coupons,
        per_person=season.per_person,
        budget_fen=season.budget_fen,
    )
    row = create_campaign(merchant=merchant, asked=asked, by=owner)
    write_plan(campaign_id=row.pk, asked=season.plan, by=owner)
    if season.starts:
        answer_all(row, owner)
        start_campaign(campaign_id=row.pk, by=owner)
        _follow(life, season, row, owner, began)


def _follow(life: Life, season: Season, row: Campaign, owner: User, began: dt.datetime) -> None:
    """What guests and the owner do once it runs."""
    for place, guest in enumerate(life.cast.customers[-season.paid :] if season.paid else ()):
        moment = began + (place + 1) * DAY
        life.schedule(moment, partial(claim_coupon, owner=guest, campaign_id=row.pk))
        life.schedule(moment + HOUR, partial(_buy, life, season, row, guest))
    later = began + (season.paid + 2) * DAY
    acts: dict[str, Callable[[], object]] = {
        STOPS: stop_campaigns_due,
        PAUSES: partial(pause_campaign, campaign_id=row.pk, by=owner),
        ENDS: partial(end_campaign, campaign_id=row.pk, by=owner),
    }
    if season.fate:
        life.schedule(later, acts[season.fate])
    if season.lesson:
        over = began + (season.days + 1) * DAY
        lesson = partial(note_lesson, campaign_id=row.pk, text=season.lesson, by=owner)
        life.schedule(over, lesson)


def _buy(life: Life, season: Season, row: Campaign, guest: User) -> None:
    if not season.refunds:
        # What a season comes to is told beside its goal, so chance sends nothing of it back.
        buy_with_coupon(row, guest, pay=partial(life.pay, keeps=True))
        return
    number = buy_with_coupon(row, guest, pay=pay_at_cashier)
    for voucher in Voucher.objects.filter(order_number=number).order_by("pk"):
        try:
            refund_voucher(owner=guest, voucher_id=voucher.pk)
        except Refusal:
            return  # its terms allow none: they keep the rest
