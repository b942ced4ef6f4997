"""A worker dies between the effect of an event and its tick: nothing vanishes, nothing doubles."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.crash.conftest import House

pytestmark = pytest.mark.crash

APP = "tests.crash.app"
WORKER = ("-m", "celery", "-A", APP, "worker", "--pool", "solo", "--loglevel", "WARNING")


def waiting(house: House) -> int:
    """Events that nobody has expanded yet, and deliveries that are not done."""
    ((count,),) = house.sql(
        "SELECT (SELECT count(*) FROM outbox_outboxevent WHERE done_at IS NULL)"
        " + (SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL)"
    )
    return int(count)


def forget_waiting(house: House) -> None:
    """What an earlier test has left to do is none of this one's business."""
    house.sql("UPDATE outbox_outboxevent SET done_at = now() WHERE done_at IS NULL")
    house.sql("UPDATE outbox_delivery SET done_at = now() WHERE done_at IS NULL")


def test_kill_9_of_a_worker_in_the_middle_of_the_outbox(house: House, eventually: Any) -> None:
    forget_waiting(house)
    facts = house.shop("seed-events")
    assert waiting(house) == 4  # three paid orders and a requested refund
    mark = house.folder / "hanging"
    mark.unlink(missing_ok=True)

    worker = house.start(*WORKER, CRASH_HANG_ON="order.paid")
    eventually(lambda: mark.exists() or worker.poll() is not None, "the worker never began")
    worker.kill()
    worker.wait()

    # One effect is there and not ticked. That delivery alone is leased: nothing else waits for it.
    assert sales_of(house, facts) == 1
    house.shop("drain")
    assert leased(house) == waiting(house) == 1
    assert sales_of(house, facts) == 2  # what was refunded is not sold

    house.sql("UPDATE outbox_delivery SET due_at = now() WHERE done_at IS NULL")
    house.shop("drain")

    assert waiting(house) == 0
    assert sales_of(house, facts) == 2  # what was refunded is not sold
    assert messages_of(house, facts) == [
        ("order_paid", 3),
        ("refund_requested", 1),
        ("refund_succeeded", 1),
    ]
    assert mails(house, facts) == 5
    assert house.sql(
        "SELECT v.state, r.state FROM payments_refund r JOIN vouchers_refundpart p"
        " ON p.refund_id = r.id JOIN vouchers_voucher v ON v.id = p.voucher_id WHERE v.id = %s",
        facts["voucher"],
    ) == [("refunded", "succeeded")]
    house.audit()


def leased(house: House) -> int:
    ((count,),) = house.sql(
        "SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL AND due_at > now()"
    )
    return int(count)


def sales_of(house: House, facts: dict[str, Any]) -> int:
    ((count,),) = house.sql(
        "SELECT sales_count FROM catalog_product WHERE id = %s", facts["product"]
    )
    return int(count)


def messages_of(house: House, facts: dict[str, Any]) -> list[tuple[Any, ...]]:
    return house.sql(
        "SELECT kind, count(*) FROM members_notification WHERE user_id = %s"
        " GROUP BY kind ORDER BY kind",
        facts["buyer_id"],
    )


def mails(house: House, facts: dict[str, Any]) -> int:
    """How many e-mails the buyer got."""
    words = f"To: {facts['buyer_email']}\n"
    return sum(file.read_text().count(words) for file in (house.folder / "mail").iterdir())


def test_kill_9_of_a_worker_between_the_claim_and_the_mail_servers_yes(
    house: House, eventually: Any
) -> None:
    """The inbox has each message once; by e-mail the one in hand goes out at most once."""
    forget_waiting(house)
    facts = house.shop("seed-events")
    before = mails(house, facts)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        port = str(silent.getsockname()[1])
        worker = house.start(*WORKER, "--queues", "messages", CRASH_SMTP_PORT=port)
        eventually(lambda: claims(house, "claimed") == 1, "nobody claimed a mail")
        worker.kill()
        worker.wait()

    # Whoever comes next can't know whether the server had taken it. While the one who has it may
    # still be alive it is tried later; after that it is left.
    house.sql("UPDATE outbox_delivery SET due_at = now() WHERE done_at IS NULL")
    house.shop("drain")
    assert claims(house, "claimed") == 1
    house.sql("UPDATE inbox_dispatch SET moved_at = now() - interval '1 hour'")
    house.sql("UPDATE outbox_delivery SET due_at = now() WHERE done_at IS NULL")
    house.shop("drain")

    assert waiting(house) == 0
    assert messages_of(house, facts) == [
        ("order_paid", 3),
        ("refund_requested", 1),
        ("refund_succeeded", 1),
    ]
    assert mails(house, facts) - before == 4
    assert claims(house, "claimed") == 1


def claims(house: House, state: str) -> int:
    ((count,),) = house.sql("SELECT count(*) FROM inbox_dispatch WHERE state = %s", state)
    return int(count)
