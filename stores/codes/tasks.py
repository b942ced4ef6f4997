from __future__ import annotations

from celery import shared_task

from stores.codes.touches import forget_old_touches, keep_months


@shared_task
def keep_touch_months() -> None:
    """Make the months of touches ahead, and drop those that were kept long enough."""
    keep_months()
    forget_old_touches()
