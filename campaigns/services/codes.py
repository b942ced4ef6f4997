"""Codes of coupons: made by a worker, claimed by who types one, each once."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from campaigns.codes import is_mistyped, read_coupon_code
from campaigns.errors import (
    CampaignNotBegun,
    CampaignOver,
    CampaignPaused,
    CodeEnded,
    CodeMistyped,
    CodeRefused,
    CodeRevoked,
    CodeSpent,
    CodeTaken,
    CodeUnknown,
    CouponLimitReached,
    CouponsGone,
)
from campaigns.models import Batch, Campaign, Coupon, CouponCode
from campaigns.services.coupons import add_coupon, refuse_unless_running
from kernel.clock import now
from kernel.db.names import lock_name
from kernel.errors import NotFound, Refusal
from kernel.facts.traces import NOBODY, Trace
from kernel.ids import new_coupon_codes

AT_ONCE = 20_000
"""Codes written in one transaction: some tenths of a second, some MiB."""
_UNUSABLE = (
    *(CampaignNotBegun, CampaignOver, CampaignPaused),
    *(CodeRefused, CouponLimitReached, CouponsGone, NotFound),
)
_COPY = "COPY campaigns_couponcode (campaign_id, code) FROM STDIN"


class CodeClaim(NamedTuple):
    """What became of a code that somebody typed: their coupon, and whether it is theirs since now."""

    coupon: Coupon
    is_new: bool


def make_codes(*, campaign_id: int) -> int:
    """Make the codes that a started campaign has coupons for; how many were made by this call.

    Handler of "campaign.started"; safe to repeat and to run beside itself. In transactions of AT_ONCE
    each under the name of the campaign's codes. A code that is there already, once in a million
    campaigns, fails its transaction alone, and the next try makes others.
    """
    made = 0
    while step := _make_some(campaign_id):
        made += step
    return made


def claim_code(*, owner: Any, text: str, trace: Trace = NOBODY) -> CodeClaim:
    """Turn a typed code into the person's coupon. Typed again by its owner it answers the same coupon.

    Locks the code, then the batch: of any number at once exactly one gets it. Writes the code by
    compare-and-set, and what `add_coupon` writes. Raises CodeMistyped, CodeUnknown, CodeTaken, CodeSpent, CodeRevoked,
    CodeEnded, and what `add_coupon` raises.
    """
    code = read_coupon_code(text)
    if is_mistyped(text):
        raise CodeMistyped
    with transaction.atomic():
        rows = CouponCode.objects.select_for_update(of=("self",), no_key=True)
        row = rows.select_related("coupon").filter(code=code).first() if code else None
        if row is None:
            raise CodeUnknown
        if row.coupon is not None:
            return CodeClaim(_own(row.coupon, owner.pk), is_new=False)
        refuse_unusable(row)
        coupon = add_coupon(owner=owner, campaign_id=row.campaign_id, trace=trace)
        free = CouponCode.objects.filter(pk=row.pk, coupon__isnull=True, revoked_at__isnull=True)
        if not free.update(coupon=coupon):
            raise CodeTaken
        return CodeClaim(coupon, is_new=True)


def claim_codes(*, owner: Any, texts: Sequence[str], trace: Trace = NOBODY) -> None:
    """Claim the codes that were named with an order; the price answers for those that bring nothing.

    Runs in the transaction of the order, before anything else of it is locked: codes in the order
    of their letters, each before its batch. No statement without codes.
    """
    for text in sorted({read_coupon_code(text) for text in texts}):
        try:
            with transaction.atomic():
                claim_code(owner=owner, text=text, trace=trace)
        except _UNUSABLE:
            continue


def refuse_unusable(row: CouponCode) -> None:
    """Raise why a code that nobody has typed yet is good for nothing: CodeRevoked, CodeEnded."""
    if row.revoked_at is not None:
        raise CodeRevoked
    if row.ends_at is not None and row.ends_at <= now():
        raise CodeEnded


def why_unusable(row: CouponCode, *, owner_id: int, has: int) -> str:
    """The code of the refusal that `claim_code` would raise, "" where it would bring a coupon. No query.

    ``row`` has its campaign and coupon joined; ``has`` is how many coupons of it the person holds.
    """
    try:
        if row.coupon is not None:
            _own(row.coupon, owner_id)
            return ""
        refuse_unusable(row)
        refuse_unless_running(row.campaign)
    except Refusal as refusal:
        return refusal.code
    return CouponLimitReached.code if has >= row.campaign.per_person else ""


def _own(coupon: Coupon, owner_id: int) -> Coupon:
    """The coupon that a code has become, where it is this person's and can be used."""
    if coupon.owner_id != owner_id:
        raise CodeTaken
    if coupon.state not in Coupon.USABLE or coupon.ends_at <= now():
        raise CodeSpent(state=coupon.state)
    return coupon


def _make_some(campaign_id: int) -> int:
    with transaction.atomic():
        lock_name(f"coupon-codes:{campaign_id}")
        batch = Batch.objects.filter(campaign=campaign_id, claiming=Batch.Claiming.CODE).first()
        if batch is None or batch.campaign.state == Campaign.State.DRAFT:
            return 0
        step = min(AT_ONCE, batch.count - batch.made)
        if step <= 0:
            return 0
        rows = "".join(f"{campaign_id}\t{code}\n" for code in new_coupon_codes(step))
        with connection.cursor() as cursor:
            cursor.copy_expert(_COPY, io.StringIO(rows))
        Batch.objects.filter(pk=batch.pk).update(made=F("made") + step)
    return step
