from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from o2o.idempotency.services import forget_old_keys
from o2o.outbox.services import drain, forget_done, is_due

DRAIN_SECONDS = 10
"""A worker that is asked to stop ends its task first, so a task is short, however long the queue."""


@shared_task
def drain_outbox() -> int:
    """Drain the outbox with the handlers of settings.OUTBOX_HANDLERS (o2o/reactions.py).

    Asks for another task when events are left after DRAIN_SECONDS.
    """
    done = drain(handlers=import_string(settings.OUTBOX_HANDLERS), seconds=DRAIN_SECONDS)
    if is_due():
        drain_outbox.delay()
    return done


@shared_task
def tidy_up() -> None:
    """Forget finished outbox events and old idempotency keys."""
    forget_done()
    forget_old_keys()
