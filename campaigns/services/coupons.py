"""Claim a coupon; reserve it in an order, use it when that is paid, give it back when it is not."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Case, F, Sum, Value, When

from campaigns.errors import (
    BudgetGone,
    CampaignNotBegun,
    CampaignOver,
    CampaignPaused,
    CouponLimitReached,
    CouponsGone,
    CouponTaken,
    NotClaimable,
)
from campaigns.models import Batch, Campaign, Coupon, CouponUse
from campaigns.services.budget import return_budget, take_budget
from campaigns.services.items import issue_item
from kernel.clock import now
from kernel.db.prepared import Change, insert_rows
from kernel.errors import NotFound
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import NOBODY, Trace
from stores.codes.sources import sources_of
from stores.models import Merchant

NUMBER_LENGTH = 16
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BATCH = 5000


class Reserving(NamedTuple):
    """A coupon that an order takes, what it takes off, and its campaign."""

    coupon_id: int
    amount_fen: int
    campaign_id: int


def claim_coupon(*, owner: Any, campaign_id: int, trace: Trace = NOBODY) -> Coupon:
    """Give the person a coupon of a campaign that runs.

    Raises NotClaimable where coupons come in another way, and what `add_coupon` raises.
    """
    return add_coupon(
        owner=owner, campaign_id=campaign_id, claiming=Batch.Claiming.OPEN, trace=trace
    )


def add_coupon(
    *, owner: Any, campaign_id: int, claiming: str = "", trace: Trace = NOBODY
) -> Coupon:
    """Write a coupon of a campaign for a person, which a service has judged.

    ``claiming``: only where guests get its coupons so. ``trace`` is whose doing it is: the code that
    was followed before is kept in a fact.

    Locks the batch of the campaign: how many are left and how many the person has are exact there.
    Writes: the batch by compare-and-set, the coupon, and the voucher of one that is for an item. Raises
    NotFound (also for a draft), NotClaimable, CampaignNotBegun, CampaignPaused, CampaignOver, CouponsGone,
    CouponLimitReached.
    """
    with transaction.atomic():
        won = Batch.objects.filter(campaign=campaign_id, claimed__lt=F("count")).update(
            claimed=F("claimed") + 1
        )
        campaign = (
            Campaign.objects.filter(
                pk=campaign_id,
                way=Campaign.Way.COUPON,
                merchant__state=Merchant.State.APPROVED,
            )
            .exclude(state=Campaign.State.DRAFT)
            .select_related("batch", "benefit", "merchant")
            .first()
        )
        if campaign is None:
            raise NotFound
        if claiming and campaign.batch.claiming != claiming:
            raise NotClaimable
        refuse_unless_running(campaign)
        has = Coupon.objects.filter(campaign=campaign, owner=owner).count()
        if has >= campaign.per_person:
            raise CouponLimitReached(limit=campaign.per_person)
        if not won:
            raise CouponsGone
        coupon = Coupon.objects.create(
            number=_new_number(),
            campaign=campaign,
            owner=owner,
            ordinal=has + 1,
            ends_at=campaign.ends_at,
            voucher=issue_item(campaign=campaign, owner_id=owner.pk),
        )
        record_claim(coupon, trace=trace)
        return coupon


def record_claim(coupon: Coupon, *, trace: Trace) -> None:
    """Keep by which code somebody came to a coupon: a fact of the claim, in its transaction."""
    merchant_id = coupon.campaign.merchant_id
    found = sources_of(trace=trace, merchant_ids=[merchant_id], moment=coupon.claimed_at)
    source = found.get(merchant_id)
    about = About(key=str(coupon.pk), merchant_id=merchant_id)
    if source is not None:
        step = source.last
        about = about._replace(
            store_id=source.store_id, code_id=step.code_id, campaign=step.campaign
        )
    record(Kind.CLAIMED, [about], trace=trace)


def reserve_coupons(*, owner_id: int, order_number: str, wanted: Sequence[Reserving]) -> None:
    """Put the person's coupons into an order that is being placed, with what each takes off.

    Runs in the caller's transaction. Locks: coupons, then the campaigns' rows, ascending each.
    Writes: the coupons usable → reserved, the budgets, both by compare-and-set, and a use each.
    Raises CouponTaken, BudgetGone: nothing may be kept of the caller's transaction then.
    """
    moment = now()
    for row in sorted(wanted):
        if not _reserve.rows(row.coupon_id, owner_id, moment):
            raise CouponTaken(coupon=row.coupon_id)
    for row in sorted(wanted, key=lambda row: (row.campaign_id, row.coupon_id)):
        if not take_budget(campaign_id=row.campaign_id, amount_fen=row.amount_fen):
            raise BudgetGone(coupon=row.coupon_id)
    insert_rows(
        [
            CouponUse(coupon_id=row.coupon_id, order_number=order_number, amount_fen=row.amount_fen)
            for row in wanted
        ]
    )


_reserve = Change(
    lambda coupon_id, owner_id, moment: (
        Coupon.objects.filter(
            pk=coupon_id, owner=owner_id, state__in=Coupon.USABLE, ends_at__gt=moment
        ),
        {"state": Coupon.State.RESERVED},
    ),
    *(int, int, dt.datetime),
)


def use_coupons(*, order_number: str) -> int:
    """The order's reserved coupons are used: its first money has come. How many; safe to repeat.

    Runs in the caller's transaction, which holds the order. Locks: coupons.
    """
    uses = CouponUse.objects.filter(order_number=order_number, state=CouponUse.State.RESERVED)
    coupon_ids = sorted(uses.values_list("coupon_id", flat=True))
    for coupon_id in coupon_ids:
        Coupon.objects.filter(pk=coupon_id, state=Coupon.State.RESERVED).update(
            state=Coupon.State.USED
        )
    return uses.update(state=CouponUse.State.USED)


def give_back_coupons(*, order_number: str, only: Sequence[int] | None = None) -> int:
    """Give the order's coupons (``only`` some) back, and what they took of the budget; how many.

    One can be used again until its end. Runs in the caller's transaction, which holds the order.
    Locks: coupons, then campaigns, ascending each. Safe to repeat: by compare-and-set.
    """
    uses = CouponUse.objects.filter(order_number=order_number, state__in=CouponUse.LIVE)
    if only is not None:
        uses = uses.filter(coupon__in=only)
    found = list(uses.order_by("coupon").values_list("coupon_id", flat=True))
    moment = now()
    back = [
        coupon_id
        for coupon_id in found
        if Coupon.objects.filter(pk=coupon_id, state__in=Coupon.IN_USE).update(
            state=Case(
                When(ends_at__lte=moment, then=Value(Coupon.State.ENDED)),
                default=Value(Coupon.State.RETURNED),
            )
        )
    ]
    mine = uses.filter(coupon__in=back)
    sums = mine.values_list("coupon__campaign").annotate(fen=Sum("amount_fen")).order_by()
    for campaign_id, amount_fen in sorted(sums):
        count = mine.filter(coupon__campaign=campaign_id).count()
        return_budget(campaign_id=campaign_id, amount_fen=amount_fen, count=count)
    return mine.update(state=CouponUse.State.RETURNED)


def end_coupons_due(limit: int = 100_000) -> int:
    """Coupons that can't be used any more are ended; how many. Safe to run twice and beside orders."""
    ended = 0
    while ended < limit:
        due = Coupon.objects.filter(state__in=Coupon.USABLE, ends_at__lte=now())
        keys = list(
            due.order_by("ends_at").values_list("pk", flat=True)[: min(BATCH, limit - ended)]
        )
        if not keys:
            break
        ended += Coupon.objects.filter(pk__in=keys, state__in=Coupon.USABLE).update(
            state=Coupon.State.ENDED
        )
    return ended


def refuse_unless_running(campaign: Campaign) -> None:
    """Raise why a campaign gives no coupon at this moment: CampaignOver, CampaignPaused, CampaignNotBegun."""
    moment = now()
    if campaign.is_over(moment):
        raise CampaignOver
    if campaign.state == Campaign.State.PAUSED:
        raise CampaignPaused
    if campaign.begins_at > moment:
        raise CampaignNotBegun(begins_at=campaign.begins_at.isoformat())


def _new_number() -> str:
    """Eighty random bits: nobody guesses one."""
    return "".join(secrets.choice(_LETTERS) for _ in range(NUMBER_LENGTH))
