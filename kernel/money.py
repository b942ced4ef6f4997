"""Money rules: integers in fen, rates as Decimal, all rounding in one place.

Amounts are counts of the smallest unit (``*_fen``, 1 yuan = 100 fen). The rules are
explained with the ledger entries of every event in docs/money.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from kernel.numerals import LONGEST, MAX_ID, is_numeral

CURRENCY = "CNY"
MAX_AMOUNT_FEN = 100_000_000_00
"""Largest amount of one order: 100 million yuan, far inside a bigint."""
MAX_YUAN = MAX_ID // 100
"""Largest amount that is read: a day of a gateway may come to more than one order."""
_EXACT = Context(prec=LONGEST + 2)
"""Room for every digit of a numeral, so that none is rounded away unseen."""


def cumulative_share(total_fen: int, used: int, parts: int) -> int:
    """Return what ``used`` of ``parts`` equal shares of ``total_fen`` are worth together.

    ``floor(total × used / parts)``: nothing for 0 shares, exactly ``total_fen`` for all of
    them, never a fen made or lost on the way, whatever the order of use.
    """
    if parts < 1 or not 0 <= used <= parts:
        raise ValueError(f"cannot take {used} of {parts} shares")
    return total_fen * used // parts


def share(total_fen: int, first: int, count: int, parts: int) -> int:
    """Return the value of ``count`` shares starting after the first ``first`` ones."""
    return cumulative_share(total_fen, first + count, parts) - cumulative_share(
        total_fen, first, parts
    )


def spread(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split ``total_fen`` by ``weights`` into whole fen that sum to it: the largest remainder.

    Each part is its exact share rounded down; the fen left over go to the largest remainders,
    earlier ones first. Equal weights share alike where all weights are 0.
    """
    if total_fen < 0 or not weights or min(weights) < 0:
        raise ValueError(f"cannot spread {total_fen} over {weights}")
    given = weights if any(weights) else [1] * len(weights)
    whole = sum(given)
    parts = [total_fen * weight // whole for weight in given]
    first = sorted(range(len(given)), key=lambda at: (-(total_fen * given[at] % whole), at))
    for at in first[: total_fen - sum(parts)]:
        parts[at] += 1
    return parts


def apply_rate(amount_fen: int, rate: Decimal) -> int:
    """Return ``rate`` of ``amount_fen`` in fen, half a fen rounded up (commission rule)."""
    return int((Decimal(amount_fen) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan_to_fen(text: str) -> int:
    """Turn a decimal amount in yuan ("2.55") into fen.

    Raises ValueError for more than two decimals, for more than a column holds and for what is
    no numeral (kernel/numerals.py).
    """
    if not is_numeral(text):
        raise ValueError(f"{text!r:.60} is not an amount")
    yuan = Decimal(text.strip())
    if abs(yuan) > MAX_YUAN:
        raise ValueError(f"{text!r} is more than any amount")
    fen = _EXACT.multiply(yuan, 100)
    if fen != fen.to_integral_value():
        raise ValueError(f"{text!r} has more than two decimals")
    return int(fen)


def fen_to_yuan(amount_fen: int) -> Decimal:
    """Return the exact Decimal amount in yuan, two decimals."""
    return (Decimal(amount_fen) / 100).quantize(Decimal("0.01"))
