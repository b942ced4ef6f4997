"""Many workers at one outbox: every event is handled by one of them."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from kernel.outbox import delivery, services
from kernel.outbox.delivery import Leased, Taken, expand_events, tick
from kernel.outbox.lanes import Consumer, Consumers, Lane
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import drain, publish
from messages.errors import MailInFlight
from messages.models import Notification
from messages.services.email import send_email
from messages.services.notify import notify
from o2o.reactions import CONSUMERS
from payments.models import LedgerTransaction, Refund, SandboxRefund
from tests.factories import make_user
from tests.races.books import at_the_counter, balance, broken, times
from tests.races.together import PATIENCE_SECONDS, together
from vouchers.services.refund import refund_voucher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


PAID = {
    "number": "R1",
    "total_fen": 100,
    "paid_at": None,
    "title_en": "A",
    "title_zh": "一",
    "items": [],
}


def publish_events(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            publish("test.happened", number=number)


def reacting(handle: Callable[..., object]) -> Consumers:
    return {"test.happened": (Consumer("react", handle, Lane.INSIGHT),)}


class Heard:
    """A handler that remembers which event it was called for, and takes its time."""

    def __init__(self, seconds: float = 0) -> None:
        self.numbers: list[int] = []
        self.seconds = seconds

    def __call__(self, *, number: int) -> None:
        self.numbers.append(number)
        time.sleep(self.seconds)

    def worker(self) -> Callable[[], int]:
        return lambda: drain(consumers=reacting(self))


def test_eight_workers_handle_each_event_once() -> None:
    publish_events(60)
    heard = Heard()

    done = together(times(8, heard.worker()))

    assert sum(done) == 60
    assert Counter(heard.numbers) == Counter(range(60))
    assert not OutboxEvent.objects.waiting().exists()
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_slow_handlers_do_not_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease covers one handler: what waits behind a slow one is not taken over by a twin."""
    monkeypatch.setattr(delivery, "LEASE_SECONDS", 1)
    publish_events(4)
    heard = Heard(seconds=0.5)

    def other() -> int:
        time.sleep(1.2)
        return heard.worker()()

    together([heard.worker(), other])

    assert sorted(heard.numbers) == [0, 1, 2, 3]


def test_a_slow_handler_holds_up_no_other_event() -> None:
    publish_events(3)
    free = threading.Event()
    heard: list[int] = []

    def first_hangs(*, number: int) -> None:
        if number == 0:
            assert free.wait(PATIENCE_SECONDS)
        heard.append(number)

    def other() -> int:
        while not Delivery.objects.filter(attempts=1).exists():
            time.sleep(0.01)
        done = drain(consumers=reacting(first_hangs))
        free.set()
        return done

    assert together([lambda: drain(consumers=reacting(first_hangs)), other]) == [1, 2]
    assert heard == [1, 2, 0]


def test_a_message_is_mailed_once_by_workers_beside_each_other(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.members.slow_mail.EmailBackend"
    mail.outbox.clear()
    with transaction.atomic():
        message = notify(
            user_id=make_user().pk, kind="order_paid", params=PAID, link="/", dedupe_key="k"
        )
    assert message is not None

    def send() -> str:
        try:
            send_email(notification_id=message.pk)
        except MailInFlight:
            return "in flight"
        return "sent"

    answers = together(times(4, send))

    assert len(mail.outbox) == 1
    assert "sent" in answers
    message.refresh_from_db()
    assert message.emailed_at is not None
    assert message.dispatches.get().state == "sent"


def test_workers_beside_each_other_send_a_refund_once() -> None:
    counter = at_the_counter(price_fen=6800)
    refund_voucher(owner=counter.owner, voucher_id=counter.voucher.pk)

    together(times(6, drain))

    assert Refund.objects.get().state == "succeeded"
    assert SandboxRefund.objects.count() == 1
    assert (balance("refund_due"), balance("gateway")) == (0, 0)
    assert broken() == set()


def test_control_without_the_lease_lock_two_workers_handle_the_same_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish_events(1)
    heard = Heard()
    barrier = threading.Barrier(2)

    def look_then_take(*, lane: str, finished: Sequence[Leased] = ()) -> Taken:
        ticked = sum(map(tick, finished))
        found = Delivery.objects.due().filter(lane=lane).select_related("event").first()
        if found is None:
            return Taken(ticked, None)
        barrier.wait(PATIENCE_SECONDS)
        later = timezone.now() + dt.timedelta(seconds=delivery.LEASE_SECONDS)
        Delivery.objects.filter(pk=found.pk).update(due_at=later, attempts=1)
        event = found.event
        leased = Leased(found.pk, event.pk, event.topic, event.payload, found.consumer, 1)
        return Taken(ticked, leased)

    expand_events(lane=Lane.INSIGHT, consumers=reacting(heard))
    monkeypatch.setattr(services, "take_next", look_then_take)
    done = together(times(2, heard.worker()))

    assert heard.numbers == [0, 0]
    assert sum(done) == 1  # only the tick is a compare-and-set


def test_an_event_handled_by_two_workers_at_once_changes_things_once() -> None:
    """What the control shows may happen for real after a lease ran out: handlers bear it."""
    counter = at_the_counter(price_fen=6800)
    refund_voucher(owner=counter.owner, voucher_id=counter.voucher.pk)
    refund_id = Refund.objects.get().pk

    for topic in ("refund.requested", "refund.succeeded"):
        for consumer in CONSUMERS[topic]:
            together(times(6, partial(consumer.handle, refund_id=refund_id)))

    assert SandboxRefund.objects.count() == 1
    assert LedgerTransaction.objects.filter(key__startswith="refunded:").count() == 1
    assert OutboxEvent.objects.filter(topic="refund.succeeded").count() == 1
    assert Notification.objects.filter(kind="refund_succeeded").count() == 1
    counter.voucher.refresh_from_db()
    assert counter.voucher.state == "refunded"
    assert broken() == set()


def test_a_leased_event_is_left_alone_until_its_lease_runs_out() -> None:
    publish_events(1)
    heard = Heard()

    def dies(**payload: Any) -> None:
        raise SystemExit  # no ordinary failure: the process is gone

    with pytest.raises(SystemExit):
        drain(consumers=reacting(dies))

    assert heard.worker()() == 0
    past = timezone.now() - dt.timedelta(seconds=1)
    Delivery.objects.update(due_at=past)
    assert heard.worker()() == 1
    assert heard.numbers == [0]
