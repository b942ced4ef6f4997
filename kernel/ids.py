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
