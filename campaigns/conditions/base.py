"""What a kind of condition is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Names = Mapping[tuple[str, int], str]
"""What the rows that conditions name are called, by kind and key."""


class Said(NamedTuple):
    """One condition as it is asked for: rows of the kind's room (of hours the weekdays, 1 is Monday), an amount,
    pieces, minutes of the day, a period, or none of these.
    """

    kind: str
    keys: tuple[int, ...] = ()
    amount_fen: int | None = None
    count: int | None = None  # type: ignore[assignment]
    from_minute: int | None = None
    to_minute: int | None = None
    from_at: dt.datetime | None = None
    to_at: dt.datetime | None = None


class ConditionKind(NamedTuple):
    """``check`` says what is wrong with a condition of a merchant, "" where nothing is.

    ``name`` finds what its rows are called (one statement); ``word`` is the clause that a guest reads,
    "" where the campaign's headline says it.
    """

    code: str
    check: Callable[[int, Said], str]
    name: Callable[[Sequence[int]], dict[int, str]]
    word: Callable[[Said, Sequence[str]], str]


def no_names(keys: Sequence[int]) -> dict[int, str]:
    """Of a kind that names no rows."""
    return {}
