"""What workers do for the catalog."""

from __future__ import annotations

from celery import shared_task

from catalog.services.prices import refresh_due_prices


@shared_task
def refresh_prices() -> int:
    """Bring the list prices in step with offers that began or ended."""
    return refresh_due_prices()
