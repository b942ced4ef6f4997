"""Campaigns with their benefits and conditions; coupons and what became of them."""

from campaigns.models.campaign import Benefit, Campaign, CampaignQuerySet, Condition
from campaigns.models.coupon import Batch, Coupon, CouponUse
from campaigns.models.sale import Place, Sale, SaleItem

__all__ = [
    "Batch",
    "Benefit",
    "Campaign",
    "CampaignQuerySet",
    "Condition",
    "Coupon",
    "CouponUse",
    "Place",
    "Sale",
    "SaleItem",
]
