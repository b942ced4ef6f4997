from __future__ import annotations

from celery import shared_task

from campaigns.services.campaigns import end_campaigns_due
from campaigns.services.coupons import end_coupons_due
from campaigns.services.plans import stop_campaigns_due
from campaigns.services.remind import remind_of_coupons
from campaigns.services.sales import end_sales_due


@shared_task
def end_due() -> int:
    """End campaigns, sales and coupons whose time is over, pause what has met its stop rule; safe to run twice."""
    ended = end_campaigns_due() + end_sales_due() + end_coupons_due()
    return ended + stop_campaigns_due()


@shared_task
def remind_ending() -> int:
    """Remind owners of coupons that end soon; once a day, in the morning."""
    return remind_of_coupons()
