"""What a rule takes off the lines that it covers."""

from __future__ import annotations

from collections.abc import Sequence
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


class _Whole:
    """A benefit that is spread over all lines it covers."""

    __slots__ = ()
    is_of_pieces = False

    def amount(self, lines: Sequence[Covered]) -> int:
        """The amount taken off these lines together."""
        raise NotImplementedError

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
