"""Valkey dies and loses everything it held: the shop goes on, and the sweep catches up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crash.conftest import House
from tests.crash.test_worker import WORKER, forget_waiting, waiting

pytestmark = pytest.mark.crash

EXPECTED = {
    "session of before": 200,
    "home": 200,
    "product_list": 200,
    "store_list": 200,
    "basket": 200,
    "login": 200,
    "product_detail": 200,
    "basket_add": 302,
    "console": 200,
    "api login": 200,
    "order": 201,
    "payment": 201,
    "cashier": 302,
    "redeem": 201,
    "undo": 200,
}
SLOWEST_SECONDS = 2.5
BEAT = ("-m", "celery", "-A", "o2o", "beat", "--loglevel", "WARNING", "--pidfile", "")


def test_life_goes_on_while_valkey_is_away_and_nothing_is_lost_with_it(
    house: House, tmp_path: Path, eventually: Any
) -> None:
    forget_waiting(house)
    seed_file, cookies_file = tmp_path / "seed.json", tmp_path / "cookies.json"
    seed_file.write_text(json.dumps(house.shop("seed", "1")))
    cookies_file.write_text(json.dumps(house.shop("log-in", str(seed_file))))

    worker = house.start(*WORKER)
    beat = house.start(*BEAT, "--schedule", str(tmp_path / "beat"))
    eventually(lambda: waiting_now(house) == 0, "the worker did not drain what the seed left")

    house.valkey.kill9()
    house.valkey.wipe()
    seen = house.shop("visit", str(seed_file), str(cookies_file))

    assert seen["steps"] == EXPECTED
    assert seen["slowest"] < SLOWEST_SECONDS, seen["seconds"]
    assert waiting(house) >= 3  # paid, redeemed, undone: nobody could be woken

    house.valkey.start()
    eventually(lambda: waiting_now(house) == 0, "the sweep did not drain the outbox")
    # The same two processes: they found the new Valkey by themselves.
    assert (worker.poll(), beat.poll()) == (None, None)
    house.audit()


def waiting_now(house: House) -> int:
    """Events that are due; an invitation to write a review waits for its day."""
    ((count,),) = house.sql(
        "SELECT (SELECT count(*) FROM outbox_outboxevent WHERE done_at IS NULL"
        " AND due_at < now() + interval '1 hour')"
        " + (SELECT count(*) FROM outbox_delivery WHERE done_at IS NULL)"
    )
    return int(count)
