"""What waits in the lanes, for metrics and the operator."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from kernel.outbox.lanes import Lane, registered_consumers
from kernel.outbox.models import Delivery, OutboxEvent

# An event that is due but not expanded yet waits in each lane it is meant for.
_LAG = """
WITH known AS MATERIALIZED (
    SELECT DISTINCT * FROM unnest(%(topics)s::text[], %(lanes)s::text[]) AS known (topic, lane)
), rows AS (
    SELECT d.lane, FALSE AS parked, e.due_at
    FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
    WHERE d.done_at IS NULL AND d.parked_at IS NULL
    UNION ALL
    SELECT d.lane, TRUE, NULL FROM outbox_delivery d
    WHERE d.done_at IS NULL AND d.parked_at IS NOT NULL
    UNION ALL
    SELECT known.lane, FALSE, e.due_at FROM outbox_outboxevent e JOIN known USING (topic)
    WHERE e.done_at IS NULL AND e.due_at <= %(now)s
)
SELECT lane,
    count(*) FILTER (WHERE NOT parked),
    COALESCE(EXTRACT(EPOCH FROM %(now)s - min(due_at)), 0)::float,
    count(*) FILTER (WHERE parked)
FROM rows GROUP BY lane
"""


class LaneLag(NamedTuple):
    """How far a lane is behind.

    ``waiting`` counts what is due and not finished, also what a worker holds or will try
    again; ``oldest_age_seconds`` is how long the oldest of it has been due, 0 when nothing
    waits; ``parked`` counts what was given up and needs a person.
    """

    waiting: int
    oldest_age_seconds: float
    parked: int


def lane_lag() -> dict[str, LaneLag]:
    """The lag of every lane, also of the idle ones. One query over what is not done."""
    pairs = [
        (topic, str(consumer.lane))
        for topic, consumers in registered_consumers().items()
        for consumer in consumers
    ]
    values: dict[str, Any] = {
        "topics": [topic for topic, _lane in pairs],
        "lanes": [lane for _topic, lane in pairs],
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LAG, values)
        found = {lane: LaneLag(*figures) for lane, *figures in cursor.fetchall()}
    return {str(lane): found.get(str(lane), LaneLag(0, 0.0, 0)) for lane in Lane}


def failing_events() -> int:
    """How many events keep failing (`OutboxEventQuerySet.failing`), by index."""
    unexpanded = OutboxEvent.objects.unexpanded().failing().count()
    return unexpanded + Delivery.objects.failing().values("event").distinct().count()


def parked_events() -> int:
    """How many events have something that was given up (`OutboxEventQuerySet.parked`), by index."""
    return Delivery.objects.parked().values("event").distinct().count()


def parked_deliveries() -> int:
    """How many single tasks were given up."""
    return Delivery.objects.parked().count()
