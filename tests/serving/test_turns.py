"""Whose turn it is to take a connection, without any waiting: the clock is set by hand."""

from __future__ import annotations

from typing import Any

import pytest

from o2o.serving import turns
from o2o.serving.turns import LONGEST, LONGEST_FOR_CONNECTIONS, PER_REQUEST, Turns


class Listener:
    """Counts what it accepts."""

    accepting = True

    def __init__(self) -> None:
        self.taken = 0

    def handle_accept(self) -> None:
        self.taken += 1


class Channel:
    """A connection with so many requests at work."""

    def __init__(self, requests: int) -> None:
        self.requests = [object()] * requests


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns.time, "monotonic", clock.monotonic)
    return clock


def at_work(*requests: int) -> tuple[Turns, Listener]:
    listener = Listener()
    channels: dict[int, Any] = {-1: listener, **dict(enumerate(map(Channel, requests)))}
    return Turns([listener], channels), listener


def test_an_idle_process_takes_a_connection_at_once(clock: Clock) -> None:
    turn, listener = at_work()
    assert turn.begin(1.0) == 1.0
    listener.handle_accept()
    assert (listener.taken, listener.accepting) == (1, True)


def test_a_process_at_work_leaves_it_to_the_others_first(clock: Clock) -> None:
    turn, listener = at_work(1)
    turn.begin(1.0)
    listener.handle_accept()
    assert listener.taken == 0
    assert 0 < turn.begin(1.0) <= 2 * PER_REQUEST
    assert not listener.accepting


def test_what_nobody_took_meanwhile_is_taken(clock: Clock) -> None:
    turn, listener = at_work(1)
    turn.begin(1.0)
    listener.handle_accept()
    clock.now += LONGEST
    assert turn.begin(1.0) == 0.0
    assert listener.accepting
    listener.handle_accept()
    assert listener.taken == 1


def test_once_its_work_is_done_it_waits_no_longer(clock: Clock) -> None:
    turn, listener = at_work(1)
    turn.begin(1.0)
    listener.handle_accept()
    assert not listener.taken
    turn.channels[0].requests.clear()
    assert turn.begin(1.0) == 0.0
    listener.handle_accept()
    assert listener.taken == 1


def test_after_its_wait_it_is_polite_again(clock: Clock) -> None:
    turn, listener = at_work(1)
    turn.begin(1.0)
    listener.handle_accept()
    clock.now += LONGEST
    turn.begin(1.0)
    turn.begin(1.0)
    listener.handle_accept()
    assert listener.taken == 0


def test_the_more_it_has_in_hand_the_longer_it_waits_up_to_a_limit(clock: Clock) -> None:
    waits = []
    for requests in (0, 1, 3, 500):
        turn, listener = at_work(*[1] * requests, 0)
        turn.begin(1.0)
        listener.handle_accept()
        waits.append(turn.begin(1.0))
    assert waits == sorted(waits)
    assert waits[1] < waits[2]
    assert waits[3] <= LONGEST + LONGEST_FOR_CONNECTIONS + 1e-9


def test_silent_connections_hold_it_back_for_a_millisecond_at_most(clock: Clock) -> None:
    turn, listener = at_work(*[0] * 400)
    turn.begin(1.0)
    listener.handle_accept()
    assert turn.begin(1.0) <= LONGEST_FOR_CONNECTIONS + 1e-9
