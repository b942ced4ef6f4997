"""Pages of this room that codes lead to (stores.codes.targets): a campaign, from its poster or link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from campaigns.models import Campaign
from campaigns.selectors import with_terms
from campaigns.terms import terms_of
from campaigns.wording import headline
from stores.codes.targets import Page, register_target
from stores.models import Merchant


def register() -> None:
    """The page where a coupon is claimed, and for codes of the platform the coupon centre."""
    register_target("campaign_claim", _campaign)
    register_target("coupon_centre", _centre)


def _campaign(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    """Until it is over: then its codes lead to the store or the business."""
    rows = with_terms(Campaign.objects.filter(pk=parts["pk"])).exclude(state=Campaign.State.DRAFT)
    rows = rows.filter(merchant__state=Merchant.State.APPROVED)
    found = (rows.filter(merchant=merchant_id) if merchant_id else rows).first()
    if found is None or found.is_over():
        return None
    label = f"{found.name} · {headline(terms_of(found))}"
    return Page(reverse("campaign_claim", args=[found.pk]), label)


def _centre(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    return None if merchant_id else Page(reverse("coupon_centre"), gettext("Coupon centre"))
