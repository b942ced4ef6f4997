"""Campaigns with their benefits and conditions; coupons and what became of them."""

from campaigns.models.campaign import Benefit, Campaign, CampaignQuerySet, Condition
from campaigns.models.code import CouponCode, CouponGrant, CouponRevocation
from campaigns.models.coupon import Batch, Coupon, CouponUse

__all__ = [
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
]
