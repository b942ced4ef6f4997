"""What a person signs in with: an e-mail or a phone number, in one spelling each."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.emails import fold_email, read_email
from kernel.plaintext import strip_invisible

_PHONE = re.compile(r"\+?[0-9]{6,15}")
# +86 of China; the 0 that people keep behind it, or dial before a mobile number, is no part.
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?0?(1[3-9][0-9]{9})")
_CHINESE_LANDLINE = re.compile(r"(?:\+|00)860?([2-9][0-9]{8,10}|10[0-9]{8})")
_ABROAD = re.compile(r"00([1-9][0-9]{5,14})")
# "+44 (0)20 …": the 0 is dialled at home only.
_HOME_ZERO = re.compile(r"(?<=[0-9])\s*\(0\)")
_SIGNS_BETWEEN = frozenset("().·・/\u2212")
_NEVER_STORED = re.compile("[\x00\ud800-\udfff]")


class Identifier(NamedTuple):
    """Exactly one of the two is given."""

    email: str | None
    phone: str | None


def fold_identifier(text: str) -> str:
    """One spelling of an identifier, right or wrong, for look-ups and rate limits; never raises.

    Nothing invisible, full-width characters plain. An e-mail as `kernel.emails` folds it. A
    phone number loses what people put between its digits, a Chinese mobile number its 86, a landline
    gets its 0, and 00 before another country is +.
    """
    plain = unicodedata.normalize("NFKC", strip_invisible(text)).strip()
    if "@" in plain:
        return fold_email(plain)
    digits = _digits(_HOME_ZERO.sub("", plain))
    if found := _MOBILE.fullmatch(digits):
        return found[1]
    if found := _CHINESE_LANDLINE.fullmatch(digits):
        return f"0{found[1]}"
    if found := _ABROAD.fullmatch(digits):
        return f"+{found[1]}"
    return digits


def spellings(text: str) -> tuple[str, str]:
    """An identifier as it was stored before `fold_identifier` knew more, and folded.

    They differ only for an account whose folded spelling belonged to another one already
    (migration members.0003): it is still found by the spelling it was opened with.
    """
    plain = _NEVER_STORED.sub("", unicodedata.normalize("NFKC", text)).strip()
    if "@" in plain:
        return plain.lower(), fold_identifier(text)
    return re.sub(r"[ \-().\u00a0\u2013\u2014]", "", plain), fold_identifier(text)


def read_identifier(text: str) -> Identifier:
    """Tell an e-mail from a phone number. Raises ValidationError when it is neither."""
    folded = fold_identifier(text)
    if "@" in folded:
        return Identifier(read_email(folded), None)
    return Identifier(None, read_phone(folded))


def read_phone(text: str) -> str:
    """Return the one spelling of a phone number; raises ValidationError for anything else."""
    folded = fold_identifier(text)
    if not _PHONE.fullmatch(folded):
        raise ValidationError(
            _("Enter an e-mail address, or a phone number such as 13800000000."), code="identifier"
        )
    return folded


def _digits(text: str) -> str:
    """Drop what stands between digits, of whatever script; anything else stays."""
    kept = []
    for char in text:
        if (digit := unicodedata.decimal(char, None)) is not None:
            kept.append(str(digit))
        elif char not in _SIGNS_BETWEEN and unicodedata.category(char) not in ("Zs", "Pd"):
            kept.append(char)
    return "".join(kept)
