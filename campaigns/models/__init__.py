"""Campaigns: what they give and when, coupons, each use of them, and what was planned."""

from campaigns.models.campaign import Campaign, CampaignQuerySet
from campaigns.models.code import CouponCode, CouponGrant, CouponRevocation
from campaigns.models.coupon import Batch, Coupon, CouponUse
from campaigns.models.funder import Funder
from campaigns.models.plan import Plan, PlanAnswer, PlanChannel
from campaigns.models.sale import Place, Sale, SaleItem
from campaigns.models.terms import Benefit, Condition
from campaigns.models.use import AutomaticUse

__all__ = [
    "AutomaticUse",
    "Batch",
    "Benefit",
    "Campaign",
    "CampaignQuerySet",
    "Condition",
    "Coupon",
    "CouponCode",
    "CouponGrant",
    "CouponRevocation",
    "CouponUse",
    "Funder",
    "Place",
    "Plan",
    "PlanAnswer",
    "PlanChannel",
    "Sale",
    "SaleItem",
]
