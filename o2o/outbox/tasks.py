from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from o2o.idempotency.services import forget_old_keys
from o2o.outbox.services import drain, forget_done


@shared_task
def drain_outbox() -> int:
    """Drain the outbox with the handlers of settings.OUTBOX_HANDLERS (o2o/reactions.py)."""
    return drain(handlers=import_string(settings.OUTBOX_HANDLERS))


@shared_task
def tidy_up() -> None:
    """Forget finished outbox events and old idempotency keys."""
    forget_done()
    forget_old_keys()
