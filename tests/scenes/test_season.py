"""Scene 14 of the product, as counts: a season with its campaign, and the result beside the goal.

A quiet weekday is lowered by a coupon; guests old and new come, some do not, some send it back; a clerk's
code and a poster share the credit. The report is what the books say, and the audit is clean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from campaigns.services.campaigns import end_campaign
from campaigns.services.coupons import claim_coupon
from insights.models import OrderPart
from insights.report import Scope, report_of, total_of
from insights.services.audit import find_violations
from insights.services.keep import rebuild_results
from insights.services.plans import PlanAsked, add_plan
from kernel.clock import at, now
from orders.models import Order
from orders.services.place import place_order
from tests.campaigns.made import make_campaign, over
from tests.factories import Cast, cast, make_product, make_user, offer_of, pay_order, redeem
from tests.insights.checked import broken
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_due

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)
PRICE, OFF, COST = 12000, 2000, 9000
OLD, NEW, CAME, SENT_BACK, GOAL = 3, 5, 6, 1, 10


def buy(people: Cast, buyer: object, offer_id: int, *, comes: bool) -> Order:
    order = pay_order(place_order(buyer=buyer, lines=[(offer_id, 1)]))  # type: ignore[arg-type]
    if comes:
        voucher = Voucher.objects.get(order_number=order.number)
        redeem(voucher, store=people.store, staff=people.clerk)
    return order


def test_a_season_shows_its_result_beside_its_goal(drain: Callable[..., int]) -> None:
    people = cast()
    offer = offer_of(make_product(stores=[people.store], price_fen=PRICE))
    began = now() - 30 * DAY
    old = [make_user() for _number in range(OLD)]
    with at(began - 20 * DAY):
        for guest in old:
            buy(people, guest, offer.pk, comes=True)
    with at(began):
        campaign = make_campaign(people.merchant, over(10000), name_en="Quiet weeks")
        add_plan(
            merchant=people.merchant,
            asked=PlanAsked(
                channel="own_media",
                begins_on=began.date(),
                ends_on=began.date() + dt.timedelta(days=13),
                campaign=campaign,
                cost_fen=COST,
                target_came=GOAL,
            ),
            by=people.owner,
        )
        guests = old + [make_user() for _number in range(NEW)]
        for guest in guests:
            claim_coupon(owner=guest, campaign_id=campaign.pk)
    with at(began + 2 * DAY):
        bought = [
            buy(people, guest, offer.pk, comes=place < CAME) for place, guest in enumerate(guests)
        ]
        refund_voucher(
            owner=guests[-1], voucher_id=Voucher.objects.get(order_number=bought[-1].number).pk
        )
        buy(people, make_user(), offer.pk, comes=True)  # of no campaign
    with at(began + 5 * DAY):
        release_due()
        end_campaign(campaign_id=campaign.pk, by=people.owner)
    drain()
    rebuild_results()
    total = total_of(Scope([people.merchant.pk], campaign=campaign.pk))
    sums = total.sums
    assert (sums["claims"], sums["orders"], sums["came"]) == (OLD + NEW, OLD + NEW, CAME)
    assert (sums["new"], total.own_guests, sums["sent_back"]) == (NEW, OLD, SENT_BACK)
    assert sums["new_came"] == CAME - OLD
    assert total.value_fen == CAME * PRICE
    assert sums["own_fen"] == CAME * OFF
    assert sums["earned_fen"] == CAME * (PRICE - OFF)
    assert total.net_fen == sums["earned_fen"] - sums["commission_fen"] - COST
    assert (total.spent.target_came, total.cost_per_came_fen) == (GOAL, COST // CAME)
    assert total.break_even == 1
    everything = report_of(Scope([people.merchant.pk]), by="code")
    assert everything.total.sums["orders"] == Order.objects.count() == OLD + len(guests) + 1
    assert everything.total.sums["again"] == OLD, "the orders before the season brought them back"
    assert OrderPart.objects.count() == Order.objects.count()
    assert broken() == []
    assert find_violations() == []
