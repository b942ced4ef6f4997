"""How a number is written: in the digits 0–9, whoever sends it and wherever it goes in.

Python reads digits of every script, and underscores between them: "٣", "３" and "1_0" are numbers
to it. An id, a quantity or an amount that looks one way and counts another is refused instead.
"""

from __future__ import annotations

import re

MAX_ID = 2**63 - 1
"""The largest key of a bigint column."""
LONGEST = 40
"""Characters of a numeral. Python refuses to read thousands of digits, and nothing here counts so far."""

_NUMERAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


def is_numeral(text: str) -> bool:
    """Whether ``text``, blanks around it aside, is a number in ASCII: sign, digits, point, power.

    What is one can be read by int, float and Decimal.
    """
    plain = text.strip()
    return len(plain) <= LONGEST and _NUMERAL.fullmatch(plain) is not None


def has_other_digits(text: str) -> bool:
    """Whether ``text`` holds a digit of another script, which a calendar of Python would read along."""
    return any(char.isdecimal() and not char.isascii() for char in text)


def read_number(text: object, *, most: int = MAX_ID) -> int | None:
    """The whole number that ``text`` writes in ASCII digits, from 0 to ``most``; else None."""
    if not isinstance(text, str) or not text.isascii() or not text.isdigit():
        return None
    if len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None
