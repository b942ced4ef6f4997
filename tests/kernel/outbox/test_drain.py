"""One event, one delivery per consumer: each is handled once, alone, and in bounded time."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kernel.outbox import tasks
from kernel.outbox.lanes import Consumer, Lane, register_consumers, registered_consumers
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import drain, publish

pytestmark = pytest.mark.django_db


def publish_some(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            publish("test.counted", number=number)


@pytest.fixture
def table():
    """A table of the test's own, put in the place of the real one."""
    real = dict(registered_consumers())
    yield register_consumers
    register_consumers(real)


def test_publishing_is_one_statement() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        publish("order.paid", order_id=1)
    assert len(captured) == 1
    assert OutboxEvent.objects.get().payload == {"order_id": 1}
    assert not Delivery.objects.exists()


def test_each_consumer_of_an_event_gets_its_own_delivery_in_its_own_lane() -> None:
    seen: list[str] = []
    consumers = {
        "test.counted": (
            Consumer("books", lambda number: seen.append("books"), Lane.MONEY),
            Consumer("mail", lambda number: seen.append("mail"), Lane.MESSAGES),
        )
    }
    publish_some(1)
    assert drain(lanes=[Lane.MESSAGES], consumers=consumers) == 1
    assert seen == ["mail"]
    rows = [(row.consumer, row.lane, row.done_at is None) for row in Delivery.objects.all()]
    assert rows == [("books", "money", True), ("mail", "messages", False)]
    assert drain(lanes=[Lane.INSIGHT, Lane.SIGN_IN], consumers=consumers) == 0
    assert drain(consumers=consumers) == 1
    assert seen == ["mail", "books"]
    assert OutboxEvent.objects.done().count() == 1


def test_a_failing_consumer_neither_repeats_nor_delays_another() -> None:
    seen: list[int] = []

    def fails(number: int) -> None:
        raise ConnectionError("the server is away")

    consumers = {
        "test.counted": (
            Consumer("first", fails, Lane.MESSAGES),
            Consumer("second", lambda number: seen.append(number), Lane.MESSAGES),
        )
    }
    publish_some(3)
    assert drain(consumers=consumers) == 3
    assert seen == [0, 1, 2]
    Delivery.objects.waiting().update(due_at=OutboxEvent.objects.first().due_at)
    assert drain(consumers=consumers) == 0
    assert seen == [0, 1, 2]
    assert set(Delivery.objects.waiting().values_list("consumer", "attempts")) == {("first", 2)}


def test_what_has_been_due_longest_comes_first() -> None:
    """Whatever was written first: what was to wait and what failed before is older than its turn."""
    seen: list[int] = []
    consumers = {
        "test.counted": (Consumer("count", lambda number: seen.append(number), Lane.INSIGHT),)
    }
    publish_some(3)
    drain(consumers=consumers, limit=1)
    moment = timezone.now()
    for number, minutes in ((1, 3), (2, 7)):
        due_at = moment - dt.timedelta(minutes=minutes)
        Delivery.objects.filter(event__payload__number=number).update(due_at=due_at)
    assert drain(consumers=consumers) == 2
    assert seen == [0, 2, 1]


def test_time_is_looked_at_before_each_delivery() -> None:
    """A batch is nothing a worker holds on to: half a second means half a second."""
    publish_some(5)
    seen: list[int] = []

    def slow(number: int) -> None:
        seen.append(number)
        time.sleep(0.2)

    consumers = {"test.counted": (Consumer("count", slow, Lane.INSIGHT),)}
    assert drain(consumers=consumers, seconds=0) == 0
    assert drain(consumers=consumers, seconds=0.3) == 2
    assert drain(consumers=consumers, seconds=60) == 3
    assert seen == [0, 1, 2, 3, 4]


def test_tries_are_limited() -> None:
    publish_some(5)
    consumers = {"test.counted": (Consumer("count", lambda number: None, Lane.INSIGHT),)}
    assert drain(consumers=consumers, limit=3) == 3
    assert Delivery.objects.waiting().count() == 2


def test_a_task_that_leaves_something_behind_asks_for_another(monkeypatch, table) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks, "wake_lane", asked.append)
    table({"test.counted": (Consumer("count", lambda number: None, Lane.MONEY),)})
    publish_some(1)
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", 0)
    assert tasks.drain_lane("money") == 0
    assert tasks.drain_lane("messages") == 0
    assert asked == ["money"]
    monkeypatch.setattr(tasks, "DRAIN_SECONDS", 10)
    assert tasks.drain_lane("money") == 1
    assert asked == ["money"]


def test_an_unknown_topic_waits_for_a_release_that_knows_it() -> None:
    publish_some(1)
    assert drain(consumers={}, seconds=5) == 0
    event = OutboxEvent.objects.get()
    assert (event.attempts, event.expanded_at) == (1, None), "looked at once, and left alone"
    assert event.due_at > timezone.now()
    assert "No consumer knows this topic" in event.error
    OutboxEvent.objects.update(due_at=event.created_at)
    seen: list[int] = []
    newer = {"test.counted": (Consumer("count", lambda number: seen.append(number), Lane.MONEY),)}
    assert drain(consumers=newer) == 1
    assert seen == [0]
    event.refresh_from_db()
    assert event.error == ""


def test_a_topic_without_consumers_is_done_at_once() -> None:
    publish_some(2)
    assert drain(consumers={"test.counted": ()}) == 0
    assert OutboxEvent.objects.done().count() == 2


def test_two_consumers_of_one_topic_need_two_names(table) -> None:
    same = Consumer("count", lambda number: None, Lane.MONEY)
    with pytest.raises(ValueError, match="one name"):
        table({"test.counted": (same, same)})
