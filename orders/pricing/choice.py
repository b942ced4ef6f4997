"""Which rules of a layer apply together, and who bears what they take off. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from kernel.money import spread
from orders.pricing.rules import Rule

MOST_COMBINATIONS = 2000


class Candidate(NamedTuple):
    """A rule that could apply: which lines it lowers, and each by how much, were it alone in its layer."""

    rule: Rule
    places: tuple[int, ...]
    parts: tuple[int, ...]

    @property
    def off(self) -> int:
        return sum(self.parts)

    @property
    def rank(self) -> tuple[int, tuple[int, int]]:
        """The one that takes off most first; of equal ones by priority, then id."""
        return -self.off, self.rule.order

    def fit(self, left: Sequence[int], base: Sequence[int]) -> Sequence[int]:
        """What was worked out on ``base``; of lines that others of the layer have lowered, what is ``left``."""
        most = [left[place] for place in self.places]
        if most == [base[place] for place in self.places]:
            return self.parts
        benefit: Any = self.rule.benefit
        if benefit.is_of_pieces:
            return [min(part, room) for part, room in zip(self.parts, most, strict=True)]
        return spread(min(self.off, sum(most)), most)


def choose(candidates: Sequence[Candidate], base: Sequence[int]) -> list[Candidate]:
    """One of each group, so that all of them together take off most; in the order in which they apply.

    The best of each group, where groups lower different lines. Where two meet on a line every combination
    is tried, up to MOST_COMBINATIONS. Of equal ones the first by rank.
    """
    groups: dict[str, list[Candidate]] = {}
    for found in sorted(candidates, key=lambda found: found.rank):
        groups.setdefault(found.rule.group or found.rule.source, []).append(found)
    ranked = list(groups.values())
    best = [group[0] for group in ranked]
    if _meet(ranked) and prod(map(len, ranked)) <= MOST_COMBINATIONS:
        best = list(max(product(*ranked), key=lambda one: _total(one, base)))
    return sorted(best, key=lambda found: found.rule.order)


def _meet(groups: Iterable[Sequence[Candidate]]) -> bool:
    """Whether two groups lower the same line."""
    seen: set[int] = set()
    for group in groups:
        mine = {
            place
            for found in group
            for place, part in zip(found.places, found.parts, strict=True)
            if part
        }
        if seen & mine:
            return True
        seen |= mine
    return False


def _total(candidates: Iterable[Candidate], base: Sequence[int]) -> int:
    """What these take off together."""
    left, total = list(base), 0
    for found in sorted(candidates, key=lambda found: found.rule.order):
        fitting = found.fit(left, base)
        for place, part in zip(found.places, fitting, strict=True):
            left[place] -= part
        total += sum(fitting)
    return total


def borne_by(rule: Rule, parts: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """What each party bears of each line: its share of the whole by largest remainder, then that over what
    the parties before have left of the lines. Lines and parties both add up to the fen.
    """
    if not rule.funders:
        yield rule.funder, list(parts)
        return
    left = list(parts)
    shares = spread(sum(parts), [permille for _party, permille in rule.funders])
    for (party, _permille), share in zip(rule.funders, shares, strict=True):
        given = spread(share, left) if share else [0] * len(left)
        left = [most - part for most, part in zip(left, given, strict=True)]
        yield party, given
