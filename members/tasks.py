from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from members.services.accounts import forget_expired_tokens


@shared_task
def tidy_accounts() -> None:
    """Forget API tokens and sessions that have run out."""
    forget_expired_tokens()
    call_command("clearsessions")
