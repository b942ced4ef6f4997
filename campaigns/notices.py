"""The owner of a coupon hears of it: given, taken back, soon over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from campaigns.models import Coupon
from messages.models import Notification
from messages.services.notify import notify

MOMENT = dt.timedelta(microseconds=1)


def tell_coupon_granted(*, coupon_id: int, **_: Any) -> None:
    """Handler of "coupon.granted": whose it is, and until when."""
    _tell(coupon_id, "coupon_granted")


def tell_coupon_revoked(*, coupon_id: int, **_: Any) -> None:
    """Handler of "coupon.revoked": the business has taken it back."""
    _tell(coupon_id, "coupon_revoked")


def tell_coupon_ending(coupon: Coupon) -> bool:
    """Remind the owner of a coupon (its campaign and merchant joined) once; whether it was now."""
    return _notify(coupon, "coupon_ending") is not None


def _tell(coupon_id: int, kind: str) -> None:
    rows = Coupon.objects.select_related("campaign__merchant")
    if (coupon := rows.filter(pk=coupon_id).first()) is not None:
        _notify(coupon, kind)


def _notify(coupon: Coupon, kind: str) -> Notification | None:
    campaign = coupon.campaign
    until = timezone.localdate(
        coupon.ends_at - MOMENT
    )  # over at midnight: the day before is the last
    return notify(
        user_id=coupon.owner_id,
        kind=kind,
        params={
            "title_en": campaign.name_en,
            "title_zh": campaign.name_zh,
            "merchant_en": campaign.merchant.name_en,
            "merchant_zh": campaign.merchant.name_zh,
            "until_on": until.isoformat(),
        },
        link=reverse("coupon_list"),
        dedupe_key=f"{kind}:{coupon.pk}",
    )
