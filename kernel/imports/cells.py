"""What spreadsheets do to the numbers that name things, and cells made plain."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from kernel.plaintext import clean_line

_SCIENTIFIC = re.compile(r"[+-]?\d+[.,]\d+E[+-]?\d+|[+-]?\d+E[+-]\d+", re.IGNORECASE)
_DECIMALS = re.compile(r"\d+[.,]0+")
_KEPT_DIGITS = 15
"""A spreadsheet keeps fifteen digits of a number and writes zeros behind them."""


def clean_cell(text: str) -> str:
    """Return a cell as one line, without blanks around it and without what nobody sees."""
    plain = text.strip()
    return plain if plain.isascii() and plain.isprintable() else clean_line(plain)


def fault_of_cells(cells: dict[str, str]) -> str:
    """Why the cells as they were read cannot be taken; "" when they can."""
    for name, value in cells.items():
        if "\x00" in value:
            return _("“%(column)s” contains a NUL character.") % {"column": name}
        if "\ufffd" in value:
            return _(
                "“%(column)s” contains “%(lost)s”: a character was lost when the file was made."
            ) % {
                "column": name,
                "lost": "\ufffd",
            }
    return ""


def fault_of_number(name: str, text: str) -> str:
    """Why ``text`` is no number of a thing: a spreadsheet took it for an amount. "" when it is."""
    if _SCIENTIFIC.fullmatch(text) or _DECIMALS.fullmatch(text):
        return _(
            "“%(column)s” is “%(text)s”: a spreadsheet has rounded a number. Set the column to "
            "text, enter the number again and save the file."
        ) % {"column": name, "text": text}
    return ""


def may_be_cut(text: str) -> bool:
    """Whether the digits end as a spreadsheet ends a number that is too long for it."""
    return (
        len(text) > _KEPT_DIGITS
        and text.isascii()
        and text.isdigit()
        and not text[_KEPT_DIGITS:].strip("0")
    )


def cut_reason(name: str, text: str) -> str:
    """What to tell when two rows have a number that `may_be_cut`."""
    return _(
        "“%(column)s” is “%(text)s” on several rows: a spreadsheet keeps fifteen digits and writes "
        "zeros for the rest. Set the column to text, enter the numbers again and save the file."
    ) % {"column": name, "text": text}
