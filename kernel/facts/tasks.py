from __future__ import annotations

from celery import shared_task

from kernel.facts.services import forget_old_facts, keep_months


@shared_task
def keep_fact_months() -> None:
    """Make the months of facts ahead, and drop those that were kept long enough."""
    keep_months()
    forget_old_facts()
