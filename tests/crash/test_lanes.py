"""A mail server that takes connections and then says nothing: refunds and orders go on."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from o2o.embedded.pools import POOLS, worker_command
from tests.crash.conftest import House
from tests.crash.test_worker import APP, forget_waiting

pytestmark = pytest.mark.crash


def test_a_hanging_mail_server_holds_no_refund(house: House, eventually: Any) -> None:
    forget_waiting(house)
    ((before,),) = house.sql("SELECT COALESCE(max(id), 0) FROM outbox_outboxevent")
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        port = str(silent.getsockname()[1])
        for pool in POOLS:
            words = worker_command(pool)
            words = words[words.index("-m") :]
            command = [APP if word == "o2o" else word for word in words]
            house.start(*command, CRASH_SMTP_PORT=port)
        first = house.shop("seed-events")
        eventually(lambda: mails(house, before, "attempts > 0") > 0, "nobody tried to send a mail")

        # Every thread of the messages hangs by now, or soon will. The money does not care.
        second = house.shop("seed-events")
        for facts in (first, second):
            eventually(lambda facts=facts: voucher(house, facts) == "refunded", "a refund waited")
        assert mails(house, before, "done_at IS NOT NULL") == 0


def mails(house: House, before: int, condition: str) -> int:
    ((count,),) = house.sql(
        f"SELECT count(*) FROM outbox_delivery WHERE consumer = 'send_email' AND {condition}"
        " AND event_id > %s",
        before,
    )
    return int(count)


def voucher(house: House, facts: dict[str, Any]) -> str:
    ((state,),) = house.sql("SELECT state FROM vouchers_voucher WHERE id = %s", facts["voucher"])
    return str(state)
