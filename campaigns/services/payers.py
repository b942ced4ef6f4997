"""In how many orders one account of a payment service has a campaign: judged when it pays."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from campaigns.models import AutomaticUse, Campaign, CouponUse
from campaigns.promises import promises_of

USED = CouponUse.State.USED


def payer_key(*, gateway: str, payer: str) -> str:
    """What stands for an account of a gateway: the same for the same one, and nobody can tell whose it is."""
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"payer:{gateway}:{payer}".encode(), hashlib.sha256).hexdigest()


def admit_payer(*, order_number: str, payer: str) -> bool:
    """Keep who pays an order that campaigns lower; False where one of them is for fewer orders of a payer.

    Runs in the caller's transaction, which holds the order and has not used its campaigns yet. Locks the
    campaigns that have such a limit, ascending; under them the payer's uses are counted. Two statements
    where no campaign of the order has one.
    """
    coupons = CouponUse.objects.filter(order_number=order_number, state__in=CouponUse.LIVE)
    automatic = AutomaticUse.objects.filter(order_number=order_number, state__in=AutomaticUse.LIVE)
    campaign_ids = {
        *coupons.values_list("coupon__campaign", flat=True),
        *automatic.values_list("campaign", flat=True),
    }
    limits = {
        pk: promise.per_payer
        for pk, promise in promises_of(campaign_ids).items()
        if promise.per_payer is not None
    }
    if not limits:
        return True
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True)
    list(rows.filter(pk__in=limits).order_by("pk").values_list("pk"))
    for campaign_id, limit in limits.items():
        used = AutomaticUse.objects.filter(campaign=campaign_id, payer=payer, state=USED).count()
        used += CouponUse.objects.filter(
            coupon__campaign=campaign_id, payer=payer, state=USED
        ).count()
        if used >= limit:
            return False
    coupons.filter(coupon__campaign__in=limits).update(payer=payer)
    automatic.filter(campaign__in=limits).update(payer=payer)
    return True
