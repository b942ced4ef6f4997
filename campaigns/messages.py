"""What owners of coupons, and the people who run a business, are told of campaigns. Registered in AppConfig.ready."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign, Plan
from kernel.message_kinds import BUSINESS, REMINDERS, Channel, Kind, News
from messages.services.notify import tell_business

CAMPAIGNS = News(
    "campaigns",
    _("Campaigns that stopped by themselves"),
    "see_campaigns",
    (Channel.INBOX, Channel.EMAIL),
)
_DETAILS = (
    (pgettext_lazy("fact", "Campaign"), "{name}"),
    (pgettext_lazy("fact", "Uses"), "{uses}"),
)
_COUPON = (pgettext_lazy("fact", "Coupon"), "{title}")
_UNTIL = (pgettext_lazy("fact", "Last day"), "{until}")
_SEE = _("See your coupons")
_NEXT = _(
    "Nobody can claim any more; coupons that were claimed stay good. Change the rule to go on."
)


def _stopped(reason: str, title: Any) -> Kind:
    return Kind(
        f"campaign_stopped_{reason}",
        title,
        _NEXT,
        _("See the campaign"),
        "alert",
        _DETAILS,
        BUSINESS,
        CAMPAIGNS,
    )


KINDS = (
    _stopped("fen", _("Stopped, for it has cost what you said: {name}")),
    _stopped("uses", _("Stopped, for it was used as often as you said: {name}")),
    _stopped("cost", _("Stopped, for an order with it costs more than you said: {name}")),
    Kind(
        "coupon_granted",
        _("A coupon from {merchant}: {title}"),
        _("It lowers your next order that fits by itself, until the end of {until}."),
        _SEE,
        "tag",
        (_COUPON, _UNTIL),
    ),
    Kind(
        "coupon_revoked",
        _("Coupon taken back: {title}"),
        _("{merchant} has taken this coupon back, and it can't be used any more. Ask them why."),
        _SEE,
        "undo",
        (_COUPON,),
    ),
    Kind(
        "coupon_ending",
        _("Use your coupon by {until}: {title}"),
        _("Your coupon of {merchant} lowers an order that fits until the end of {until}."),
        _SEE,
        "clock",
        (_COUPON, _UNTIL),
        REMINDERS,
    ),
)


def tell_business_of_stop(*, campaign_id: int, reason: str, **_: Any) -> None:
    """Handler of "campaign.stopped"; once per stop."""
    plan = Plan.objects.select_related("campaign").filter(campaign=campaign_id).first()
    if plan is None or plan.stopped_at is None:
        return
    row: Campaign = plan.campaign
    tell_business(
        kind=f"campaign_stopped_{reason}",
        merchant_id=row.merchant_id,
        params={"name_en": row.name_en, "name_zh": row.name_zh, "uses": row.spent_count},
        link=reverse("admin:campaigns_campaign_change", args=[row.pk]),
        dedupe_key=f"campaign_stopped:{row.pk}:{plan.stopped_at.isoformat()}",
    )
