"""Costs and targets of channels, and the codes of a campaign: written by who may."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from campaigns.models import Campaign
from insights.errors import CodeOfCampaign
from insights.models import CampaignCode, ChannelPlan
from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from stores.access import refuse_unless_trading, refuse_without
from stores.codes.models import Code
from stores.codes.services import CodeAsked, make_code
from stores.models import Merchant, Store
from stores.rights import Right, merchants_where, platform_rights


class PlanAsked(NamedTuple):
    """What somebody enters. Both days belong to the period; amounts in fen."""

    channel: str
    begins_on: dt.date
    ends_on: dt.date
    campaign: Campaign | None = None
    code: Code | None = None
    cost_fen: int = 0
    print_fen: int = 0
    reach_told: int | None = None
    target_came: int | None = None
    note: str = ""


def plans_of(user: Any, right: Right = Right.SEE_RESULTS) -> QuerySet[ChannelPlan]:
    """The plans of the businesses for which ``user`` holds ``right``."""
    rows = ChannelPlan.objects.select_related("merchant", "campaign", "code")
    if right in platform_rights(user):
        return rows
    return rows.filter(merchant__in=merchants_where(user, right))


def check_plan(
    *, merchant: Merchant, asked: PlanAsked, by: Any, plan: ChannelPlan | None = None
) -> ChannelPlan:
    """Return the plan (a new one, or ``plan`` changed) as it would be written; writes nothing.

    Raises NotFound or RightMissing without Right.EDIT_COSTS, NotTrading, InvalidInput.
    """
    _refuse(by, Right.EDIT_COSTS, merchant.pk)
    row = plan or ChannelPlan(merchant=merchant, made_by=by if getattr(by, "pk", None) else None)
    for name, value in asked._asdict().items():
        setattr(row, name, value)
    errors: dict[str, list[str]] = {}
    for name, of in (("campaign", asked.campaign), ("code", asked.code)):
        if of is not None and of.merchant_id != merchant.pk:
            errors[name] = [gettext("This belongs to another business.")]
    if asked.code is not None and "code" not in errors and asked.code.channel != asked.channel:
        errors["channel"] = [gettext("This code is of another channel.")]
    if asked.ends_on and asked.begins_on and asked.ends_on < asked.begins_on:
        errors["ends_on"] = [gettext("The last day comes before the first one.")]
    try:
        row.clean_fields(exclude=["merchant", "campaign", "code", "made_by"])
    except ValidationError as error:
        for field, texts in error.message_dict.items():
            errors.setdefault(field, list(texts))
    if errors:
        raise InvalidInput(fields=errors)
    return row


def add_plan(*, merchant: Merchant, asked: PlanAsked, by: Any) -> ChannelPlan:
    """Write what a channel costs in a period, and what it is to bring. Errors as check_plan."""
    row = check_plan(merchant=merchant, asked=asked, by=by)
    row.save()
    return row


def change_plan(*, plan: ChannelPlan, asked: PlanAsked, by: Any) -> ChannelPlan:
    """Write a plan anew; whose it is stays. Errors as check_plan."""
    row = check_plan(merchant=plan.merchant, asked=asked, by=by, plan=plan)
    row.save(update_fields=list(PlanAsked._fields))
    return row


def remove_plan(*, plan: ChannelPlan, by: Any) -> None:
    """Take away what was entered by mistake. Safe to repeat; raises NotFound, RightMissing, NotTrading."""
    _refuse(by, Right.EDIT_COSTS, plan.merchant_id)
    ChannelPlan.objects.filter(pk=plan.pk).delete()


def add_campaign_code(*, campaign: Campaign, code: Code, by: Any) -> CampaignCode:
    """Let a code count for a campaign from today on: its scans, and orders that it is the last code of.

    Raises RightMissing, NotTrading, NotFound for a code of another business, CodeOfCampaign.
    """
    _refuse(by, Right.EDIT_CAMPAIGNS, campaign.merchant_id)
    if code.merchant_id != campaign.merchant_id:
        raise NotFound
    zone = read_zone(code.store.time_zone if code.store else DEFAULT_ZONE)
    try:
        with transaction.atomic():
            return CampaignCode.objects.create(
                campaign=campaign, code=code, since=now().astimezone(zone).date()
            )
    except IntegrityError:
        raise CodeOfCampaign from None


def make_campaign_code(
    *, campaign: Campaign, name: str, channel: str, store: Store | None, by: Any
) -> Code:
    """A new code that leads to the campaign's page and counts for it.

    Raises NotFound, RightMissing, NotTrading, InvalidInput.
    """
    _refuse(by, Right.EDIT_CAMPAIGNS, campaign.merchant_id)
    asked = CodeAsked(
        kind=Code.Kind.CAMPAIGN,
        name=name,
        store=store,
        target=reverse("campaign_claim", args=[campaign.pk]),
        channel=channel,
    )
    with transaction.atomic():
        code = make_code(merchant=campaign.merchant, asked=asked, by=by)
        add_campaign_code(campaign=campaign, code=code, by=by)
    return code


def _refuse(by: Any, right: Right, merchant_id: int) -> None:
    if by is None:
        return
    refuse_without(user=by, right=right, merchant_id=merchant_id)
    refuse_unless_trading(merchant_id=merchant_id, by=by)
