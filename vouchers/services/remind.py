"""Reminders before a voucher's last day."""

from __future__ import annotations

import datetime as dt
import itertools

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from kernel.clock import now
from kernel.watch.services import try_each
from messages.models import Notification
from vouchers.models import Voucher
from vouchers.notices import tell_owner_expiring

DAYS_BEFORE = 3
# Who bought yesterday knows; who buys for tomorrow needs no reminder on the way out of the shop.
LEAST_AGE = dt.timedelta(days=1)


def remind_due(*, page: int = 500) -> int:
    """Remind the owners of the vouchers that end within DAYS_BEFORE days, ``page`` rows at a time.

    One message per order line and owner, whatever the number of vouchers; one that was sent
    before is not looked at again, so the sweep is safe to repeat. A purchase that fails is
    reported, and the sweep goes on behind it. Returns how many vouchers people were reminded of.
    """
    reminded, behind = _remind_of_gifts(page), 0
    while True:
        due = list(_due().filter(order_line_ref__gt=behind)[:page])
        last_line = due[-1].order_line_ref if due else 0
        if len(due) == page and due[0].order_line_ref != last_line:
            # Perhaps cut in two: the next page has it whole.
            due = [voucher for voucher in due if voucher.order_line_ref != last_line]
        elif len(due) == page:
            due = list(_due().filter(order_line_ref=last_line))
        reminded += sum(try_each(_purchases(due), _tell, kind="vouchers.remind", subject=_name))
        if not due:
            return reminded
        behind = due[-1].order_line_ref or behind


def _remind_of_gifts(page: int) -> int:
    """A gift is a message of its own: it belongs to no purchase."""
    reminded, behind = 0, 0
    while due := list(_due_gifts().filter(pk__gt=behind)[:page]):
        reminded += sum(
            try_each([[gift] for gift in due], _tell, kind="vouchers.remind", subject=_name)
        )
        behind = due[-1].pk
    return reminded


def _purchases(due: list[Voucher]) -> list[list[Voucher]]:
    """Vouchers by order line and owner."""
    return [
        list(group)
        for _key, group in itertools.groupby(due, key=lambda v: (v.order_line_ref, v.owner_id))
    ]


def _tell(purchase: list[Voucher]) -> int:
    with transaction.atomic():
        tell_owner_expiring(purchase)
    return len(purchase)


def _name(purchase: list[Voucher]) -> str:
    return f"voucher:{purchase[0].pk}"


def _ending() -> QuerySet[Voucher]:
    """Usable vouchers near their last day that were not issued a moment ago."""
    last = timezone.localdate(now()) + dt.timedelta(days=DAYS_BEFORE + 1)
    midnight = dt.datetime.combine(last, dt.time(), timezone.get_current_timezone())
    return Voucher.objects.usable().filter(
        valid_until__lt=midnight, created_at__lt=now() - LEAST_AGE
    )


def _due() -> QuerySet[Voucher]:
    """Those that were sold, nobody reminded of them yet, a purchase together."""
    key = Concat(
        Value("voucher_expiring:"),
        Cast(OuterRef("order_line_ref"), CharField()),
        Value(":"),
        Cast(OuterRef("owner_id"), CharField()),
    )
    return (
        _ending()
        .filter(grant__isnull=True)
        .exclude(Exists(Notification.objects.filter(dedupe_key=key)))
        .select_related("terms")
        .order_by("order_line_ref", "owner_id", "pk")
    )


def _due_gifts() -> QuerySet[Voucher]:
    """Those that were given, nobody reminded of them yet."""
    key = Concat(Value("voucher_expiring:gift:"), Cast(OuterRef("pk"), CharField()))
    return (
        _ending()
        .filter(grant__isnull=False)
        .exclude(Exists(Notification.objects.filter(dedupe_key=key)))
        .select_related("terms")
        .order_by("pk")
    )
