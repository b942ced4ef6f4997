"""Publish events, drain a lane, try again what was given up.

`publish` belongs in the transaction of what it tells. `drain` belongs in a worker. Redis may
be lost at any moment: it only wakes workers, the rows are in PostgreSQL and a beat sweep
finds what nobody was woken for.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from kernel.clock import now
from kernel.db.prepared import Statement
from kernel.outbox.delivery import (
    TOGETHER,
    Leased,
    expand_events,
    handle_together,
    knows_together,
    take_more,
    take_next,
    tick,
)
from kernel.outbox.lanes import Consumers, Lane, lanes_of, registered_consumers
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.watch.logs import current_request_id

logger = logging.getLogger(__name__)

DRAIN_TASK = "kernel.outbox.tasks.drain_lane"
WAKE_SECONDS = 1
WAKE_EXPIRES_SECONDS = 60
"""A message that no worker took for so long has been overtaken by beat's sweep."""
_asked: dict[str, float] = {}


_PUBLISH = Statement(
    "INSERT INTO outbox_outboxevent"
    " (topic, payload, created_at, due_at, attempts, error, request_id)"
    " VALUES (%s, %s, %s, %s, 0, '', %s) RETURNING id::bigint",
    *("text", "jsonb", "timestamptz", "timestamptz", "text"),
)


def publish(topic: str, /, *, due_at: dt.datetime | None = None, **payload: Any) -> OutboxEvent:
    """Write an outbox row for ``topic``; must be called inside a transaction.

    ``payload`` is JSON-ready: ids and plain values, never objects, and never a secret (a token,
    a code): it lies in the database and is shown to the operator. A handler makes the secret
    when it needs it. The row remembers the request that wrote it, so that the lines its deliveries
    log are found by the same id. Wakes the workers of the lanes concerned after the commit when the row is
    due at once.
    """
    created_at = now()
    moment = due_at or created_at
    event = OutboxEvent(
        topic=topic,
        payload=payload,
        created_at=created_at,
        due_at=moment,
        request_id=current_request_id(),
    )
    values = (topic, json.dumps(payload), created_at, moment, event.request_id)
    event.pk = _PUBLISH.rows(*values)[0][0]
    if moment <= timezone.now():
        transaction.on_commit(partial(_wake_lanes_of, topic), robust=True)
    return event


_PUBLISH_MANY = """
INSERT INTO outbox_outboxevent (topic, payload, created_at, due_at, attempts, error, request_id)
SELECT %s, payload::jsonb, %s, %s, 0, '', request
FROM unnest(%s::text[], %s::text[]) AS row (payload, request)
"""


def publish_many(
    topic: str, payloads: Sequence[Mapping[str, Any]], /, *, request_ids: Sequence[str] = ()
) -> None:
    """Write one outbox row for each of ``payloads``, due at once, as `publish` would; one statement.

    ``request_ids`` says of each whose it is, where they come of several requests.
    """
    if not payloads:
        return
    moment = now()
    texts = [json.dumps(payload) for payload in payloads]
    requests = list(request_ids) or [current_request_id()] * len(texts)
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISH_MANY, [topic, moment, moment, texts, requests])
    if moment <= timezone.now():
        transaction.on_commit(partial(_wake_lanes_of, topic), robust=True)


def _wake_lanes_of(topic: str) -> None:
    """Wake from a process that publishes much: it remembers by itself whom it asked lately.

    Sign-in is not held back: a person waits in front of the screen.
    """
    moment = time.monotonic()
    for lane in lanes_of(topic):
        if lane == Lane.SIGN_IN or moment >= _asked.get(lane, 0.0):
            _asked[lane] = moment + WAKE_SECONDS
            wake_lane(lane)


def wake_lane(lane: str) -> None:
    """Ask a worker of ``lane`` to drain it; losing the message loses nothing.

    One message at a time waits in the queue: the worker that takes it allows the next one
    before it looks (`allow_waking`), so nothing that was committed before is overlooked.
    """
    try:
        if cache.add(_awake(lane), 1, timeout=WAKE_SECONDS):
            current_app.send_task(
                DRAIN_TASK,
                args=[str(lane)],
                queue=str(lane),
                expires=WAKE_EXPIRES_SECONDS,
                ignore_result=True,
                retry=False,
            )
    except Exception:
        logger.warning("no worker could be woken; the sweep will drain the outbox", exc_info=True)


def allow_waking(lane: str) -> None:
    """A worker is about to look: whoever publishes from now on wakes another."""
    cache.delete(_awake(lane))


def _awake(lane: str) -> str:
    return f"outbox:awake:{lane}"


def drain(
    *,
    lanes: Sequence[str] = tuple(Lane),
    consumers: Consumers | None = None,
    limit: int = 5000,
    seconds: float | None = None,
) -> int:
    """Deliver what is due in ``lanes``, lane by lane, until nothing is left; return how many.

    Stops after ``limit`` tries or ``seconds``, which are looked at before each: it ends at the
    latest one handler later. ``consumers`` is the table of o2o/reactions.py unless given.

    Each delivery is leased alone with SKIP LOCKED, so any number of workers can drain side by
    side. Handlers take the payload as keyword arguments, open their own transactions and are
    idempotent: a crash between the effect and the tick repeats them. A failing delivery waits
    longer each time and never holds up another one, of this event or of others. Up to TOGETHER of
    a consumer that can do several at once are leased and handled with one call.
    """
    table = registered_consumers() if consumers is None else consumers
    ends_at = None if seconds is None else time.monotonic() + seconds
    done = tried = 0
    found = True
    while found:
        found = False
        for lane in lanes:
            finished: list[Leased] = []
            while tried < limit and not _is_over(ends_at):
                ticked, delivery = take_next(lane=lane, finished=finished)
                done += ticked
                finished = []
                if delivery is None:
                    if not _expand(lane, lanes, table):
                        break
                    continue
                found = True
                batch = [delivery]
                if knows_together(delivery, consumers=table):
                    most = min(TOGETHER, limit - tried) - 1
                    batch += take_more(delivery, lane=lane, most=most)
                tried += len(batch)
                finished = handle_together(batch, consumers=table)
            done += sum(map(tick, finished))
    return done


def _is_over(ends_at: float | None) -> bool:
    return ends_at is not None and time.monotonic() >= ends_at


def _expand(lane: str, lanes: Sequence[str], table: Consumers) -> bool:
    """Expand a batch and wake the other lanes that got something; False when nothing was due."""
    expanded = expand_events(lane=str(lane), consumers=table)
    for other in sorted(expanded.lanes - {str(name) for name in lanes}):
        wake_lane(other)
    return expanded.events > 0


def is_due(lane: str) -> bool:
    """Whether something waits in ``lane`` that nobody has leased."""
    topics = [topic for topic in registered_consumers() if lane in lanes_of(topic)]
    moment = timezone.now()
    return (
        Delivery.objects.due().filter(lane=lane).exists()
        or OutboxEvent.objects.unexpanded().filter(due_at__lte=moment, topic__in=topics).exists()
    )


def try_again(*, event_ids: Iterable[int]) -> int:
    """Have everything unfinished of these events tried again now; return how many deliveries.

    What was parked is no longer, and counts its tries from the beginning. What a worker is
    trying at this moment is left to it. Wakes the lanes concerned.
    """
    ids = list(event_ids)
    moment = timezone.now()
    with transaction.atomic():
        unexpanded = OutboxEvent.objects.unexpanded().filter(pk__in=ids)
        topics = list(unexpanded.values_list("topic", flat=True))
        unexpanded.update(due_at=moment)
        rows = Delivery.objects.filter(event__in=ids, done_at__isnull=True)
        rows = rows.exclude(error="", parked_at__isnull=True, attempts__gt=0)
        lanes = set(rows.values_list("lane", flat=True))
        count = rows.update(due_at=moment, attempts=0, parked_at=None)
    for lane in lanes.union(*map(lanes_of, topics)):
        wake_lane(lane)
    return count


_FORGET = """
WITH old AS MATERIALIZED (
    SELECT id FROM outbox_outboxevent e WHERE e.done_at < %s AND NOT EXISTS (
        SELECT 1 FROM outbox_delivery d WHERE d.event_id = e.id
        AND (d.done_at IS NULL OR d.done_at >= %s)
    ) LIMIT %s
), gone AS (
    DELETE FROM outbox_delivery d USING old WHERE d.event_id = old.id
)
DELETE FROM outbox_outboxevent e USING old WHERE e.id = old.id
"""


def forget_done(*, older_than_days: int = 30, batch: int = 5000) -> int:
    """Delete events whose consumers all finished ``older_than_days`` ago; return how many.

    What is parked or still waiting is kept, however old.
    """
    limit = timezone.now() - dt.timedelta(days=older_than_days)
    gone = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FORGET, [limit, limit, batch])
            count = cursor.rowcount
        gone += count
        if count < batch:
            return gone
