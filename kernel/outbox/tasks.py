from __future__ import annotations

from celery import shared_task

from kernel.idempotency.services import forget_old_keys
from kernel.outbox.services import allow_waking, drain, forget_done, is_due, wake_lane
from kernel.watch.services import try_each

DRAIN_SECONDS = 10
"""A worker that is asked to stop ends its task first, so a task is short, however long the queue."""


@shared_task
def drain_lane(lane: str) -> int:
    """Deliver what is due in ``lane`` by the table of o2o/reactions.py; return how many.

    Ends after DRAIN_SECONDS and the handler in hand, and asks for another task when something
    is left.
    """
    allow_waking(lane)
    done = drain(lanes=[lane], seconds=DRAIN_SECONDS)
    if is_due(lane):
        wake_lane(lane)
    return done


@shared_task
def tidy_up() -> None:
    """Forget finished outbox events and old idempotency keys."""
    steps = [forget_done, forget_old_keys]
    try_each(steps, lambda step: step(), kind="outbox.tidy_up", subject=lambda step: step.__name__)
