"""Campaigns of the tests, made through their services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign
from campaigns.services.campaigns import CampaignAsked, create_campaign, start_campaign
from campaigns.services.plans import answer_risks
from campaigns.services.readiness import open_risks
from campaigns.terms import Gives
from kernel.clock import now
from stores.models import Merchant

TWENTY = Gives(Benefit.Kind.AMOUNT, amount_fen=2000)
TENTH = Gives(Benefit.Kind.SHARE, permille=100)


def over(fen: int) -> Said:
    return Said("minimum", amount_fen=fen)


def asking(*conditions: Said, gives: Gives = TWENTY, **more: Any) -> CampaignAsked:
    moment = now()
    facts: dict[str, Any] = {
        "name_en": "Quiet Tuesday",
        "name_zh": "周二有礼",
        "begins_at": moment - dt.timedelta(hours=1),
        "ends_at": moment + dt.timedelta(days=7),
        "coupons": 100,
    }
    return CampaignAsked(gives=gives, conditions=conditions, **(facts | more))


def make_campaign(
    merchant: Merchant, *conditions: Said, start: bool = True, **more: Any
) -> Campaign:
    """A campaign that runs, or a draft: ¥20 off, unless it says otherwise."""
    row = create_campaign(merchant=merchant, asked=asking(*conditions, **more), by=None)
    answer_open_risks(row)
    return start_campaign(campaign_id=row.pk, by=None) if start else row


def answer_open_risks(row: Campaign) -> None:
    """As a merchant does who knows what may happen."""
    answers = {risk.code: "We know and can bear it." for risk in open_risks(row)}
    answer_risks(campaign_id=row.pk, answers=answers, by=None)
