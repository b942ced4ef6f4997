"""Reminders before a voucher's last day."""

from __future__ import annotations

import datetime as dt
import itertools

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from members.models import Notification
from o2o.clock import now
from vouchers.models import Voucher
from vouchers.notices import tell_owner_expiring

DAYS_BEFORE = 3
# Who bought yesterday knows; who buys for tomorrow needs no reminder on the way out of the shop.
LEAST_AGE = dt.timedelta(days=1)


def remind_due(*, limit: int = 500) -> int:
    """Remind the owners of up to ``limit`` vouchers that end within DAYS_BEFORE days.

    One message per order line and owner, whatever the number of vouchers; one that was sent
    before is not looked at again, so the sweep is safe to repeat. Returns how many vouchers
    were read; fewer than ``limit`` means that nobody else waits.
    """
    due = list(_due()[:limit])
    groups = [
        list(group)
        for _line, group in itertools.groupby(due, key=lambda v: (v.order_line_ref, v.owner_id))
    ]
    if len(due) == limit and len(groups) > 1:
        groups.pop()  # perhaps cut in two; the next call has it whole
    for group in groups:
        tell_owner_expiring(group)
    return len(due)


def _due() -> QuerySet[Voucher]:
    """Usable vouchers near their last day, nobody reminded of them yet, a purchase together."""
    last = timezone.localdate(now()) + dt.timedelta(days=DAYS_BEFORE + 1)
    midnight = dt.datetime.combine(last, dt.time(), timezone.get_current_timezone())
    key = Concat(
        Value("voucher_expiring:"),
        Cast(OuterRef("order_line_ref"), CharField()),
        Value(":"),
        Cast(OuterRef("owner_id"), CharField()),
    )
    return (
        Voucher.objects.usable()
        .filter(valid_until__lt=midnight, created_at__lt=now() - LEAST_AGE)
        .exclude(Exists(Notification.objects.filter(dedupe_key=key)))
        .select_related("terms")
        .order_by("order_line_ref", "owner_id", "pk")
    )
