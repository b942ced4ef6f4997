"""The sweeps of this room; each is safe to run twice and side by side."""

from __future__ import annotations

from celery import shared_task

from vouchers.services.expire import expire_due
from vouchers.services.release import release_due
from vouchers.services.remind import remind_due


@shared_task
def release_redemptions() -> int:
    """Make redemptions payable whose undo window is over."""
    return release_due()


@shared_task
def expire_vouchers() -> int:
    """Expire vouchers whose validity is over, with their refunds."""
    return expire_due()


@shared_task
def remind_expiring() -> int:
    """Remind owners of vouchers whose last day comes near; once a day, in the morning."""
    return remind_due()
