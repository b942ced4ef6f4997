"""Audits, and what campaigns and channels brought: plans, parts of orders, sums per day."""

from insights.models.audit import AuditRun
from insights.models.plans import CampaignCode, ChannelPlan
from insights.models.sums import Mark, OrderPart, PartCampaign, ResultDay

__all__ = [
    "AuditRun",
    "CampaignCode",
    "ChannelPlan",
    "Mark",
    "OrderPart",
    "PartCampaign",
    "ResultDay",
]
