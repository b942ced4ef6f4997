"""Many workers at one outbox: every event is handled by one of them."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from members.models import Notification
from o2o.outbox import services
from o2o.outbox.models import OutboxEvent
from o2o.outbox.services import drain, publish
from o2o.reactions import HANDLERS
from payments.models import LedgerTransaction, Refund, SandboxRefund
from tests.races.books import at_the_counter, balance, broken, times
from tests.races.together import PATIENCE_SECONDS, together
from vouchers.services.refund import refund_voucher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def publish_events(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            publish("test.happened", number=number)


class Heard:
    """A handler that remembers which event it was called for."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def __call__(self, *, number: int) -> None:
        self.numbers.append(number)

    def worker(self) -> Callable[[], int]:
        return lambda: drain(handlers={"test.happened": self}, batch=5)


def test_eight_workers_handle_each_event_once() -> None:
    publish_events(60)
    heard = Heard()

    done = together(times(8, heard.worker()))

    assert sum(done) == 60
    assert Counter(heard.numbers) == Counter(range(60))
    assert not OutboxEvent.objects.waiting().exists()
    assert set(OutboxEvent.objects.values_list("attempts", flat=True)) == {1}


def test_workers_beside_each_other_send_a_refund_once() -> None:
    counter = at_the_counter(price_fen=6800)
    refund_voucher(owner=counter.owner, voucher_id=counter.voucher.pk)

    together(times(6, lambda: drain(handlers=HANDLERS)))

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

    def look_then_lease(batch: int) -> list[OutboxEvent]:
        moment = timezone.now()
        events = list(OutboxEvent.objects.waiting().filter(due_at__lte=moment)[:batch])
        if events:
            barrier.wait(PATIENCE_SECONDS)
        later = moment + dt.timedelta(seconds=services.LEASE_SECONDS)
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(due_at=later)
        return events

    monkeypatch.setattr(services, "_lease", look_then_lease)
    done = together(times(2, heard.worker()))

    assert heard.numbers == [0, 0]
    assert sum(done) == 1  # only the tick is a compare-and-set


def test_an_event_handled_by_two_workers_at_once_changes_things_once() -> None:
    """What the control shows may happen for real after a lease ran out: handlers bear it."""
    counter = at_the_counter(price_fen=6800)
    refund_voucher(owner=counter.owner, voucher_id=counter.voucher.pk)
    refund_id = Refund.objects.get().pk
    requested = OutboxEvent.objects.get(topic="refund.requested")

    together(times(6, lambda: HANDLERS["refund.requested"](**requested.payload)))
    together(times(6, lambda: HANDLERS["refund.succeeded"](refund_id=refund_id)))

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
        drain(handlers={"test.happened": dies})

    assert heard.worker()() == 0
    past = timezone.now() - dt.timedelta(seconds=1)
    OutboxEvent.objects.update(due_at=past)
    assert heard.worker()() == 1
    assert heard.numbers == [0]
