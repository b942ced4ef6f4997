"""A worker's task over the outbox is short, however long the queue is."""

from __future__ import annotations

import pytest
from django.db import transaction

from o2o.outbox import tasks
from o2o.outbox.models import OutboxEvent
from o2o.outbox.services import drain, publish

pytestmark = pytest.mark.django_db


def publish_some(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            publish("test.counted", number=number)


def test_time_is_up_after_the_batch_in_hand_and_the_rest_waits() -> None:
    publish_some(5)
    seen: list[int] = []
    handlers = {"test.counted": lambda number: seen.append(number)}
    assert drain(handlers=handlers, batch=2, seconds=0) == 0
    assert drain(handlers=handlers, batch=2, seconds=60) == 5
    assert seen == [0, 1, 2, 3, 4]


def test_a_task_that_leaves_events_behind_asks_for_another(monkeypatch, settings) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.drain_outbox, "delay", lambda: asked.append(1))
    publish_some(1)
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", 0)
    assert tasks.drain_outbox() == 0
    assert asked == [1]
    OutboxEvent.objects.all().delete()
    assert tasks.drain_outbox() == 0
    assert asked == [1]
