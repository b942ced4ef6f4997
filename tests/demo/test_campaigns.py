"""The campaigns of the demo city: one runs, one has ended, and their guests used what they claimed."""

from __future__ import annotations

import datetime as dt

import pytest

from campaigns.models import Campaign, Coupon, CouponUse
from demo.seed.campaigns import PLANS, plan_campaigns
from demo.seed.life import Life
from demo.seed.people import make_cast
from demo.seed.shop import make_shop
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
