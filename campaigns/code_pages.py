"""The page of this room that codes lead to (stores.codes.targets)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from campaigns.models import Campaign
from stores.codes.targets import Page, register_target


def register() -> None:
    """The page of a campaign, until it is over: then its codes lead to the store or the business."""
    register_target("campaign_claim", _campaign)


def _campaign(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    rows = Campaign.objects.filter(pk=parts["pk"])
    row = (rows.filter(merchant=merchant_id) if merchant_id else rows).first()
    if row is None or row.is_over():
        return None
    return Page(reverse("campaign_claim", args=[row.pk]), row.name)
