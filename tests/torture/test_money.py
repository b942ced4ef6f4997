"""Random histories of money: after each step every fen is where the rules say."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from django.db import transaction

from tests.forms import LONG
from tests.orders.payers import broken as broken_here
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
    missing = dict(ERRORS)
    for seed in range(7, 13):
        machine = Machine(seed, drain)
        for step in range(1, 161):
            machine.step()
            if step % 20 == 0:
                for error in [name for name, plant in missing.items() if can_be_planted(plant)]:
                    assert_found(machine, error, missing.pop(error))
        assert machine.wrong() == []
        if not missing:
            break
        delete_all()
    assert missing == {}


def assert_found(machine: Machine, error: str, plant: Callable[[], None]) -> None:
    """The error is seen, asked at once or one after the other; the books are left as they were."""
    with transaction.atomic():
        plant()
        assert machine.wrong(), error
        at_once = {line.partition(":")[0] for line in broken_invariants()}
        assert at_once == {code for code, *_row in broken_here()}, error
        transaction.set_rollback(True)
