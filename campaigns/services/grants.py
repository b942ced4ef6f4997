"""Coupons that a business gives to a guest; coupons and codes that it takes back."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext

from campaigns.codes import read_coupon_code
from campaigns.errors import CouponKept, CouponsGone, GrantsGone, NotGranted
from campaigns.models import Batch, Campaign, Coupon, CouponCode, CouponGrant, CouponRevocation
from campaigns.services.coupons import NUMBER_LENGTH, add_coupon, refuse_unless_running
from campaigns.services.items import revoke_item
from kernel.clock import now
from kernel.db.names import lock_name
from kernel.errors import InvalidInput, NotFound
from kernel.ids import clean_letters, new_coupon_codes
from kernel.outbox.services import publish
from kernel.plaintext import clean_text
from stores.access import lacking_of, refuse_unless_trading, refuse_without
from stores.models import Store
from stores.rights import Right, may
from vouchers.services.grants import find_guest

A_DAY = 50
"""Coupons that one person gives for one business within 24 hours: a stolen phone costs no more."""
SHOWN_MINUTES = 15
"""How long a code is good that a guest scans at the counter."""
MAX_NOTE, MAX_REASON = 500, 300
DAY = dt.timedelta(days=1)


class CouponAsked(NamedTuple):
    """What is given: to ``person`` (e-mail or phone of an account), or "" for a code that a guest scans.

    ``note`` is read by the business and the operator alone.
    """

    reason: str
    person: str = ""
    note: str = ""
    store: Store | None = None


def grant_coupon(*, campaign_id: int, asked: CouponAsked, issuer: Any) -> CouponGrant:
    """Give a guest a coupon of a campaign whose coupons are given, or a code that the guest scans.

    By who may redeem at the store, or give vouchers for the whole business. Holds the name of what the
    issuer gives, so that A_DAY is exact, then locks the batch: coupons and codes that are out together are
    no more than there are. Writes the grant, the coupon or the code,
    outbox "coupon.granted" {coupon_id}. Raises NotFound, RightMissing, NotTrading, InvalidInput,
    TooManyAttempts, NotGranted, GrantsGone, CouponsGone, CouponLimitReached, and why it gives none.
    """
    campaign = _campaign(campaign_id)
    _refuse_stranger(campaign, asked.store, issuer)
    _check(asked)
    guest = find_guest(asked.person, issuer) if asked.person.strip() else None
    with transaction.atomic():
        lock_name(f"coupon-grants:{campaign.merchant_id}:{issuer.pk}")
        batch = _lock_batch(campaign)
        if batch.claiming != Batch.Claiming.GRANTED:
            raise NotGranted
        refuse_unless_running(campaign)
        _refuse_beyond_limits(campaign, batch, issuer)
        coupon, code = None, None
        if guest is not None:
            coupon = add_coupon(owner=guest, campaign_id=campaign.pk)
            publish("coupon.granted", coupon_id=coupon.pk)
        else:
            code = CouponCode.objects.create(
                campaign=campaign,
                code=new_coupon_codes(1)[0],
                ends_at=now() + dt.timedelta(minutes=SHOWN_MINUTES),
            )
        return CouponGrant.objects.create(
            campaign=campaign,
            store=asked.store,
            issuer=issuer,
            reason=asked.reason,
            note=clean_text(asked.note),
            coupon=coupon,
            code=code,
        )


def revoke_coupon(*, coupon_id: int, reason: str, by: Any) -> Coupon:
    """Take a coupon back that is in no order. ``by`` may edit campaigns of its business, and says why.

    Locks the voucher of one that is for an item, which goes with it. Writes by compare-and-set claimed or
    returned → revoked, the reason, outbox "coupon.revoked"
    {coupon_id}. Raises NotFound, RightMissing, NotTrading, InvalidInput, CouponKept.
    """
    coupon = Coupon.objects.select_related("campaign").filter(pk=coupon_id).first()
    if coupon is None:
        raise NotFound
    text = _reason(coupon.campaign, reason, by)
    with transaction.atomic():
        revoke_item(coupon=coupon, by=by)
        won = Coupon.objects.filter(pk=coupon.pk, state__in=Coupon.USABLE, ends_at__gt=now())
        if not won.update(state=Coupon.State.REVOKED):
            coupon.refresh_from_db(fields=["state"])
            raise CouponKept(state=coupon.state)
        CouponRevocation.objects.create(coupon=coupon, revoked_by=by, reason=text)
        publish("coupon.revoked", coupon_id=coupon.pk)
    coupon.state = Coupon.State.REVOKED
    return coupon


def revoke_code(*, code_id: int, reason: str, by: Any) -> CouponCode:
    """Take a code back that nobody has typed yet. As `revoke_coupon`; raises CouponKept for one that was."""
    code = CouponCode.objects.select_related("campaign").filter(pk=code_id).first()
    if code is None:
        raise NotFound
    text = _reason(code.campaign, reason, by)
    with transaction.atomic():
        code.revoked_at = now()
        free = CouponCode.objects.filter(pk=code.pk, coupon__isnull=True, revoked_at__isnull=True)
        if not free.update(revoked_at=code.revoked_at):
            raise CouponKept(state="claimed")
        CouponRevocation.objects.create(code=code, revoked_by=by, reason=text)
    return code


def revoke_number(*, number: str, reason: str, by: Any) -> Coupon | CouponCode:
    """Take back the coupon, or the code, that has this number; as the two above. Raises NotFound for none.

    A code that has become a coupon stands for that coupon.
    """
    coupon = Coupon.objects.filter(number=clean_letters(number, NUMBER_LENGTH) or "-").first()
    code = CouponCode.objects.filter(code=read_coupon_code(number) or "-").first()
    if code is not None and code.coupon_id is None:
        return revoke_code(code_id=code.pk, reason=reason, by=by)
    coupon_id = code.coupon_id if code is not None else getattr(coupon, "pk", None)
    return revoke_coupon(coupon_id=coupon_id or 0, reason=reason, by=by)


def grantable_campaigns(merchant_id: int) -> Any:
    """The campaigns of a business of which a coupon may be given now, those that end first come first."""
    moment = now()
    return Campaign.objects.filter(
        merchant=merchant_id,
        state=Campaign.State.RUNNING,
        begins_at__lte=moment,
        ends_at__gt=moment,
        batch__claiming=Batch.Claiming.GRANTED,
    ).order_by("ends_at", "pk")


def _campaign(campaign_id: int) -> Campaign:
    rows = Campaign.objects.exclude(state=Campaign.State.DRAFT)
    campaign = rows.filter(pk=campaign_id, way=Campaign.Way.COUPON).first()
    if campaign is None:
        raise NotFound
    return campaign


def _refuse_stranger(campaign: Campaign, store: Store | None, issuer: Any) -> None:
    merchant_id = campaign.merchant_id
    if store is not None and store.merchant_id != merchant_id:
        raise NotFound
    at_counter = store is not None and may(issuer, Right.REDEEM, store_id=store.pk)
    if not (at_counter or may(issuer, Right.GIVE_VOUCHERS, merchant_id=merchant_id)):
        raise lacking_of(
            issuer, Right.GIVE_VOUCHERS, merchant_id=merchant_id, at_store=store is not None
        )
    refuse_unless_trading(merchant_id=merchant_id, by=issuer)


def _check(asked: CouponAsked) -> None:
    problems: dict[str, list[str]] = {}
    if asked.reason not in CouponGrant.Reason.values:
        problems["reason"] = [gettext("Choose a reason.")]
    if len(asked.note) > MAX_NOTE:
        problems["note"] = [gettext("Use %(most)d letters at most.") % {"most": MAX_NOTE}]
    if problems:
        raise InvalidInput(fields=problems)


def _lock_batch(campaign: Campaign) -> Batch:
    return Batch.objects.select_for_update(of=("self",), no_key=True).get(campaign=campaign)


def _refuse_beyond_limits(campaign: Campaign, batch: Batch, issuer: Any) -> None:
    """What is out as a code counts as claimed: it was promised to who stands at the counter."""
    moment = now()
    lately = CouponGrant.objects.filter(issuer=issuer, created_at__gt=moment - DAY)
    if lately.filter(campaign__merchant=campaign.merchant_id).count() >= A_DAY:
        raise GrantsGone(limit=A_DAY)
    shown = CouponCode.objects.filter(
        campaign=campaign, coupon__isnull=True, revoked_at__isnull=True, ends_at__gt=moment
    )
    if batch.claimed + shown.count() >= batch.count:
        raise CouponsGone


def _reason(campaign: Campaign, reason: str, by: Any) -> str:
    refuse_without(user=by, right=Right.EDIT_CAMPAIGNS, merchant_id=campaign.merchant_id)
    refuse_unless_trading(merchant_id=campaign.merchant_id, by=by)
    text = clean_text(reason)
    if not 0 < len(text) <= MAX_REASON:
        said = gettext("Say why, in %(most)d letters at most.") % {"most": MAX_REASON}
        raise InvalidInput(fields={"reason": [said]})
    return text
