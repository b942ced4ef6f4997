"""What the movements of a place come to: the rule of docs/stock.md in Python, without a database.

The services keep the same number up to date one movement at a time (catalog/services/levels.py);
the audit adds it up in SQL. Tests hold both against this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple


class Moved(NamedTuple):
    """A movement as it is told: ``key`` names it, ``counted`` is None but for a count."""

    key: str
    at: dt.datetime
    delta: int = 0
    counted: int | None = None


class Standing(NamedTuple):
    """How many there are, and when they were last counted."""

    on_hand: int = 0
    counted_at: dt.datetime | None = None


def replay(movements: Iterable[Moved]) -> Standing:
    """Add movements up, in whatever order they come and however often each is told.

    The latest count sets the number as of its moment; what happened before is in it, and what
    happened at that moment or later is added. Of two counts of one moment the greater key holds.
    """
    told = {movement.key: movement for movement in movements}.values()
    counts = [movement for movement in told if movement.counted is not None]
    latest = max(counts, key=lambda count: (count.at, count.key), default=None)
    since = latest.at if latest else None
    moved = sum(m.delta for m in told if since is None or m.at >= since)
    return Standing((latest.counted or 0 if latest else 0) + moved, since)
