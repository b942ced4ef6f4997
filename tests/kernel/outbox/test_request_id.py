"""What a request sets going later is found in the logs by the id of the request."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from kernel.outbox.lanes import Consumer, Lane
from kernel.outbox.models import OutboxEvent
from kernel.outbox.services import drain, publish
from kernel.watch.logs import as_request, begin_request, current_request_id
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside_of_any_request() -> None:
    structlog.contextvars.clear_contextvars()
    begin_request("")


def test_an_event_remembers_the_request_that_wrote_it() -> None:
    make_user(email="mei@shop.test")
    answer = Client().post(reverse("password_reset"), {"email": "mei@shop.test"})
    event = OutboxEvent.objects.get(topic="password.forgotten")
    assert event.request_id == answer["X-Request-ID"] != ""


def test_lines_and_events_of_a_delivery_carry_the_id_of_its_request() -> None:
    seen: list[dict[str, Any]] = []

    def handle(**_payload: Any) -> None:
        seen.append(structlog.contextvars.get_contextvars() | {"request_id": current_request_id()})
        with transaction.atomic():
            publish("order.paid", order_id=1)

    with as_request("first-request"), transaction.atomic():
        publish("password.forgotten", user_id=1)
    with as_request("another-request"), transaction.atomic():
        publish("password.forgotten", user_id=2)
    with as_request("", task_id="t1"):
        table = {"password.forgotten": (Consumer("mail", handle, Lane.SIGN_IN),), "order.paid": ()}
        drain(consumers=table)
        assert structlog.contextvars.get_contextvars() == {"task_id": "t1"}
    assert [line["request_id"] for line in seen] == ["first-request", "another-request"]
    assert {line["task_id"] for line in seen} == {"t1"}
    assert all(line["delivery"] for line in seen)
    written = OutboxEvent.objects.filter(topic="order.paid").order_by("id")
    assert [event.request_id for event in written] == ["first-request", "another-request"]


def test_what_a_command_publishes_belongs_to_no_request() -> None:
    with transaction.atomic():
        event = publish("order.paid", order_id=1)
    event.refresh_from_db()
    assert event.request_id == current_request_id() == ""


def test_a_release_that_knows_no_request_ids_goes_on_writing_events() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outboxevent (topic, payload, created_at, due_at, attempts, error)"
            " VALUES ('order.paid', '{}', now(), now(), 0, '')"
        )
    assert OutboxEvent.objects.get().request_id == ""


def test_the_operator_sees_which_request_an_event_came_from(client: Client) -> None:
    with as_request("a-request-of-mine"), transaction.atomic():
        event = publish("order.paid", order_id=1)
    client.force_login(make_user("operator"))
    page = client.get(reverse("admin:outbox_outboxevent_change", args=[event.pk]))
    assert "a-request-of-mine" in page.content.decode()
