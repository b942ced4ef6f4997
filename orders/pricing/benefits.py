"""What a rule takes off the lines that it covers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from kernel.money import apply_rate, spread


class Covered(NamedTuple):
    """A line that a rule covers, with what the layers before have left of it."""

    named: int
    product_id: int
    quantity: int
    left_fen: int


class Further(NamedTuple):
    """What a rule would take off once so much more is spent: fen, or a share."""

    missing_fen: int
    amount_fen: int = 0
    permille: int = 0


class Benefit(Protocol):
    """What a stacked rule takes off; the pipeline never takes more of a line than there is."""

    @property
    def is_of_pieces(self) -> bool:
        """Whether it is for certain pieces; if not, it is spread over all that is covered."""
        ...

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        """The amount taken off each of these lines, which come by the offer asked for."""
        ...

    def further(self, lines: Sequence[Covered]) -> Further | None:
        """The next step of it, None where there is none."""
        ...


class _Whole(ABC):
    """A benefit that is spread over all lines it covers."""

    __slots__ = ()
    is_of_pieces = False

    @abstractmethod
    def amount(self, lines: Sequence[Covered]) -> int:
        """The amount taken off these lines together."""

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        """By largest remainder."""
        whole = sum_left(lines)
        return spread(min(self.amount(lines), whole), [line.left_fen for line in lines])

    def further(self, lines: Sequence[Covered]) -> Further | None:
        """It has no steps."""
        return None


def sum_left(lines: Sequence[Covered]) -> int:
    """What is left of lines together."""
    return sum(line.left_fen for line in lines)


@dataclass(frozen=True, slots=True)
class AmountOff(_Whole):
    """So many fen less."""

    amount_fen: int

    def amount(self, lines: Sequence[Covered]) -> int:
        return self.amount_fen


@dataclass(frozen=True, slots=True)
class RateOff(_Whole):
    """A share less, half a fen rounded up; at most ``at_most_fen`` when it is set."""

    rate: Decimal
    at_most_fen: int | None = None

    def amount(self, lines: Sequence[Covered]) -> int:
        amount_fen = apply_rate(sum_left(lines), self.rate)
        return amount_fen if self.at_most_fen is None else min(amount_fen, self.at_most_fen)


class Step(NamedTuple):
    """What counts from so much on."""

    minimum_fen: int
    benefit: AmountOff | RateOff


@dataclass(frozen=True, slots=True)
class Tiered(_Whole):
    """Steps that rise: the highest that is reached counts, and no other."""

    first: AmountOff | RateOff
    steps: tuple[Step, ...]

    def amount(self, lines: Sequence[Covered]) -> int:
        whole = sum_left(lines)
        reached = [step.benefit for step in self.steps if step.minimum_fen <= whole]
        return (reached[-1] if reached else self.first).amount(lines)

    def further(self, lines: Sequence[Covered]) -> Further | None:
        whole = sum_left(lines)
        ahead = next((step for step in self.steps if step.minimum_fen > whole), None)
        if ahead is None:
            return None
        missing = ahead.minimum_fen - whole
        if isinstance(ahead.benefit, AmountOff):
            return Further(missing, amount_fen=ahead.benefit.amount_fen)
        return Further(missing, permille=int(ahead.benefit.rate * 1000))


class _Pieces:
    """A benefit of certain pieces.

    A piece costs what is left of its line divided by its pieces, rounded down: never more than there is.
    """

    __slots__ = ()
    is_of_pieces = True

    def further(self, lines: Sequence[Covered]) -> Further | None:
        """It has no steps."""
        return None


def _price(line: Covered) -> int:
    return line.left_fen // line.quantity


def _dearest_first(lines: Sequence[Covered]) -> list[int]:
    """The places of lines, the dearest piece first; of equal ones the offer that was made first."""
    return sorted(range(len(lines)), key=lambda at: (-_price(lines[at]), lines[at].named))


def _capped(parts: list[int], at_most_fen: int | None) -> list[int]:
    if at_most_fen is None or sum(parts) <= at_most_fen:
        return parts
    return spread(at_most_fen, parts)


@dataclass(frozen=True, slots=True)
class NthOff(_Pieces):
    """A share less of every nth piece, counted from the dearest to the cheapest."""

    every: int
    rate: Decimal
    at_most_fen: int | None = None

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        parts, before = [0] * len(lines), 0
        for at in _dearest_first(lines):
            after = before + lines[at].quantity
            count = after // self.every - before // self.every
            parts[at] = apply_rate(count * _price(lines[at]), self.rate)
            before = after
        return _capped(parts, self.at_most_fen)


@dataclass(frozen=True, slots=True)
class CheapestOff(_Pieces):
    """A share less of the cheapest piece that costs something, or of so many as there are whole ``every``."""

    every: int | None
    rate: Decimal
    at_most_fen: int | None = None

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        parts = [0] * len(lines)
        places = [at for at in reversed(_dearest_first(lines)) if _price(lines[at])]
        pieces = sum(lines[at].quantity for at in places)
        count = min(1, pieces) if self.every is None else pieces // self.every
        for at in places:
            taken = min(count, lines[at].quantity)
            parts[at] = apply_rate(taken * _price(lines[at]), self.rate)
            count -= taken
        return _capped(parts, self.at_most_fen)


@dataclass(frozen=True, slots=True)
class FixedPrice(_Pieces):
    """All of it for a price; or each ``every`` pieces for it, the dearest first, while that saves something."""

    price_fen: int
    every: int | None = None

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        lefts = [line.left_fen for line in lines]
        if self.every is None:
            return spread(max(0, sum(lefts) - self.price_fen), lefts)
        taken, off = [0] * len(lines), 0
        for group in self._groups(lines):
            saved = sum(_price(lines[at]) * count for at, count in group) - self.price_fen
            if saved <= 0:
                break
            off += saved
            for at, count in group:
                taken[at] += count
        weights = [count * _price(line) for count, line in zip(taken, lines, strict=True)]
        return spread(off, weights) if off else [0] * len(lines)

    def _groups(self, lines: Sequence[Covered]) -> Iterator[list[tuple[int, int]]]:
        """Whole groups of pieces, the dearest first, as (place, pieces)."""
        group: list[tuple[int, int]] = []
        missing = every = self.every or 1
        for at in _dearest_first(lines):
            left = lines[at].quantity
            while left:
                count = min(left, missing)
                group.append((at, count))
                left, missing = left - count, missing - count
                if not missing:
                    yield group
                    group, missing = [], every


@dataclass(frozen=True, slots=True)
class GiftFor(_Pieces):
    """So many pieces for a price each, the dearest first."""

    price_fen: int
    pieces: int = 1

    def parts(self, lines: Sequence[Covered]) -> list[int]:
        parts = [0] * len(lines)
        for at, count in self.taken(lines):
            parts[at] = count * max(0, _price(lines[at]) - self.price_fen)
        return parts

    def taken(self, lines: Sequence[Covered]) -> list[tuple[int, int]]:
        """Which pieces are the gifts, as (place, pieces)."""
        left, found = self.pieces, []
        for at in _dearest_first(lines):
            count = min(left, lines[at].quantity)
            left -= count
            if count:
                found.append((at, count))
        return found
