"""The one clock of the domain.

Every rule that depends on the time asks :func:`now`. Replaying old invoices, seeding a
living demo city and testing a deadline all need to say "it is this moment now" without
patching a library, so the moment is a context variable and not a monkey patch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_moment: ContextVar[dt.datetime | None] = ContextVar("o2o_clock_moment", default=None)


def now() -> dt.datetime:
    """Return the current moment, aware, in UTC (or the moment set by :func:`at`)."""
    return _moment.get() or timezone.now()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Make :func:`now` answer ``moment`` (aware) inside the block, in this thread only.

    Raises ValueError when ``moment`` is naive: a naive time has no store to judge it.
    """
    if moment.tzinfo is None:
        raise ValueError("clock.at() needs an aware datetime")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
