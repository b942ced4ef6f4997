"""The two steps of a worker: expand events into deliveries, then try those.

Each step is one statement and no transaction stays open while a handler runs.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, models
from django.utils import timezone

from kernel.db.prepared import Change, Statement
from kernel.outbox.errors import PermanentFailure
from kernel.outbox.lanes import Consumer, Consumers, Happening, Lane
from kernel.outbox.models import Delivery
from kernel.watch.logs import as_request

logger = logging.getLogger(__name__)

LEASE_SECONDS = 120
"""Longer than any handler: a mail or a gateway answers or times out within half a minute."""
EXPAND_BATCH = 100
TOGETHER = 20
"""Deliveries that one call handles at most; they are in one transaction, so it is short."""
TOGETHER_NEAR = 60
"""How many that are due are looked at for them: a bound however many wait."""
BACKOFF_SECONDS = (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600)
"""Waits between tries, some ten hours in all; a delivery that fails once more is parked."""
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1

# An event goes to the lanes of its consumers; an unknown one is left for a release that knows it.
_EXPAND = """
WITH known AS MATERIALIZED (
    SELECT * FROM unnest(%(topics)s::text[], %(consumers)s::text[], %(lanes)s::text[])
        WITH ORDINALITY AS known (topic, consumer, lane, place)
), picked AS MATERIALIZED (
    SELECT id, topic, due_at FROM outbox_outboxevent
    WHERE done_at IS NULL AND due_at <= %(now)s
      AND (topic = ANY(%(mine)s) OR NOT topic = ANY(%(all)s))
    ORDER BY due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), made AS (
    INSERT INTO outbox_delivery (event_id, consumer, lane, due_at, attempts, error)
    SELECT picked.id, known.consumer, known.lane, picked.due_at, 0, ''
    FROM picked JOIN known USING (topic) ORDER BY picked.due_at, picked.id, known.place
    ON CONFLICT (event_id, consumer) DO NOTHING
    RETURNING lane
), moved AS (
    UPDATE outbox_outboxevent e SET
        done_at = CASE WHEN e.topic = ANY(%(all)s) THEN %(now)s::timestamptz END,
        attempts = CASE WHEN e.topic = ANY(%(all)s) THEN 0 ELSE LEAST(e.attempts + 1, 999) END,
        error = CASE WHEN e.topic = ANY(%(all)s) THEN '' ELSE 'No consumer knows this topic.' END,
        due_at = CASE WHEN e.topic = ANY(%(all)s) THEN e.due_at ELSE %(later)s END
    FROM picked WHERE e.id = picked.id
    RETURNING e.id
)
SELECT (SELECT count(*) FROM moved), ARRAY(SELECT DISTINCT lane FROM made)
"""

# What is done is ticked off with the same statement that takes the next one. The one that is ticked
# was leased, so it is not due and never the one that is taken.
_TAKE = Statement(
    """
WITH ticked AS (
    UPDATE outbox_delivery SET done_at = %s, parked_at = NULL, error = ''
    WHERE id = ANY(%s) AND done_at IS NULL
    RETURNING id
), taken AS (
    UPDATE outbox_delivery d SET attempts = d.attempts + 1, due_at = %s, error = ''
    FROM outbox_outboxevent e
    WHERE e.id = d.event_id AND d.id = (
        SELECT id FROM outbox_delivery
        WHERE lane = %s AND done_at IS NULL AND parked_at IS NULL AND due_at <= %s
          AND NOT id = ANY(%s)
        ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING d.id, d.event_id, e.topic, e.payload, d.consumer, d.attempts, e.request_id
)
SELECT (SELECT count(*) FROM ticked)::bigint, t.id::bigint, t.event_id::bigint, t.topic::text,
    t.payload::text, t.consumer::text, t.attempts::bigint, t.request_id::text
FROM (SELECT 1) AS one LEFT JOIN taken t ON true
""",
    *("timestamptz", "bigint[]", "timestamptz", "text", "timestamptz", "bigint[]"),
)
# Of the next ones of the lane, those that the same consumer has never tried. What was tried before,
# and may be what a batch failed by, is tried alone.
_TAKE_MORE = Statement(
    """
WITH near AS MATERIALIZED (
    SELECT id FROM outbox_delivery
    WHERE lane = %s AND done_at IS NULL AND parked_at IS NULL AND due_at <= %s
    ORDER BY due_at, id LIMIT %s
), free AS MATERIALIZED (
    SELECT d.id FROM outbox_delivery d JOIN near ON near.id = d.id
    JOIN outbox_outboxevent e ON e.id = d.event_id
    WHERE d.consumer = %s AND e.topic = %s AND d.attempts = 0
      AND d.done_at IS NULL AND d.parked_at IS NULL
    ORDER BY d.due_at, d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED
)
UPDATE outbox_delivery d SET attempts = 1, due_at = %s, error = ''
FROM outbox_outboxevent e, free WHERE d.id = free.id AND e.id = d.event_id
RETURNING d.id::bigint, d.event_id::bigint, e.topic::text, e.payload::text, d.consumer::text,
    d.attempts::bigint, e.request_id::text
""",
    *("text", "timestamptz", "bigint", "text", "text", "bigint", "timestamptz"),
)


class Expanded(NamedTuple):
    """How many events were looked at, and the lanes that got something to do."""

    events: int
    lanes: set[str]


class Taken(NamedTuple):
    """How many of those before this call ticked off, and what there is to do now."""

    ticked: int
    delivery: Leased | None


class Leased(NamedTuple):
    """A delivery in a worker's hands; ``attempts`` counts this one and names the lease."""

    pk: int
    event_id: int
    topic: str
    payload: dict[str, Any]
    consumer: str
    attempts: int
    request_id: str = ""


def expand_events(*, lane: str, consumers: Consumers, batch: int = EXPAND_BATCH) -> Expanded:
    """Write the deliveries of up to ``batch`` due events that ``lane`` has a consumer for.

    One statement with SKIP LOCKED; all consumers of an event get theirs at once, also those of
    other lanes. An event whose topic is not in the table is tried again later and never lost.
    """
    rows = [
        (topic, consumer.name, str(consumer.lane))
        for topic, some in consumers.items()
        for consumer in some
    ]
    mine = {topic for topic, _name, of in rows if of == lane}
    if lane == Lane.INSIGHT:  # nobody waits for these, and some lane has to tick them off
        mine |= {topic for topic, some in consumers.items() if not some}
    moment = timezone.now()
    values: dict[str, Any] = {
        "topics": [row[0] for row in rows],
        "consumers": [row[1] for row in rows],
        "lanes": [row[2] for row in rows],
        "mine": sorted(mine),
        "all": sorted(consumers),
        "now": moment,
        "later": moment + dt.timedelta(seconds=BACKOFF_SECONDS[3]),
        "batch": batch,
    }
    with connection.cursor() as cursor:
        cursor.execute(_EXPAND, values)
        events, lanes = cursor.fetchone()
    return Expanded(events, set(lanes))


def take_next(*, lane: str, finished: Sequence[Leased] = ()) -> Taken:
    """Tick off what is ``finished`` and lease the delivery of ``lane`` that has been due longest; one statement.

    Whoever comes next takes the next one: a slow handler holds its own delivery, for LEASE_SECONDS,
    and no other.
    """
    moment = timezone.now()
    until = moment + dt.timedelta(seconds=LEASE_SECONDS)
    done = [delivery.pk for delivery in finished]
    values = (moment, done, until, str(lane), moment, done)
    ((ticked, pk, event_id, topic, payload, *rest),) = _TAKE.rows(*values)
    if pk is None:
        return Taken(ticked, None)
    return Taken(ticked, Leased(pk, event_id, topic, json.loads(payload), *rest))


def knows_together(delivery: Leased, *, consumers: Consumers) -> bool:
    """Whether its consumer can do several at once."""
    return any(
        consumer.name == delivery.consumer and consumer.together
        for consumer in consumers.get(delivery.topic, ())
    )


def take_more(first: Leased, *, lane: str, most: int) -> list[Leased]:
    """Lease up to ``most`` others that are due and mean the same consumer as ``first``; one statement.

    None of what was tried before: what has failed, alone or with others, is tried alone.
    """
    if most < 1 or first.attempts > 1:
        return []
    moment = timezone.now()
    until = moment + dt.timedelta(seconds=LEASE_SECONDS)
    asked = (str(lane), moment, TOGETHER_NEAR, first.consumer, first.topic, most, until)
    return [
        Leased(pk, event_id, topic, json.loads(payload), *rest)
        for pk, event_id, topic, payload, *rest in sorted(_TAKE_MORE.rows(*asked))
    ]


def handle_together(deliveries: Sequence[Leased], *, consumers: Consumers) -> list[Leased]:
    """Run the handler of several of one consumer once; return those that are to be ticked off.

    Where that fails, each is run alone (`handle`), so one that can't be handled is no other's harm.
    """
    if len(deliveries) > 1:
        first = deliveries[0]
        try:
            together = _consumer_of(first, consumers).together
            assert together is not None  # `knows_together`
            with as_request(first.request_id, deliveries=[one.pk for one in deliveries]):
                together([Happening(one.payload, one.request_id) for one in deliveries])
        except Exception as error:
            logger.warning("outbox: %s failed together: %s", first.consumer, type(error).__name__)
        else:
            return list(deliveries)
    return [one for one in deliveries if handle(one, consumers=consumers)]


def handle(delivery: Leased, *, consumers: Consumers) -> bool:
    """Run the handler of a leased delivery; True when it is to be ticked off (`take_next`, `tick`).

    A failure is written down and tried again after BACKOFF_SECONDS. It is parked, with its reason, after
    MAX_ATTEMPTS or at once for a PermanentFailure. Every line that is logged meanwhile, and every
    task and event that comes of it, carries the id of the request that wrote the event.
    """
    with as_request(delivery.request_id, delivery=delivery.pk):
        return _handled(delivery, consumers)


def _handled(delivery: Leased, consumers: Consumers) -> bool:
    if delivery.attempts > MAX_ATTEMPTS:
        _park(delivery, "Its worker did not come back, time after time.")
        return False
    try:
        _consumer_of(delivery, consumers).handle(**delivery.payload)
    except Exception as error:
        logger.exception("outbox: %s of event %s failed", delivery.consumer, delivery.event_id)
        _fail(delivery, error)
        return False
    return True


def tick(delivery: Leased) -> bool:
    """Say that it is done, where nothing is taken after it; False when somebody else said so."""
    return bool(_done.rows(delivery.pk, timezone.now()))


_done = Change(
    lambda delivery_id, moment: (
        Delivery.objects.filter(pk=delivery_id, done_at__isnull=True),
        {"done_at": moment, "parked_at": None, "error": ""},
    ),
    *(int, dt.datetime),
)


def _consumer_of(delivery: Leased, consumers: Consumers) -> Consumer:
    for consumer in consumers.get(delivery.topic, ()):
        if consumer.name == delivery.consumer:
            return consumer
    raise LookupError(f"this release has no consumer {delivery.consumer} of {delivery.topic}")


def _fail(delivery: Leased, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, PermanentFailure) or delivery.attempts >= MAX_ATTEMPTS:
        _park(delivery, reason)
        return
    wait = dt.timedelta(seconds=BACKOFF_SECONDS[delivery.attempts - 1])
    _mine(delivery).update(error=_storable(reason), due_at=timezone.now() + wait)


def _park(delivery: Leased, reason: str) -> None:
    logger.error("outbox: %s of event %s is parked", delivery.consumer, delivery.event_id)
    _mine(delivery).update(error=_storable(reason), parked_at=timezone.now())


def _mine(delivery: Leased) -> models.QuerySet[Delivery]:
    """The row, unless somebody else has taken or finished it since: then their word counts."""
    return Delivery.objects.waiting().filter(pk=delivery.pk, attempts=delivery.attempts)


def _storable(text: str) -> str:
    """What PostgreSQL takes: no NUL, no half characters."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:2000]
