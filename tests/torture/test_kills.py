"""A storm of redemptions in which everything is killed in turn: database, queue, web, worker.

What a clerk was told stays true, nothing is redeemed twice, and the books are exact.
"""

from __future__ import annotations

import json
import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.crash.conftest import House
from tests.torture.seeds import seeds

pytestmark = [pytest.mark.torture, pytest.mark.crash]

VOUCHERS = 300
VICTIMS = ("database", "queue", "web", "worker")
MOST_ROUNDS = 30


class Siege:
    """One storm over the same vouchers, begun again after each kill."""

    def __init__(self, house: House, folder: Path, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.facts = house.shop("seed", str(VOUCHERS))
        self.file = folder / "seed.json"
        self.file.write_text(json.dumps(self.facts))
        self.told: dict[str, int] = {}
        self.contradicted: list[str] = []

    def round(self, victim: str) -> bool:
        """Storm until somebody is killed; whether every voucher has been redeemed by then."""
        storm = self.house.start("-m", "tests.crash.shop", "storm", str(self.file))
        worker = self.house.start("-m", "tests.crash.shop", "drain")
        kill_after, finished = self.chance.randrange(3, 60), False
        assert storm.stdout is not None
        for answers, line in enumerate(storm.stdout, start=1):
            answer = self._read(line)
            if answer is None:
                break
            if "finished" in answer:
                finished = answer["finished"]
                break
            self._note(answer)
            if answers == kill_after:
                self._kill(victim, storm, worker)
        storm.wait(timeout=120)
        worker.wait(timeout=120)
        self.house.postgres.start()
        self.house.valkey.start()
        return finished

    def _read(self, line: str) -> Any:
        try:
            return json.loads(line)
        except ValueError:  # killed in the middle of its sentence
            return None

    def _note(self, answer: dict[str, Any]) -> None:
        known = self.told.setdefault(answer["code"], answer["id"])
        if known != answer["id"]:
            self.contradicted.append(answer["code"])

    def _kill(self, victim: str, storm: Any, worker: Any) -> None:
        if victim == "database":
            self.house.pull_the_plug()
        elif victim == "queue":
            self.house.valkey.kill9()
        else:
            (storm if victim == "web" else worker).send_signal(signal.SIGKILL)

    def kept(self) -> dict[str, int]:
        """What the database knows: code → redemption."""
        rows = self.house.sql(
            "SELECT v.code, min(r.id), count(*) FROM vouchers_redemption r"
            " JOIN vouchers_voucher v ON v.id = r.voucher_id GROUP BY v.code"
        )
        assert [code for code, _first, count in rows if count > 1] == [], "redeemed twice"
        return {code: first for code, first, _count in rows}

    def lost(self) -> list[str]:
        """Codes whose redemption somebody was told and the database does not know."""
        kept = self.kept()
        return [code for code, told in self.told.items() if kept.get(code) != told]


@pytest.mark.parametrize("seed", seeds(short=1, long=int(os.environ.get("SIEGES", "4"))))
def test_what_was_said_stays_true_whoever_is_killed(
    house: House, tmp_path: Path, seed: int
) -> None:
    siege = Siege(house, tmp_path, seed)
    for _ in range(MOST_ROUNDS):
        if siege.round(siege.chance.choice(VICTIMS)):
            break
    assert siege.lost() == siege.contradicted == []
    assert set(siege.facts["codes"]) <= set(siege.kept())
    house.sql("UPDATE outbox_outboxevent SET due_at = now() WHERE done_at IS NULL")
    house.shop("drain")
    house.audit()


def test_a_database_that_answers_before_it_writes_loses_what_it_said(
    house: House, tmp_path: Path
) -> None:
    """The control: with durability switched off the same storm finds its loss."""
    house.sql("ALTER DATABASE o2o SET synchronous_commit = off")
    house.sql("ALTER SYSTEM SET wal_writer_delay = '10s'")
    house.sql("SELECT pg_reload_conf()")
    try:
        siege = Siege(house, tmp_path, seed=1)
        siege.round("database")
        assert siege.lost() != []
    finally:
        house.sql("ALTER DATABASE o2o RESET synchronous_commit")
        house.sql("ALTER SYSTEM RESET wal_writer_delay")
        house.sql("SELECT pg_reload_conf()")
