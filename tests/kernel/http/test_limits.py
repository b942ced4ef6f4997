"""A rate limit counts within a window of the clock and says when the next one begins."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from kernel.errors import TooManyAttempts
from kernel.http import limits
from kernel.http.limits import hit, hit_all

MINUTE = 60
START = 1_800_000_000 // MINUTE * MINUTE


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The seconds that the limits read; a test moves them."""
    settings.RATE_LIMITS = True
    clock = SimpleNamespace(moment=START)
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: clock.moment))
    return clock


def refused(who: str = "somebody") -> int | None:
    try:
        hit("test", who, limit=2, period_seconds=MINUTE)
    except TooManyAttempts as refusal:
        return int(refusal.extra["retry_after_seconds"])
    return None


def test_who_is_refused_learns_when_the_window_ends(clock: SimpleNamespace) -> None:
    assert [refused(), refused(), refused()] == [None, None, 60]
    clock.moment += 45
    assert refused() == 15
    clock.moment += 14
    assert refused() == 1
    assert refused("somebody else") is None


def test_the_next_window_counts_from_the_beginning(clock: SimpleNamespace) -> None:
    assert [refused(), refused(), refused()] == [None, None, 60]
    clock.moment += MINUTE
    assert [refused(), refused(), refused()] == [None, None, 60]


def test_one_refusal_of_several_limits_counts_in_none_of_them(clock: SimpleNamespace) -> None:
    assert refused() is None and refused() is None
    for _time in range(5):
        with pytest.raises(TooManyAttempts):
            hit_all([("wide", "all", 3, MINUTE), ("test", "somebody", 2, MINUTE)])
    assert len(hit_all([("wide", "all", 3, MINUTE)] * 3)) == 3


def test_a_hit_that_was_none_is_given_back(clock: SimpleNamespace) -> None:
    for _time in range(5):
        hit("test", "somebody", limit=1, period_seconds=MINUTE).give_back()
    assert refused() is None
