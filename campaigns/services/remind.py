"""Reminders before a coupon ends."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from campaigns.models import Coupon
from campaigns.notices import tell_coupon_ending
from kernel.clock import now
from kernel.watch.services import try_each
from messages.models import Notification

BEFORE = dt.timedelta(days=2)
LEAST_AGE = dt.timedelta(days=1)
"""Who claimed it a moment ago knows."""


def remind_of_coupons(*, page: int = 500) -> int:
    """Remind the owners of coupons that end within BEFORE and can be used; how many were told now.

    Once per coupon; a beat runs it in the morning, when messages may come. Safe to repeat; one that
    fails is reported, and the sweep goes on behind it.
    """
    told, behind = 0, 0
    while due := list(_due().filter(pk__gt=behind)[:page]):
        told += sum(try_each(due, _tell, kind="coupons.remind", subject=_name))
        behind = due[-1].pk
    return told


def _tell(coupon: Coupon) -> int:
    with transaction.atomic():
        return int(tell_coupon_ending(coupon))


def _name(coupon: Coupon) -> str:
    return f"coupon:{coupon.pk}"


def _due() -> QuerySet[Coupon]:
    moment = now()
    key = Concat(Value("coupon_ending:"), Cast(OuterRef("pk"), CharField()))
    rows = Coupon.objects.filter(
        state__in=Coupon.USABLE,
        voucher__isnull=True,  # vouchers have a reminder of their own
        ends_at__gt=moment,
        ends_at__lte=moment + BEFORE,
        claimed_at__lt=moment - LEAST_AGE,
    )
    told = Exists(Notification.objects.filter(dedupe_key=key))
    return rows.exclude(told).select_related("campaign__merchant").order_by("pk")
