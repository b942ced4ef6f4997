"""Random histories of money: after each step every fen is where the rules say."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.forms import LONG
from tests.races.books import broken
from tests.races.conftest import delete_all, deleted_afterwards  # noqa: F401 - emptied quickly
from tests.torture.at_once import BY_THE_WALL_CLOCK, broken_invariants
from tests.torture.machine import WEIGHED, Machine
from tests.torture.planted import ERRORS, can_be_planted
from tests.torture.seeds import seeds

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

STEPS = int(os.environ.get("STEPS", "60" if LONG else "30"))


@pytest.mark.parametrize("seed", seeds(short=2, long=int(os.environ.get("HISTORIES", "60"))))
def test_a_random_history_keeps_the_books_exact(seed: int, drain: Callable[..., int]) -> None:
    machine = Machine(seed, drain)
    story = []
    for _ in range(STEPS):
        story.append(machine.step())
        assert machine.wrong() == [], story
    machine.finish()
    assert machine.wrong() == []
    assert machine.left_over() == {}
    assert audited() == set()


def audited() -> set[str]:
    """The invariants that `manage.py audit` finds broken, one question after the other."""
    return broken() - set(BY_THE_WALL_CLOCK)


def test_a_seed_tells_the_same_history_again(drain: Callable[..., int]) -> None:
    """Whatever ran before: the numbers that the database gives its rows are others."""
    told = []
    for _ in range(2):
        machine = Machine(11, drain)
        story = [machine.step() for _ in range(60)]
        commission_fen, given = machine.expected.commission_fen, machine.expected.merchants_fen
        told.append((story, machine.refused, commission_fen, sorted(given.values())))
        delete_all()
    assert told[0] == told[1]


def test_the_histories_do_everything_somewhere(drain: Callable[..., int]) -> None:
    """Otherwise a history proves less than it seems to."""
    machine = Machine(2026, drain)
    missing = {act.__name__ for act in WEIGHED} - {"hear_forged"}
    for _ in range(800):
        missing -= {machine.step()} & set(machine.done)
        if not missing and machine.refused["hear_forged:bad_signature"]:
            break
    assert missing == set()
    assert machine.refused["hear_forged:bad_signature"]
    assert machine.wrong() == []


def test_each_planted_error_is_found(drain: Callable[..., int]) -> None:
    """The control: what a bug could do to the books is seen by the machine."""
    machine = Machine(7, drain)
    for step in range(800):
        machine.step()
        if step % 20 == 0 and all(map(can_be_planted, ERRORS.values())):
            break
    seen = set(machine.wrong())
    assert seen == set()
    for error, plant in ERRORS.items():
        plant()
        found = set(machine.wrong())
        assert found - seen, error
        # Asked at once or one after the other: the same is broken.
        assert {line.partition(":")[0] for line in broken_invariants()} == audited(), error
        seen = found
