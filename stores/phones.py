"""Phone numbers as people write them, and the one form that a telephone dials."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from kernel.plaintext import fold_typography

NOT_CALLABLE = _("Enter a phone number that we can call, with the area code.")
_LEAST_DIGITS, _MOST_DIGITS = 7, 15
"""Of a full number; the longest are of ITU-T E.164."""
_SHORT = re.compile(r"\D*?([*]?\d{3,6}#?)\D*")
"""A short number of a city, a bank or a service; "9-18" beside it is a time."""
_MONTH, _DAY = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:19|20)\d{2}"
_WHEN = re.compile(
    rf"(?<!\d)(?:{_YEAR}([-/.]){_MONTH}\1{_DAY}|{_DAY}([-/.]){_MONTH}\2{_YEAR})(?!\d)"
    rf"|(?<!\d)(?:{_YEAR}年)?{_MONTH}月(?:{_DAY}[日号])?"
    r"|(?<!\d)\d{1,2}(?::\d{2}){1,2}(?!\d)"
    r"|(?<!\d)\d{1,2}\s*(?:[点时]半?|[ap]\.?m\b)",
    re.IGNORECASE,
)
"""Dates and times of the clock: when somebody answers, and no part of a number."""
_SCIENTIFIC = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_TRUNK = re.compile(r"\(0\)")
_RUN = re.compile(r"\+?\s*\d{0,4}[\s-]*(?:\([\d\s]+\))?[\d\s.\-/]*\d")
"""One run of digits; brackets stand around an area code, at its beginning only."""
_MAINLAND = re.compile(
    r"(?:\+?86)?(?:1[3-9]\d{9}|0?(?:10|2\d)\d{8}|0?[3-9]\d{2}\d{7,8})(?=1[3-9]|0|\+|$)"
)
_NOT_DIALLED = re.compile(
    r"(?:\bfax|传真|\bqq)(?:号码?)?[\s:.#]*(?:\+?[\d().-]+[ \t]*)+"
    r"|(?<![a-z0-9])(?!(?:tel|phone|ph|mobile|mob|cell|call|hotline|[mpt])[\d(+])[a-z][a-z_-]*\d[\w-]*",
    re.IGNORECASE,
)
"""A fax, an account of a chat program; a name with digits in it, such as one's WeChat."""
_LOCAL_EXTENSION = re.compile(r"((?:\d ?){7,8})-\d{1,5}")
_EXTENSION = re.compile(r"((?:\+?86|0)[\d\s().-]*)-\s*\d{1,5}")
_LEAST_BEFORE_EXTENSION = 11
_LEAST_BEFORE_SLASH = 5
_UNMARKED_MAINLAND = re.compile(r"86(?:1[3-9]\d{9}|[1-9]\d{9,10})")
_BETWEEN = re.compile(r"[;,、|\n&]| or | and |或|和|\s/|/\s", re.IGNORECASE)


def callable_number(text: str) -> str:
    """Return the first number in ``text`` for a tel: link, "" when there is none.

    ``021-5555 0001 转 12；138 0013 8000 (Ms Lin)`` is ``02155550001``: names, notes, extensions
    further numbers, dates and times are left out, and so are a fax and accounts of chat programs.
    ``+86 (0)21 …`` and ``0086 21 …`` are ``+8621…``. A short number ("95599") is meant only where
    there is no full one.
    """
    plain = fold_typography(text.replace("\n", ";"))
    if _SCIENTIFIC.search(plain):
        return ""  # a spreadsheet has rounded it
    plain = _NOT_DIALLED.sub(";", _TRUNK.sub(" ", _WHEN.sub(";", plain)))
    parts = _BETWEEN.split(plain)
    for part in parts:
        for run in _RUN.finditer(part):
            number = _dialled(run[0])
            if _LEAST_DIGITS <= len(number.lstrip("+")) <= _MOST_DIGITS:
                return number
    shorts = (short[1] for part in parts if (short := _SHORT.fullmatch(part)))
    return next(shorts, "")


def _dialled(run: str) -> str:
    """The digits of one run of digits and signs, as far as they are one number."""
    head, slash, rest = run.partition("/")
    # "403/278-0500" has its area code before the slash, "5555 0001/2" a second line behind it.
    written = head + rest if slash and len(_digits(head)) < _LEAST_BEFORE_SLASH else head
    extended = _EXTENSION.fullmatch(written.strip())
    if extended and len(_digits(extended[1])) >= _LEAST_BEFORE_EXTENSION:
        written = extended[1]
    if local := _LOCAL_EXTENSION.fullmatch(written.strip()):
        written = local[1]
    number = ("+" if written.lstrip().startswith("+") else "") + _digits(written)
    if number.startswith("00"):
        number = "+" + number[2:]
    if _UNMARKED_MAINLAND.fullmatch(number):
        number = "+" + number
    if number.startswith("+860"):
        number = "+86" + number[4:]
    if len(number.lstrip("+")) > _MOST_DIGITS:
        first = _MAINLAND.match(number)
        number = first[0] if first else ""
    return number


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())
