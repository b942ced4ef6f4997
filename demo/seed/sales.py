"""Limited-time sales of the story: one that ended, one that runs, one with a line that opens soon."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import NamedTuple

from campaigns.services.sales import ItemAsked, SaleAsked, create_sale, end_sales_due, start_sale
from catalog.models import Offer, Product
from catalog.occasions import Occasion
from catalog.services.occasions import set_occasions
from demo.content.types import Text
from demo.seed.life import Life

DAY = dt.timedelta(days=1)


class Plan(NamedTuple):
    """A sale that begins in so many hours (before now: negative), for so many; ``off`` in per cent."""

    merchant: str
    name: Text
    occasion: str
    off: int
    begins_in_hours: int
    hours: int
    products: int
    has_line: bool = False


PLANS = (
    Plan("slack-tide-coffee", Text("Rain or shine", "风雨无阻"), "", 15, -20 * 24, 72, 2),
    Plan(
        "old-pier-kitchen", Text("The family table", "一家团圆桌"), Occasion.FAMILY, 10, -30, 120, 2
    ),
    Plan(
        "slack-tide-coffee",
        Text("Ten o’clock rush", "十点抢鲜"),
        Occasion.WORK_LUNCH,
        *(30, -1, 48, 1),
        has_line=True,
    ),
)


def plan_sales(life: Life) -> None:
    """Put them into the story, before it is told; what is over by its end has ended as sales end."""
    for plan in PLANS:
        begins = life.until + plan.begins_in_hours * DAY / 24
        life.schedule(min(begins, life.until) - DAY / 24, partial(_start, life, plan, begins))
    life.schedule(life.until, end_sales_due)


GOOD_FOR = {
    "restaurants": (Occasion.FAMILY, Occasion.SPRING_FESTIVAL, Occasion.MID_AUTUMN),
    "coffee": (Occasion.WORK_LUNCH, Occasion.DATE),
    "beauty": (Occasion.WOMEN, Occasion.MOTHER),
    "cinema": (Occasion.DATE, Occasion.CHRISTMAS, Occasion.NEW_YEAR),
    "hotel": (Occasion.DATE, Occasion.VALENTINE, Occasion.QIXI, Occasion.CHRISTMAS),
    "kids": (Occasion.FAMILY, Occasion.CHILDREN, Occasion.NEW_YEAR),
    "produce": (Occasion.FAMILY, Occasion.SPRING_FESTIVAL, Occasion.DRAGON_BOAT),
}
"""What the products of a trade are good for, in the demo city."""


def say_occasions() -> None:
    """Give the products of the demo city their occasions, by their trade."""
    for product in Product.objects.select_related("category__parent").order_by("pk"):
        trade = (product.category.parent or product.category).trade
        if occasions := GOOD_FOR.get(trade):
            set_occasions(product=product, occasions=occasions)


def _start(life: Life, plan: Plan, begins: dt.datetime) -> None:
    owner = life.cast.owners[plan.merchant]
    offers = Offer.objects.running().filter(
        merchant=life.shop.merchants[plan.merchant],
        kind=Offer.Kind.NORMAL,
        product__state=Product.State.ACTIVE,
    )
    items = [
        ItemAsked(offer.variant_id, offer.price_fen * (100 - plan.off) // 1000 * 10, 40, 2)
        for offer in offers.order_by("-pk")[: plan.products]
    ]
    asked = SaleAsked(
        name_en=plan.name.en,
        name_zh=plan.name.zh,
        begins_at=begins,
        ends_at=begins + plan.hours * DAY / 24,
        items=items,
        occasion=plan.occasion,
        has_line=plan.has_line,
    )
    sale = create_sale(merchant=life.shop.merchants[plan.merchant], asked=asked, by=owner)
    start_sale(sale_id=sale.pk, by=owner)
