"""A database of the release before deliveries upgrades in place: what waited is delivered."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from kernel.outbox.lanes import Consumer, Lane
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import drain

BEFORE, AFTER = [("outbox", "0001_initial")], [("outbox", "0003_request_id")]
INSERT = (
    "INSERT INTO outbox_outboxevent (topic, payload, created_at, due_at, attempts, error, done_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def migrate(target: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(target)


@pytest.mark.django_db(transaction=True)
def test_events_that_waited_are_delivered_and_those_done_stay_done() -> None:
    moment, later = timezone.now(), timezone.now() + dt.timedelta(hours=1)
    migrate(BEFORE)
    try:
        with connection.cursor() as cursor:
            for number, due, attempts, error, done in (
                (1, moment, 0, "", moment),  # finished
                (2, moment, 0, "", None),  # waits
                (3, moment, 4, "ConnectionError: away", None),  # failed and waits
                (4, later, 0, "", None),  # planned
            ):
                payload = f'{{"number": {number}}}'
                cursor.execute(INSERT, ["test", payload, moment, due, attempts, error, done])
    finally:
        migrate(AFTER)
    with connection.cursor() as cursor:  # the old release still runs beside the new one
        cursor.execute(
            "INSERT INTO outbox_outboxevent (topic, payload, created_at, due_at, attempts, error)"
            " VALUES ('test', '{\"number\": 5}', %s, %s, 0, '')",
            [moment, moment],
        )
    seen: list[int] = []
    consumers = {"test": (Consumer("see", lambda number: seen.append(number), Lane.MONEY),)}
    assert drain(consumers=consumers) == 3
    assert seen == [2, 3, 5]
    assert OutboxEvent.objects.waiting().get().payload == {"number": 4}
    assert not OutboxEvent.objects.exclude(error="").exists()
    OutboxEvent.objects.unexpanded().update(due_at=moment)
    drain(consumers=consumers)
    assert seen == [2, 3, 5, 4]
    assert Delivery.objects.count() == 4
