"""What workers do for the back office."""

from __future__ import annotations

from celery import shared_task

from stores.services import kept_pictures


@shared_task
def sweep_kept_pictures() -> int:
    """Delete pictures that were chosen in a form and can't be used any more."""
    return kept_pictures.sweep_kept_pictures()
