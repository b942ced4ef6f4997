"""Publish reactions and drain them.

`publish` belongs in the transaction of the fact. `drain` belongs in a worker. Redis may
be lost at any moment: it only wakes workers, the rows are in PostgreSQL and a beat sweep
finds what nobody was woken for.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from o2o.clock import now
from o2o.outbox.models import OutboxEvent

logger = logging.getLogger(__name__)

Handler = Callable[..., object]
LEASE_SECONDS = 120
WAKE_TASK = "o2o.outbox.tasks.drain_outbox"
WAKE_SECONDS = 1
_asked: dict[str, float] = {}
_BACKOFF_SECONDS = (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)


def publish(topic: str, /, *, due_at: dt.datetime | None = None, **payload: Any) -> OutboxEvent:
    """Write an outbox row for ``topic``; must be called inside a transaction.

    ``payload`` is JSON-ready: ids and plain values, never objects. Wakes a worker after
    the commit when the row is due at once.
    """
    created_at = now()
    moment = due_at or created_at
    event = OutboxEvent(topic=topic, payload=payload, created_at=created_at, due_at=moment)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outboxevent (topic, payload, created_at, due_at, attempts, error)"
            " VALUES (%s, %s, %s, %s, 0, '') RETURNING id",
            [topic, json.dumps(payload), created_at, moment],
        )
        event.pk = cursor.fetchone()[0]
    if moment <= timezone.now():
        transaction.on_commit(wake_worker, robust=True)
    return event


def wake_worker() -> None:
    """Ask a worker to drain. One message a second is enough; losing it loses nothing.

    This process remembers by itself that it asked; the cache remembers it for all of them.
    """
    moment = time.monotonic()
    if moment < _asked.get("until", 0.0):
        return
    try:
        if cache.add("outbox:awake", 1, timeout=WAKE_SECONDS):
            _asked["until"] = moment + WAKE_SECONDS
            current_app.send_task(WAKE_TASK, ignore_result=True, retry=False)
    except Exception:
        logger.warning("no worker could be woken; the sweep will drain the outbox", exc_info=True)


def drain(
    *,
    handlers: dict[str, Handler],
    batch: int = 50,
    limit: int = 5000,
    seconds: float | None = None,
) -> int:
    """Handle due events until none is left, ``limit`` were tried or ``seconds`` have passed.

    Returns how many succeeded.

    Each event is leased with SKIP LOCKED for LEASE_SECONDS, so any number of workers can
    drain side by side. Handlers take the payload as keyword arguments, open their own
    transactions and are idempotent: a crash between the effect and the tick repeats them.
    A failing event waits longer each time and never blocks the others.
    """
    done = tried = 0
    started = time.monotonic()
    while tried < limit and (seconds is None or time.monotonic() - started < seconds):
        events = _lease(batch)
        if not events:
            break
        for event in events:
            done += _handle(event, handlers)
        tried += len(events)
    return done


def is_due() -> bool:
    """Whether an event waits that nobody has leased."""
    return OutboxEvent.objects.filter(done_at__isnull=True, due_at__lte=timezone.now()).exists()


_LEASE = """
WITH picked AS MATERIALIZED (
    SELECT id FROM outbox_outboxevent WHERE done_at IS NULL AND due_at <= %s
    ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE outbox_outboxevent e SET attempts = e.attempts + 1, due_at = %s
FROM picked WHERE e.id = picked.id RETURNING e.*
"""


def _lease(batch: int) -> list[OutboxEvent]:
    moment = timezone.now()
    until = moment + dt.timedelta(seconds=LEASE_SECONDS)
    with transaction.atomic():
        events = list(OutboxEvent.objects.raw(_LEASE, [moment, batch, until]))
    return sorted(events, key=lambda event: event.pk)


def _handle(event: OutboxEvent, handlers: dict[str, Handler]) -> int:
    try:
        handlers[event.topic](**event.payload)
    except Exception as error:
        logger.exception("outbox event %s failed", event)
        wait = _BACKOFF_SECONDS[min(event.attempts, len(_BACKOFF_SECONDS)) - 1]
        OutboxEvent.objects.filter(pk=event.pk, done_at__isnull=True).update(
            error=f"{type(error).__name__}: {error}"[:2000],
            due_at=timezone.now() + dt.timedelta(seconds=wait),
        )
        return 0
    return OutboxEvent.objects.filter(pk=event.pk, done_at__isnull=True).update(
        done_at=timezone.now(), error=""
    )


def forget_done(*, older_than_days: int = 30) -> int:
    """Delete finished events older than ``older_than_days``; return how many."""
    limit = timezone.now() - dt.timedelta(days=older_than_days)
    return OutboxEvent.objects.filter(done_at__lt=limit).delete()[0]
