"""What fails for good is parked with its reason, shown to the operator, and tried again on demand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from insights.invariants import INVARIANTS
from insights.services.audit import find_violations
from kernel.outbox.delivery import (
    BACKOFF_SECONDS,
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    expand_events,
    take_next,
)
from kernel.outbox.errors import PermanentFailure
from kernel.outbox.lanes import Consumer, Lane, register_consumers, registered_consumers
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.selectors import failing_events, lane_lag, parked_events
from kernel.outbox.services import drain, forget_done, publish, try_again
from tests.factories import make_user

pytestmark = pytest.mark.django_db


class Handler:
    """Fails with ``error`` as long as it has one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.calls = 0

    def __call__(self, **payload: Any) -> None:
        self.calls += 1
        if self.error:
            raise self.error


@pytest.fixture
def handler():
    """The one consumer of "test.happened", in the money lane."""
    real = dict(registered_consumers())
    handle = Handler(ConnectionError("away"))
    register_consumers({**real, "test.happened": (Consumer("react", handle, Lane.MONEY),)})
    yield handle
    register_consumers(real)


def publish_one() -> OutboxEvent:
    with transaction.atomic():
        return publish("test.happened")


def make_due() -> None:
    Delivery.objects.waiting().update(due_at=timezone.now())


def try_until_parked() -> None:
    for _ in range(MAX_ATTEMPTS):
        make_due()
        drain()


def test_each_failure_waits_longer_and_the_last_one_is_parked(handler) -> None:
    publish_one()
    drain()
    for attempts, wait in enumerate(BACKOFF_SECONDS, start=1):
        delivery = Delivery.objects.get()
        assert (delivery.attempts, delivery.parked_at) == (attempts, None)
        left = (delivery.due_at - timezone.now()).total_seconds()
        assert wait - 2 < left <= wait
        assert drain() == 0 and handler.calls == attempts, "not before its time"
        make_due()
        drain()
    delivery = Delivery.objects.get()
    assert delivery.parked_at is not None
    assert delivery.error == "ConnectionError: away"
    make_due()
    Delivery.objects.update(due_at=timezone.now())
    assert drain() == 0
    assert handler.calls == MAX_ATTEMPTS


def test_what_can_never_work_is_parked_at_once(handler) -> None:
    handler.error = PermanentFailure("550 no such mailbox")
    publish_one()
    drain()
    delivery = Delivery.objects.get()
    assert delivery.parked_at is not None and handler.calls == 1
    assert delivery.error == "PermanentFailure: 550 no such mailbox"
    Delivery.objects.update(due_at=timezone.now())
    assert drain() == 0 and handler.calls == 1, "nobody but a person has it tried again"


def test_an_error_that_no_column_takes_is_written_down_all_the_same(handler) -> None:
    handler.error = ValueError("a\x00b \udcff" + "x" * 5000)
    publish_one()
    publish_one()
    drain()
    assert handler.calls == 2
    for error in Delivery.objects.values_list("error", flat=True):
        assert error.startswith("ValueError: ab ?x") and len(error) == 2000


def test_a_task_that_kills_its_workers_is_parked_in_the_end(handler) -> None:
    handler.error = None
    publish_one()

    class Gone(BaseException):
        """No ordinary failure: the process is gone."""

    handler.error = Gone()  # type: ignore[assignment]
    for _ in range(MAX_ATTEMPTS):
        make_due()
        with pytest.raises(Gone):
            drain()
    make_due()
    drain()
    assert handler.calls == MAX_ATTEMPTS
    assert "did not come back" in Delivery.objects.parked().get().error


def test_a_consumer_this_release_does_not_know_is_tried_later_and_parked_in_the_end(
    handler,
) -> None:
    publish_one()
    drain(limit=0)
    drain()
    Delivery.objects.update(consumer="of_another_release", attempts=0)
    try_until_parked()
    assert "no consumer of_another_release" in Delivery.objects.parked().get().error


def test_a_late_worker_does_not_overrule_the_one_that_took_over(handler) -> None:
    """The lease of a slow worker ran out, another one took the delivery: the slow one's failure is old."""
    publish_one()

    def slow(**payload: Any) -> None:
        Delivery.objects.update(attempts=2, due_at=timezone.now() + dt.timedelta(seconds=100))
        raise ConnectionError("too late")

    drain(consumers={"test.happened": (Consumer("react", slow, Lane.MONEY),)})
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.error) == (2, "")
    assert (delivery.due_at - timezone.now()).total_seconds() > BACKOFF_SECONDS[1]


def test_what_a_worker_has_in_hand_is_nobody_else_s_until_its_lease_is_over(handler) -> None:
    publish_one()
    expand_events(lane=Lane.MONEY, consumers=registered_consumers())
    assert take_next(lane=Lane.MONEY).delivery is not None
    assert take_next(lane=Lane.MONEY).delivery is None
    make_due()
    again = take_next(lane=Lane.MONEY).delivery
    assert again is not None and again.attempts == 2


def test_the_lease_is_longer_than_a_mail_servers_every_step(settings) -> None:
    assert LEASE_SECONDS >= 10 * settings.EMAIL_TIMEOUT


def test_again_starts_counting_anew_and_works(handler) -> None:
    event = publish_one()
    try_until_parked()
    handler.error = None
    assert try_again(event_ids=[event.pk]) == 1
    delivery = Delivery.objects.get()
    assert (delivery.attempts, delivery.parked_at) == (0, None)
    assert drain() == 1
    delivery.refresh_from_db()
    assert delivery.done_at is not None and delivery.error == ""
    assert try_again(event_ids=[event.pk]) == 0, "what is done is not done again"


def test_again_leaves_alone_what_a_worker_has_in_hand(handler) -> None:
    event = publish_one()

    again: list[int] = []

    def meanwhile(**payload: Any) -> None:
        again.append(try_again(event_ids=[event.pk]))

    consumers = {"test.happened": (Consumer("react", meanwhile, Lane.MONEY),)}
    assert drain(consumers=consumers, limit=3) == 1
    assert again == [0]


def test_again_leaves_alone_a_second_try_as_well(handler) -> None:
    event = publish_one()
    drain()
    assert Delivery.objects.get().error == "ConnectionError: away"
    make_due()
    assert take_next(lane=Lane.MONEY).delivery is not None
    assert try_again(event_ids=[event.pk]) == 0
    assert take_next(lane=Lane.MONEY).delivery is None


def test_what_two_workers_did_is_done_once_at_the_moment_of_the_first(handler) -> None:
    """The lease of a slow worker ran out; another has finished before it."""
    publish_one()
    first: list[Delivery] = []

    def slow(**payload: Any) -> None:
        if first:
            return
        first.append(Delivery.objects.get())
        make_due()
        assert drain(consumers=consumers) == 1
        first[0].refresh_from_db()

    consumers = {"test.happened": (Consumer("react", slow, Lane.MONEY),)}
    assert drain(consumers=consumers) == 0
    assert Delivery.objects.get().done_at == first[0].done_at is not None


def test_what_came_to_its_end_after_all_is_not_called_given_up(handler) -> None:
    """Others had given up a worker that was only slow."""
    event = publish_one()

    def slow(**payload: Any) -> None:
        Delivery.objects.update(parked_at=timezone.now(), error="Its worker did not come back.")

    assert drain(consumers={"test.happened": (Consumer("react", slow, Lane.MONEY),)}) == 1
    delivery = Delivery.objects.get()
    assert (delivery.parked_at, delivery.error) == (None, "")
    assert parked_events() == 0
    assert OutboxEvent.objects.with_condition().get(pk=event.pk).condition == "done"


def test_the_operator_finds_what_was_given_up_and_has_it_tried_again(handler) -> None:
    event = publish_one()
    try_until_parked()
    handler.error = None
    client = Client()
    client.force_login(make_user("operator"))
    desk = client.get(reverse("admin:index")).content.decode()
    assert "1 background task was given up" in desk
    url = reverse("admin:outbox_outboxevent_changelist")
    assert event.topic in client.get(url, {"condition": "parked"}).content.decode()
    assert event.topic not in client.get(url, {"condition": "done"}).content.decode()
    change = reverse("admin:outbox_outboxevent_change", args=[event.pk])
    assert "ConnectionError: away" in client.get(change).content.decode()
    answer = client.post(url, {"action": "try_again", "_selected_action": [event.pk]})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "1 task is tried again now."
    ]
    assert drain() == 1
    assert "given up" not in client.get(reverse("admin:index")).content.decode()
    assert event.topic in client.get(url, {"condition": "done"}).content.decode()


def test_lag_counts_waiting_age_and_parked_per_lane(handler, django_assert_num_queries) -> None:
    publish_one()
    try_until_parked()
    publish_one()
    drain()  # fails once, waits
    publish_one()  # nobody has looked yet
    with transaction.atomic():
        publish("test.happened", due_at=timezone.now() + dt.timedelta(hours=1))
    long_ago = timezone.now() - dt.timedelta(minutes=5)
    OutboxEvent.objects.filter(deliveries__isnull=True, due_at__lte=timezone.now()).update(
        due_at=long_ago
    )
    with django_assert_num_queries(1):
        lag = lane_lag()
    assert set(lag) == {"money", "sign-in", "messages", "insight"}
    assert (lag["money"].waiting, lag["money"].parked) == (2, 1)
    assert 300 <= lag["money"].oldest_age_seconds < 310
    assert lag["insight"] == (0, 0.0, 0)
    assert (parked_events(), failing_events()) == (1, 0)


def broken() -> list[str]:
    invariant = next(rule for rule in INVARIANTS if rule.code == "outbox_moves")
    return [finding.subject for finding in find_violations(invariants=(invariant,))]


@pytest.mark.django_db(transaction=True)
def test_what_is_stuck_fails_the_audit_and_what_is_parked_does_not(handler) -> None:
    event = publish_one()
    long_ago = timezone.now() - dt.timedelta(days=2)
    OutboxEvent.objects.update(due_at=long_ago)
    assert broken() == [f"outbox event {event.pk} test.happened"]
    drain(lanes=[Lane.MONEY])
    assert broken() == []
    Delivery.objects.update(due_at=long_ago)
    assert broken() == [f"outbox event {event.pk} test.happened react"]
    try_until_parked()
    Delivery.objects.update(due_at=long_ago)
    assert broken() == []


def test_old_finished_events_are_forgotten_and_parked_ones_kept(handler) -> None:
    kept = publish_one()
    try_until_parked()
    handler.error = None
    gone, young = publish_one(), publish_one()
    drain()
    long_ago = timezone.now() - dt.timedelta(days=31)
    OutboxEvent.objects.exclude(pk=young.pk).update(expanded_at=long_ago)
    Delivery.objects.filter(event=gone).update(done_at=long_ago)
    assert forget_done() == 1
    assert set(OutboxEvent.objects.values_list("pk", flat=True)) == {kept.pk, young.pk}
    assert set(Delivery.objects.values_list("event", flat=True)) == {kept.pk, young.pk}
