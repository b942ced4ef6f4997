from __future__ import annotations

from collections.abc import Callable

from celery import shared_task
from django.core.management import call_command
from django.db import transaction

from kernel.watch.services import try_each
from members.services.accounts import forget_expired_tokens


@shared_task
def tidy_accounts() -> None:
    """Forget API tokens and sessions that have run out."""
    try_each(
        [forget_expired_tokens, forget_expired_sessions],
        _do,
        kind="members.tidy",
        subject=lambda step: step.__name__,
    )


def _do(step: Callable[[], int]) -> int:
    with transaction.atomic():
        return step()


def forget_expired_sessions() -> int:
    """Delete sessions that have run out."""
    call_command("clearsessions")
    return 0
