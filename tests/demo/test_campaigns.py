"""The campaigns of the demo city: one runs, one has ended, and their guests used what they claimed."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.gallery.habits import weeks_ahead
from campaigns.models import Campaign, Coupon, CouponUse, Plan
from campaigns.progress import progress_of
from campaigns.services.readiness import open_risks
from demo.seed.campaigns import PLANS, plan_campaigns
from demo.seed.life import Life
from demo.seed.people import make_cast
from demo.seed.seasons import SEASONS, plan_seasons
from demo.seed.shop import make_shop
from demo.seed.year_before import FOUNDED, MERCHANT, QUIET, plan_year_before
from insights.services.audit import find_violations
from kernel.clock import now
from stores.models import Merchant

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_runs_and_one_has_ended_and_the_books_agree() -> None:
    present = now()
    cast = make_cast()
    shop = make_shop(cast, present - dt.timedelta(days=60))
    life = Life(cast=cast, shop=shop, opened=present, until=present, days=1, orders=0)
    plan_campaigns(life)
    life.run(lambda day, days: None)
    assert sorted(Campaign.objects.values_list("state", flat=True)) == ["ended", "running"]
    assert Coupon.objects.count() == sum(plan.claims for plan in PLANS)
    uses = CouponUse.objects.order_by("state").values_list("state", flat=True).distinct()
    assert {"returned", "used"} <= set(uses)
    assert Coupon.objects.filter(state="ended").exists()
    assert Merchant.objects.filter(has_campaigns=True).count() == 1
    assert find_violations() == []


def test_a_season_ends_in_every_way_that_one_can_end_in_and_the_books_agree() -> None:
    present = now()
    cast = make_cast()
    shop = make_shop(cast, present - dt.timedelta(days=90))
    life = Life(cast=cast, shop=shop, opened=present, until=present, days=1, orders=0)
    plan_campaigns(life)
    plan_seasons(life)
    life.run(lambda day, days: None)
    rows = {row.name_en: row for row in Campaign.objects.select_related("plan")}
    states = {season.name.en: rows[season.name.en].state for season in SEASONS}
    assert states == {
        "A first breath": "running",
        "The last of the autumn box": "ended",
        "A long weekend": "ended",
        "See you again": "paused",
        "Early birds": "ended",
        "A walk in the rain": "ended",
        "Winter films": "draft",
    }
    stopped = rows["A long weekend"]
    assert stopped.plan.stopped_by == Plan.Stop.USES
    assert progress_of(stopped, stopped.plan).is_reached
    missed = rows["The last of the autumn box"]
    assert not progress_of(missed, missed.plan).is_reached
    assert [row.plan.lesson != "" for row in (stopped, missed, rows["Early birds"])] == [True] * 3
    sent_back = CouponUse.objects.filter(coupon__campaign=rows["A walk in the rain"])
    assert set(sent_back.values_list("state", flat=True)) == {"returned"}
    assert [risk.code for risk in open_risks(rows["Winter films"])] == ["more_promised"]
    assert find_violations() == []


def test_the_year_before_tells_which_weeks_are_quiet() -> None:
    present = now()
    cast = make_cast()
    shop = make_shop(cast, present - FOUNDED)
    life = Life(cast=cast, shop=shop, opened=present, until=present, days=1, orders=0)
    plan_year_before(life)
    life.run(lambda day, days: None)
    weeks = weeks_ahead(shop.merchants[MERCHANT].pk, 26)
    quiet = {number for number, week in enumerate(weeks) if week.quiet}
    assert quiet >= {52 - number for number in QUIET}
    assert sum(week.orders for week in weeks) > 15
    assert find_violations() == []
