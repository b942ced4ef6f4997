"""Scene 9 of the product, as counts: a telecom campaign over office towers, from a view to a visit.

62,670 views → 32,444 visitors → 338 sign-ups → 150 orders → 64 completed, per channel and building,
with the cost per completed order. Orders, payments, redemptions and releases go through the services;
touches and facts, of which there are tens of thousands, are written in bulk as their batches write them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.db import connection

from campaigns.models import Campaign
from insights.models import OrderPart
from insights.report import Report, Scope, report_of
from insights.services.audit import find_violations
from insights.services.keep import rebuild_results
from insights.services.plans import PlanAsked, add_plan, make_campaign_code
from kernel.clock import at, now
from kernel.db.months import make_months, month_of
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import Trace
from members.models import User
from orders.services.cancel import time_out_due
from orders.services.place import place_order
from stores.codes.models import Code, Touch
from stores.codes.sources import DAY
from tests.campaigns.made import make_campaign, over
from tests.factories import Cast, cast, make_product, offer_of, pay_order, redeem
from tests.insights.checked import broken
from vouchers.models import Voucher
from vouchers.services.release import release_due

pytestmark = pytest.mark.django_db(transaction=True)
PRICE = 6000


class Way(NamedTuple):
    """One channel, or one building of it, and how many took each step; cost in fen."""

    name: str
    channel: str
    views: int
    visitors: int
    signups: int
    orders: int
    completed: int
    cost_fen: int


WAYS = (
    Way("Tower A", "building", 9000, 5400, 110, 52, 25, 30000),
    Way("Tower B", "building", 7000, 4100, 84, 38, 17, 30000),
    Way("Tower C", "building", 3670, 1944, 40, 17, 6, 20000),
    Way("City paper", "article", 28000, 13000, 38, 14, 4, 50000),
    Way("Own account", "wechat", 15000, 8000, 66, 29, 12, 0),
)
TOTAL = (62670, 32444, 338, 150, 64)


def write_touches(code: Code, way: Way, moment: dt.datetime) -> None:
    """Views in the shape of the batch, and their count of the day."""
    day = moment.astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Touch._meta.db_table}"
            " (month, at, day, code_id, visit, visitor, subject, device, referrer)"
            " SELECT %s, %s, %s, %s, '', md5(%s || (n %% %s)), '', 'phone', ''"
            " FROM generate_series(1, %s) n",
            [month_of(moment), moment, day, code.pk, str(code.pk), way.visitors, way.views],
        )
        cursor.execute(
            "INSERT INTO codes_codeday (code_id, day, scans) VALUES (%s, %s, %s)",
            [code.pk, day, way.views],
        )


def touch_once(code: Code, visit: str, moment: dt.datetime) -> Trace:
    """A scan of somebody who then orders: by one of the views that are counted already."""
    touch = Touch.objects.filter(code=code, visit="").order_by("id").first()
    assert touch is not None
    Touch.objects.filter(pk=touch.pk, month=month_of(moment)).update(visit=visit)
    return Trace(visit=visit, device="phone")


def people_of(count: int) -> list[User]:
    return User.objects.bulk_create(
        User(email=f"guest{number}@tower.example", display_name=f"Guest {number}", password="!")
        for number in range(count)
    )


def play(people: Cast) -> tuple[Campaign, dict[str, Code]]:
    """The whole campaign; its money is released by the end."""
    moment = now() - DAY * 2
    make_months(Touch._meta.db_table, [month_of(moment)])
    product = make_product(stores=[people.store], price_fen=PRICE, stock=1000)
    offer, codes = offer_of(product), {}
    with at(moment):
        campaign = make_campaign(
            people.merchant, over(5000), coupons=1000, name_en="Hundred towers"
        )
        for way in WAYS:
            codes[way.name] = make_campaign_code(
                campaign=campaign, name=way.name, channel=way.channel, store=None, by=people.owner
            )
            add_plan(
                merchant=people.merchant,
                asked=PlanAsked(
                    channel=way.channel,
                    begins_on=moment.date(),
                    ends_on=moment.date() + dt.timedelta(days=6),
                    campaign=campaign,
                    code=codes[way.name],
                    cost_fen=way.cost_fen,
                ),
                by=people.owner,
            )
            write_touches(codes[way.name], way, moment)
    guests = iter(people_of(sum(way.orders for way in WAYS)))
    for way in WAYS:
        code = codes[way.name]
        with at(moment):
            record(
                Kind.SIGNED_UP,
                [
                    About(key=f"{code.pk}-{n}", merchant_id=people.merchant.pk, code_id=code.pk)
                    for n in range(way.signups)
                ],
            )
        for number in range(way.orders):
            guest = next(guests)
            with at(moment + dt.timedelta(hours=1)):
                trace = touch_once(code, f"{way.name}-{number}", moment)
                order = place_order(buyer=guest, lines=[(offer.pk, 1)], trace=trace)
                if number >= way.completed + 2:  # most of those who do not come never pay
                    continue
                pay_order(order)
                if number < way.completed:
                    voucher = Voucher.objects.get(order_number=order.number)
                    redeem(voucher, store=people.store, staff=people.clerk)
    with at(moment + DAY):
        release_due()
    return campaign, codes


def steps(report: Report) -> dict[str, tuple[int, ...]]:
    names = ("scans", "visitors", "signups", "orders", "came")
    return {row.label: tuple(row.sums[name] for name in names) for row in report.rows}


def test_a_tower_campaign_is_counted_to_the_cost_of_each_completed_order(
    drain: Callable[..., int],
) -> None:
    people = cast()
    campaign, _codes = play(people)
    time_out_due()
    drain()
    rebuild_results()
    scope = Scope([people.merchant.pk], campaign=campaign.pk)
    by_code, by_channel = report_of(scope, by="code"), report_of(scope, by="channel")
    assert steps(by_code) == {way.name: way[2:7] for way in WAYS}
    total = by_channel.total
    assert tuple(total.sums[name] for name in ("scans", "visitors", "signups")) == TOTAL[:3]
    assert (total.sums["orders"], total.sums["came"]) == TOTAL[3:]
    buildings = next(row for row in by_channel.rows if row.key == "building")
    assert buildings.sums["came"] == 48
    assert buildings.cost_per_came_fen == -(-80000 * 2 // 96) == 1667
    costs = {row.label: row.cost_per_came_fen for row in by_code.rows}
    assert costs == {
        "Tower A": 1200,
        "Tower B": 1765,
        "Tower C": 3333,
        "City paper": 12500,
        "Own account": 0,
    }
    assert total.sums["earned_fen"] == 64 * PRICE
    assert total.net_fen == total.contribution_fen - sum(way.cost_fen for way in WAYS)
    attributed = OrderPart.objects.filter(code__isnull=False).count()
    assert attributed == OrderPart.objects.count() == 150
    assert broken() == []
    assert find_violations() == []
