"""The database dies in the middle of a redemption storm: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.crash.conftest import House

pytestmark = pytest.mark.crash

VOUCHERS = 240
KILL_AFTER = 60


def storm(house: House, seed_file: Path, *, kill_after: int = 0) -> list[dict[str, Any]]:
    """Run a storm and return what was acknowledged, in order of the answers."""
    child = house.start("-m", "tests.crash.shop", "storm", str(seed_file))
    assert child.stdout is not None
    answers = []
    for line in child.stdout:
        answers.append(json.loads(line))
        if len(answers) == kill_after:
            house.pull_the_plug()
    assert child.wait(timeout=60) == 0
    assert answers.pop()["finished"] is not bool(kill_after)
    return answers


def test_kill_9_in_a_redemption_storm_loses_and_doubles_nothing(
    house: House, tmp_path: Path
) -> None:
    facts = house.shop("seed", str(VOUCHERS))
    seed_file = tmp_path / "seed.json"
    seed_file.write_text(json.dumps(facts))

    acknowledged = storm(house, seed_file, kill_after=KILL_AFTER)
    assert KILL_AFTER <= len(acknowledged) < VOUCHERS, "the storm was over before the kill"
    house.postgres.start()

    kept = dict(
        house.sql(
            "SELECT v.code, min(r.id) FROM vouchers_redemption r JOIN vouchers_voucher v"
            " ON v.id = r.voucher_id GROUP BY v.code"
        )
    )
    (rows,) = house.sql("SELECT count(*) FROM vouchers_redemption")
    assert rows == (len(kept),), "a voucher was redeemed twice"
    lost = [answer for answer in acknowledged if kept.get(answer["code"]) != answer["id"]]
    assert lost == []
    keys = house.sql("SELECT count(*) FROM idempotency_idempotencykey WHERE key LIKE 'storm-%'")
    events = house.sql("SELECT count(*) FROM outbox_outboxevent WHERE topic = 'voucher.redeemed'")
    assert keys == events == [rows], "each redemption has its key and its event, and nothing else"
    house.audit()

    # The clients never learned what became of the rest; they ask again under the same keys.
    again = storm(house, seed_file)
    assert {answer["code"] for answer in again} == set(facts["codes"])
    assert {answer["code"]: answer["id"] for answer in again} | kept == {
        answer["code"]: answer["id"] for answer in again
    }
    assert {answer["code"] for answer in again if answer["replayed"]} == set(kept)
    assert house.sql("SELECT count(*), count(DISTINCT voucher_id) FROM vouchers_redemption") == [
        (VOUCHERS, VOUCHERS)
    ]
    assert house.sql(
        "SELECT sum(amount_fen) FROM payments_ledgerentry WHERE account = 'pending'"
    ) == [(-6800 * VOUCHERS,)]
    house.audit()
