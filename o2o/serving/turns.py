"""Which of the processes that share a listening socket takes the next connection.

All of them are told of it. One that is at work lets a moment pass, the longer the more it has in
hand, so an idle one comes first, and takes it as soon as its own work is done; and nobody waits at a
busy process while another idles, as where the kernel deals connections out by chance.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

PER_REQUEST, PER_CONNECTION = 0.002, 0.000_05
LONGEST, LONGEST_FOR_CONNECTIONS = 0.01, 0.001
"""Seconds that a process leaves to the others: for a request at work, for a connection kept open."""
SHORTEST_ROUND = 0.001
"""Seconds: poll() counts in milliseconds, and would not wait at all for less than one."""


class Turns:
    """Holds the listeners of one process back while it is at work. Times are of time.monotonic()."""

    def __init__(self, listeners: Collection[Any], channels: dict[int, Any]) -> None:
        self.listeners, self.channels = listeners, channels
        self._held_until = 0.0
        self._held_for_work = False
        self._waited = False
        for each in listeners:
            each.handle_accept = _polite(self, each.handle_accept)

    def begin(self, timeout: float) -> float:
        """Before a round of the loop: open or close the listeners; returns the round's time-out."""
        left = self._held_until - time.monotonic()
        # What it left the connection to others for may be done by now.
        held = left > 0 and not (self._held_for_work and not _at_work(self.channels.values()))
        if held and not self._held_for_work:
            # A fraction of a millisecond, which poll() would round to none and go round and round.
            time.sleep(left)
            held = False
        for each in self.listeners:
            each.accepting = not held
        if held:
            return min(timeout, max(left, SHORTEST_ROUND))
        if self._held_until:
            # It waited: one round for what is still there; the next is heard of as by anybody.
            self._held_until, self._waited = 0.0, True
            return 0.0
        self._waited = False
        return timeout

    def hold(self) -> bool:
        """Whether a connection that came is left to the others for a moment."""
        channels = self.channels.values()
        seconds = 0.0 if self._waited else _patience(channels)
        if not seconds:
            return False
        self._held_for_work = bool(_at_work(channels))
        self._held_until = time.monotonic() + seconds
        for each in self.listeners:
            each.accepting = False
        return True


def _polite(turns: Turns, accept: Any) -> Any:
    def handle_accept() -> None:
        if not turns.hold():
            accept()

    return handle_accept


def _patience(channels: Collection[Any]) -> float:
    kept = sum(1 for channel in channels if hasattr(channel, "requests"))
    for_connections = min(LONGEST_FOR_CONNECTIONS, PER_CONNECTION * kept)
    return min(LONGEST, PER_REQUEST * _at_work(channels)) + for_connections


def _at_work(channels: Collection[Any]) -> int:
    return sum(1 for channel in channels if getattr(channel, "requests", None))
