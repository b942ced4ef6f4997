"""The few rows that every page needs and that seldom change: cities, the tree of categories.

They are kept for all processes as the rest is, and each process keeps its copy for some seconds
more: asking the cache twice was a twentieth of a list's page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache

Rows = list[tuple[Any, ...]]


class _Copy(NamedTuple):
    until: float
    rows: Rows


_near: dict[str, _Copy] = {}


def near_rows(key: str, seconds: int, read: Callable[[], Rows]) -> Rows:
    """Return ``read()``, or what it gave at most ``seconds`` + NEAR_SECONDS ago.

    ``key`` comes from kernel/cache/keys.py and names no visitor's words: nothing is ever thrown out.
    The rows are shared; nobody may change them.
    """
    copy = _near.get(key)
    if copy is not None and time.monotonic() < copy.until:
        return copy.rows
    rows: Rows | None = cache.get(key)
    if rows is None:
        rows = read()
        cache.set(key, rows, seconds)
    if settings.NEAR_SECONDS:
        _near[key] = _Copy(time.monotonic() + settings.NEAR_SECONDS, rows)
    return rows
