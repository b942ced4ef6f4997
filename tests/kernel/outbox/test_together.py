"""Several events of one consumer with one call: as many effects as events, whatever fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kernel.outbox.delivery import TOGETHER
from kernel.outbox.lanes import Consumer, Consumers, Happening, Lane
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import drain, publish
from kernel.watch.logs import as_request
from messages.models import Notification
from orders.models import Order
from orders.reactions import follow_paid_orders, tell_businesses_of_sales
from orders.services.place import place_order
from tests.factories import make_product, make_store, make_user, offer_of, pay_order

pytestmark = pytest.mark.django_db


class Counted:
    """Remembers what it was called for, and refuses one number."""

    def __init__(self, refuses: int | None = None) -> None:
        self.calls: list[list[int]] = []
        self._refuses = refuses

    def alone(self, *, number: int) -> None:
        self.together([Happening({"number": number}, "")])

    def together(self, happenings: Sequence[Happening]) -> None:
        numbers = [happening.payload["number"] for happening in happenings]
        self.calls.append(numbers)
        if self._refuses in numbers:
            raise ConnectionError("not this one")

    def table(self) -> Consumers:
        one = Consumer("count", self.alone, Lane.INSIGHT, self.together)
        return {"test.counted": (one,), "test.other": (one,)}


def publish_some(numbers: Sequence[int], topic: str = "test.counted") -> None:
    with transaction.atomic():
        for number in numbers:
            publish(topic, number=number)


def test_those_that_wait_are_handled_with_one_call_up_to_the_bound() -> None:
    counted = Counted()
    publish_some(range(TOGETHER + 3))
    assert drain(consumers=counted.table()) == TOGETHER + 3
    assert counted.calls == [[*range(TOGETHER)], [*range(TOGETHER, TOGETHER + 3)]]
    assert not Delivery.objects.filter(done_at__isnull=True).exists()


def test_one_that_fails_is_no_other_s_harm_and_waits_alone() -> None:
    counted = Counted(refuses=2)
    publish_some(range(5))
    assert drain(consumers=counted.table()) == 4
    assert counted.calls == [[0, 1, 2, 3, 4], [0], [1], [2], [3], [4]]
    (failed,) = Delivery.objects.filter(done_at__isnull=True)
    assert failed.event.payload == {"number": 2}
    assert (failed.attempts, "not this one" in failed.error) == (1, True)


def test_what_was_tried_before_is_tried_alone() -> None:
    counted = Counted()
    publish_some(range(3))
    for attempts, event in enumerate(OutboxEvent.objects.order_by("id")):
        event.expanded_at = event.due_at
        event.save()
        Delivery.objects.create(
            event=event, consumer="count", lane=Lane.INSIGHT, due_at=event.due_at, attempts=attempts
        )
    assert drain(consumers=counted.table()) == 3
    assert counted.calls == [[0], [1], [2]]


def test_no_more_than_asked_for_and_none_of_another_topic() -> None:
    counted = Counted()
    publish_some([1, 2])
    publish_some([3], topic="test.other")
    publish_some([4])
    assert drain(consumers=counted.table(), limit=2) == 2
    assert drain(consumers=counted.table()) == 2
    assert counted.calls == [[1, 2], [3], [4]]


def test_sales_are_counted_and_told_together_each_with_the_request_it_comes_of() -> None:
    product = make_product(stores=[make_store()], price_fen=900)
    orders = []
    for number in range(4):
        with as_request(f"request-{number}"):
            order = place_order(buyer=make_user(), lines=[(offer_of(product).pk, number + 1)])
            orders.append(pay_order(order))
    assert drain(lanes=[Lane.MESSAGES]) >= 8
    product.refresh_from_db()
    assert product.sales_count == 1 + 2 + 3 + 4
    told = Notification.objects.filter(kind="order_paid").order_by("id")
    assert [(row.user_id, row.params["number"]) for row in told] == [
        (order.buyer_id, order.number) for order in orders
    ]
    mails = OutboxEvent.objects.filter(topic="notification.created")
    requests = {event.payload["notification_id"]: event.request_id for event in mails}
    assert [requests[row.pk] for row in told] == [f"request-{number}" for number in range(4)]


def test_many_sales_take_as_many_statements_as_one() -> None:
    product = make_product(stores=[make_store()], price_fen=900)

    def queries(count: int) -> list[int]:
        sold = [
            pay_order(place_order(buyer=make_user(), lines=[(offer_of(product).pk, 1)]))
            for _ in range(count)
        ]
        happenings = [Happening({"order_id": order.pk}, "") for order in sold]
        found = []
        for react in (follow_paid_orders, tell_businesses_of_sales):
            with CaptureQueriesContext(connection) as captured:
                react(happenings)
            found.append(len(captured))
        return found

    assert queries(1) == queries(7)


def test_an_order_that_is_not_there_fails_for_all_of_them() -> None:
    with pytest.raises(Order.DoesNotExist):
        follow_paid_orders([Happening({"order_id": 0}, "")])
