"""One id per request: in the answer, in the log, in the tasks; nobody's data beside it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery import shared_task
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.test import Client

from kernel.watch.logs import (
    AccessFormatter,
    RefusalsInALine,
    begin_request,
    current_request_id,
    json_formatter,
    logging_config,
)
from kernel.watch.tasks import forget_id, send_id, take_id
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What the access log would hold, in production's form."""
    found: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler = Keep()
    handler.setFormatter(AccessFormatter("json"))
    logger = logging.getLogger("o2o.access")
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


def test_the_answer_and_the_line_carry_the_same_id(lines: list[dict[str, Any]]) -> None:
    first, second = Client().get("/stores/"), Client().get("/stores/")
    assert [line["request_id"] for line in lines] == [
        first["X-Request-ID"],
        second["X-Request-ID"],
    ]
    assert first["X-Request-ID"] != second["X-Request-ID"]


def test_a_line_tells_route_status_time_and_statements(lines: list[dict[str, Any]]) -> None:
    Client().get("/stores/?q=Lin+Wei+13800138000")
    (line,) = lines
    assert line["route"] == "stores/"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["milliseconds"] > 0
    assert line["queries"] > 0


def test_a_line_holds_no_data_of_people_and_no_secret(lines: list[dict[str, Any]]) -> None:
    person = make_user()
    client = Client()
    client.force_login(person)
    client.get("/vouchers/", {"q": "13800138000"}, headers={"referer": "https://x/secret"})
    client.get("/password-reset/MQ/secret-token/")
    client.get("/no/such/secret/page/")
    client.post("/login/", {"identifier": "secret@shop.test", "password": "secret"})
    text = json.dumps(lines)
    assert "secret" not in text
    assert "13800138000" not in text
    assert client.cookies["sessionid"].value not in text
    assert (lines[0]["user"], lines[0]["user_kind"]) == (person.pk, "person")


@pytest.mark.parametrize(
    ("given", "trusted", "kept"),
    [
        ("proxy-made-0123456789", True, True),
        ("proxy-made-0123456789", False, False),
        ("short", True, False),
        ("with space 0123456789", True, False),
        ("x" * 65, True, False),
        ('quote"0123456789', True, False),
    ],
)
def test_only_a_sane_id_of_our_own_proxy_is_taken_over(
    settings: Any, given: str, trusted: bool, kept: bool
) -> None:
    settings.TRUST_PROXY = trusted
    answer = Client().get("/healthz", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is kept


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("django.security.DisallowedModelAdminLookup", logging.ERROR),
        ("django.request", logging.WARNING),  # 403, 400 and the like
    ],
)
def test_a_refusal_of_what_a_stranger_sent_is_a_line_without_a_trace(name, level) -> None:
    """A search by a column that nobody may search is no fault of ours."""
    try:
        raise DisallowedModelAdminLookup("Filtering by code not allowed")
    except DisallowedModelAdminLookup:
        record = logging.getLogger(name).makeRecord(
            name, level, "f", 1, "Filtering by code not allowed", (), sys.exc_info()
        )
    handlers = logging_config(level="INFO", style="json", access_log="")["handlers"]
    assert "refusals" in handlers["console"]["filters"]
    assert RefusalsInALine().filter(record)
    told = json.loads(json_formatter().format(record))
    assert told["level"] == "warning"
    assert "exception" not in told


def test_a_probe_leaves_no_line(lines: list[dict[str, Any]]) -> None:
    Client().get("/healthz")
    assert lines == []


def test_a_task_carries_the_id_of_its_request() -> None:
    begin_request("abc12345")
    headers: dict[str, Any] = {}
    send_id(headers=headers)

    @shared_task
    def some_task() -> None: ...

    some_task.push_request(**headers)
    begin_request("")
    take_id(task=some_task, task_id="t1")
    assert current_request_id() == "abc12345"
    assert structlog.contextvars.get_contextvars() == {"task_id": "t1"}
    forget_id()
    assert current_request_id() == ""
    assert structlog.contextvars.get_contextvars() == {}


def test_an_error_in_the_log_is_one_object_with_its_trace() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        record = logging.LogRecord(
            "x",
            logging.ERROR,
            "f",
            1,
            "went %s",
            ("wrong",),
            (type(error), error, error.__traceback__),
        )
    line = json_formatter().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told["event"] == "went wrong"
    assert "ValueError: first" in told["exception"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/readyz", 200), ("/no/such/page/", 404)],
)
def test_every_answer_tells_its_length(path: str, status: int) -> None:
    """Otherwise the connection ends with it, and whoever asks again must open another."""
    answer = Client().get(path)
    assert answer.status_code == status
    assert answer["Content-Length"] == str(len(answer.content))
