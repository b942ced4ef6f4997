"""Numbers and codes that people see, all from the operating system's CSPRNG."""

from __future__ import annotations

import secrets
import string

from kernel.clock import now


def new_number(prefix: str = "") -> str:
    """Return a document number: prefix, date (UTC, YYMMDD) and twelve random digits.

    Random, not counted: a number tells nobody how many orders a shop has.
    """
    return f"{prefix}{now():%y%m%d}{secrets.randbelow(10**12):012d}"


def new_voucher_code() -> str:
    """Return twelve random digits: what a clerk can type on a number pad.

    Forty bits are enough because entry is limited to signed-in staff, counted per person
    and judged within one merchant; the QR code carries 128 bits of its own.
    """
    return f"{secrets.randbelow(10**12):012d}"


def new_token() -> str:
    """Return an URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(32)


def clean_code(text: str) -> str:
    """Return the digits of a typed code; spaces, dashes and digits of any script are welcome.

    Signs that only look like digits ("❶", "²") have no place in a code: "" then.
    """
    digits = []
    for char in text:
        if char.isdecimal():
            digits.append(str(int(char)))
        elif char not in " -\u3000\t" + string.whitespace:
            return ""
    return "".join(digits)


_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O and U, which are read as something else."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
SHORT_LENGTH = 7


def new_short_code() -> str:
    """Return six random letters and one that checks them: for an address that people may type."""
    values = [secrets.randbelow(len(_LETTERS)) for _ in range(SHORT_LENGTH - 1)]
    return "".join(_LETTERS[value] for value in [*values, _check(values)])


def read_short_code(text: str) -> str:
    """Return a typed or scanned short code as it is kept, "" when it is none.

    The last letter finds one wrong letter, and two that changed places.
    """
    clean = clean_letters(text, SHORT_LENGTH)
    return clean if is_checked(clean) else ""


COUPON_LENGTH = 13


def new_coupon_codes(count: int) -> list[str]:
    """Return so many codes of twelve random letters, sixty bits, and one that checks them.

    Nobody guesses one of a million in a lifetime of tries; a slip of the finger is found at once.
    """
    random = secrets.token_bytes(8 * count)
    codes = []
    for place in range(0, len(random), 8):
        bits = int.from_bytes(random[place : place + 8], "big")
        values = [bits >> 5 * digit & 31 for digit in range(COUPON_LENGTH - 1)]
        codes.append("".join(_LETTERS[value] for value in [*values, _check(values)]))
    return codes


def clean_letters(text: str, length: int) -> str:
    """Return what was typed as a code of ``length`` letters is kept, "" when it can't be one."""
    clean = text.strip().upper().replace("-", "").replace(" ", "").translate(_READ_AS)
    if len(clean) != length or any(letter not in _LETTERS for letter in clean):
        return ""
    return clean


def is_checked(clean: str) -> bool:
    """Whether the last letter of a code (of `clean_letters`) is that of the others."""
    if not clean:
        return False
    *values, check = [_LETTERS.index(letter) for letter in clean]
    return _check(values) == check


def _check(values: list[int]) -> int:
    """Each value times another power of two, in the field of 32 elements (x⁵ + x² + 1)."""
    found = 0
    for value in values:
        found = _double(found ^ value)
    return found


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled
