"""What a published invariant is."""

from __future__ import annotations

from typing import Any, NamedTuple


class Invariant(NamedTuple):
    """``sql`` yields (subject, expected, actual) for every row that breaks the rule."""

    code: str
    rule: Any
    sql: str
