"""How a number is written: in the digits 0–9, whoever sends it and wherever it goes in.

Python reads digits of every script, and underscores between them: "٣", "３" and "1_0" are numbers
to it. An id, a quantity or an amount that looks one way and counts another is refused instead.
"""

from __future__ import annotations

import re

_NUMERAL = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


def is_numeral(text: str) -> bool:
    """Whether ``text``, blanks around it aside, is a number in ASCII: sign, digits, point, power."""
    return _NUMERAL.fullmatch(text.strip()) is not None
