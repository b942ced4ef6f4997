"""Amounts spread over lines and vouchers by largest remainder: sums stay exact, to the fen.

Pure. Used once, when an order is placed and its vouchers are issued; over the uses of one
voucher only `kernel.money.cumulative_share` counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class VoucherPrice(NamedTuple):
    """What one voucher of a line costs: ``discounts_fen`` in the order of the line's discounts."""

    gross_fen: int
    discounts_fen: tuple[int, ...]

    @property
    def payable_fen(self) -> int:
        """What the buyer pays for it."""
        return self.gross_fen - sum(self.discounts_fen)


def spread(amount_fen: int, weights: Sequence[int]) -> list[int]:
    """Split ``amount_fen`` in proportion to ``weights``; the parts add up to it.

    Each part is its exact share rounded down, and the fen left over go one each to the largest
    remainders, of equal ones to the first. No part is negative; while the amount is not above
    the sum of the weights, none is above its weight. Raises ValueError for a negative amount
    or weight, and for an amount that no weight can take.
    """
    total = sum(weights)
    if amount_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("amounts and weights are never negative")
    if not amount_fen:
        return [0] * len(weights)
    if not total:
        raise ValueError("there is nothing to spread the amount over")
    parts = [amount_fen * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(amount_fen * weights[place] % total), place)
    )
    for place in by_remainder[: amount_fen - sum(parts)]:
        parts[place] += 1
    return parts


def spread_line(
    *, unit_price_fen: int, pieces: Sequence[int], discounts_fen: Sequence[int]
) -> list[VoucherPrice]:
    """Spread a line's discounts over its vouchers, of which each holds so many ``pieces``.

    One discount after the other, each over what the ones before have left of the vouchers, so
    that no voucher goes below zero. Raises ValueError when the discounts are more than the line.
    """
    gross = [unit_price_fen * count for count in pieces]
    left = list(gross)
    parts: list[list[int]] = []
    for amount_fen in discounts_fen:
        if amount_fen > sum(left):
            raise ValueError("the discounts are more than the line")
        part = spread(amount_fen, left)
        left = [before - taken for before, taken in zip(left, part, strict=True)]
        parts.append(part)
    return [
        VoucherPrice(gross[place], tuple(part[place] for part in parts))
        for place in range(len(gross))
    ]
