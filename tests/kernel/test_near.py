"""Rows that each process keeps for some seconds (kernel/cache/near.py)."""

from __future__ import annotations

from itertools import count

import pytest

from kernel.cache import near


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "_near", {})


def rows_of(numbers) -> list[tuple[int]]:
    return near.near_rows("places", 60, lambda: [(next(numbers),)])


def test_a_copy_is_used_for_its_seconds_and_then_asked_for_again(settings, monkeypatch) -> None:
    settings.NEAR_SECONDS = 5
    clock, numbers = [100.0], count()
    monkeypatch.setattr(near.time, "monotonic", lambda: clock[0])
    assert rows_of(numbers) == [(0,)]
    near.cache.clear()
    clock[0] = 104.9
    assert rows_of(numbers) == [(0,)]
    clock[0] = 105.1
    assert rows_of(numbers) == [(1,)]


def test_without_seconds_nothing_stays_in_the_process(settings) -> None:
    settings.NEAR_SECONDS = 0
    numbers = count()
    assert rows_of(numbers) == [(0,)]
    assert rows_of(numbers) == [(0,)]  # kept for all processes
    near.cache.clear()
    assert rows_of(numbers) == [(1,)]
