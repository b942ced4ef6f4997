"""How many pieces wait at a store for guests who ordered them: told by the room of orders.

They are not among those that are free to sell (docs/stock.md), but they are on the shelf: who
counts sees both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from catalog.models import StockLevel

Waiting = Mapping[tuple[int, int], int]
"""Pieces by variant and store."""

_counters: list[Callable[[Collection[int]], Waiting]] = []


def register_set_aside(counter: Callable[[Collection[int]], Waiting]) -> None:
    """Say who counts what is set aside of variants; called when the apps are ready."""
    _counters.append(counter)


def with_set_aside(levels: Iterable[StockLevel]) -> list[StockLevel]:
    """Add ``set_aside`` to levels; the same queries for any number of them, none for none."""
    found = list(levels)
    variants = {level.variant_id for level in found}
    waiting: dict[tuple[int, int], int] = {}
    for counter in _counters if variants else ():
        for place, pieces in counter(variants).items():
            waiting[place] = waiting.get(place, 0) + pieces
    for level in found:
        level.set_aside = waiting.get((level.variant_id, level.store_id), 0)  # type: ignore[attr-defined]
    return found
