"""The most uses of one guest at one visit, on one day and in all (Terms.caps).

They count what the guest has used of the product, with whichever voucher. What was undone, or
given back after the service, counts nowhere. A gift is never in the way of what was paid for: it
counts at the visit and on the day, where hands and seats are short, and not in all.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from kernel.clock import day_bounds
from members.models import User
from vouchers.models import Redemption, Voucher
from vouchers.terms import Caps
from vouchers.verdicts import Case, Verdict

VISIT = dt.timedelta(hours=3)
"""What one guest uses at one store within this time is one visit."""


class Standing(NamedTuple):
    """What is ``left`` of a cap now, and when it is whole again; None: not before the voucher ends."""

    cap: str
    most: int
    left: int
    usable_from: dt.datetime | None


def lock_guest(voucher: Voucher) -> None:
    """Take the row of the guest, after that of the voucher (docs/locking.md).

    Two vouchers of one guest are two rows: without it both would be the last one of the day.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=voucher.owner_id)


def judge_caps(case: Case) -> Verdict | None:
    """The first cap that the uses asked for would pass; one query where the terms have any."""
    if not any(case.terms.caps):
        return None
    for standing in _standings(case):
        if case.uses > standing.left:
            return Verdict("cap_reached", {**standing._asdict(), "zone": case.store.zone})
    return None


def most_now(case: Case) -> int:
    """How many uses can be redeemed at once, of a voucher that the judge has let through."""
    left = case.voucher.uses_left
    if not any(case.terms.caps):
        return left
    return min([left, *(standing.left for standing in _standings(case))])


def _standings(case: Case) -> list[Standing]:
    caps: Caps = case.terms.caps
    today = case.moment.astimezone(case.store.zone).date()
    morning, midnight = day_bounds(today, case.store.zone)
    day = Q(occurred_at__gte=morning, occurred_at__lt=midnight)
    # Behind the moment too: a device without a network tells of it later.
    near = Q(occurred_at__gt=case.moment - VISIT, occurred_at__lt=case.moment + VISIT)
    visit = near & Q(store_id=case.store.pk)
    used = F("uses") - F("returned_uses")
    taken = _of_the_guest(case.voucher).aggregate(
        visit=Coalesce(Sum(used, filter=visit), 0),
        day=Coalesce(Sum(used, filter=day), 0),
        person=Coalesce(Sum(used, filter=Q(voucher__grant__isnull=True)), 0),
        last=Max("occurred_at", filter=visit),
    )
    free = {"visit": (taken["last"] or case.moment) + VISIT, "day": midnight}
    return [
        Standing(cap, most, max(0, most - taken[cap]), _in_time(free.get(cap), case.voucher))
        for cap, most in caps._asdict().items()
        if most
    ]


def _in_time(moment: dt.datetime | None, voucher: Voucher) -> dt.datetime | None:
    return moment if moment and moment < voucher.valid_until else None


def _of_the_guest(voucher: Voucher) -> QuerySet[Redemption]:
    of_what = Q(product_id=voucher.product_id) if voucher.product_id else Q(pk=voucher.pk)
    vouchers = Voucher.objects.filter(of_what, owner_id=voucher.owner_id)
    return Redemption.objects.filter(voucher__in=vouchers, undone_at__isnull=True).order_by()
