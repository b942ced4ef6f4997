"""What a buyer agreed to, as one short text that can tell later what has changed.

``1~LINE.QUANTITY.UNIT_PRICE.DISCOUNT~…``, lines in order of their keys, amounts in fen. Clients send
it back as they got it. It is not signed: it is compared with the truth, and only says what its
sender believes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

VERSION = "1"
MAX_LENGTH = 8000
_LINE = re.compile(r"(f?[0-9]{1,19})\.([0-9]{1,10})\.([0-9]{1,14})\.([0-9]{1,16})")


class _Priced(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price_fen(self) -> int: ...
    @property
    def discount_fen(self) -> int: ...


class SeenLine(NamedTuple):
    """A line as the buyer saw it."""

    key: str
    quantity: int
    unit_price_fen: int
    discount_fen: int

    @property
    def payable_fen(self) -> int:
        return self.quantity * self.unit_price_fen - self.discount_fen


class Change(NamedTuple):
    """One thing that is not as it was seen; ``line`` is "" for the total.

    A line that is gone has a new quantity of 0, one that is new an old quantity of 0.
    """

    line: str
    field: str
    old: int
    new: int


def write_digest(lines: Iterable[_Priced]) -> str:
    """The digest of priced lines."""
    seen = sorted(f"{x.key}.{x.quantity}.{x.unit_price_fen}.{x.discount_fen}" for x in lines)
    return "~".join((VERSION, *seen))


def read_digest(text: str) -> list[SeenLine]:
    """The lines of a digest; raises ValueError for what is none."""
    version, *lines = text[: MAX_LENGTH + 1].split("~")
    found = [_LINE.fullmatch(line) for line in lines]
    if version != VERSION or len(text) > MAX_LENGTH or not found or not all(found):
        raise ValueError("this is no digest")
    seen = [
        SeenLine(match[1], int(match[2]), int(match[3]), int(match[4])) for match in found if match
    ]
    if len({line.key for line in seen}) < len(seen):
        raise ValueError("a digest names each line once")
    return seen


def changes_since(seen: Sequence[SeenLine], lines: Iterable[_Priced]) -> list[Change]:
    """What differs now from what was ``seen``, line by line; the total comes last."""
    now = {
        line.key: SeenLine(line.key, line.quantity, line.unit_price_fen, line.discount_fen)
        for line in lines
    }
    before = {line.key: line for line in seen}
    found = []
    for key in (*before, *(key for key in now if key not in before)):
        old, new = before.get(key), now.get(key)
        if old is None or new is None:
            quantities = (old.quantity if old else 0, new.quantity if new else 0)
            found.append(Change(key, "quantity", *quantities))
            continue
        found += [
            Change(key, field, getattr(old, field), getattr(new, field))
            for field in ("quantity", "unit_price_fen", "discount_fen")
            if getattr(old, field) != getattr(new, field)
        ]
    totals = [sum(line.payable_fen for line in side.values()) for side in (before, now)]
    if totals[0] != totals[1]:
        found.append(Change("", "total_fen", *totals))
    return found
