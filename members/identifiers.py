"""What a person signs in with: an e-mail or a phone number, in one spelling each."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

_PHONE = re.compile(r"\+?[0-9]{6,15}")
_CHINESE_MOBILE = re.compile(r"(?:\+|00)86(1[3-9][0-9]{9})")
_BETWEEN_DIGITS = str.maketrans("", "", " -().\u00a0\u2013\u2014")


class Identifier(NamedTuple):
    """Exactly one of the two is given."""

    email: str | None
    phone: str | None


def fold_identifier(text: str) -> str:
    """One spelling of an identifier, right or wrong, for look-ups and rate limits.

    Full-width letters become plain ones, e-mails lower case; a phone number loses what people
    put between its digits, and a Chinese mobile number its +86.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if "@" in plain:
        return plain.lower()
    digits = plain.translate(_BETWEEN_DIGITS)
    mobile = _CHINESE_MOBILE.fullmatch(digits)
    return mobile[1] if mobile else digits


def read_identifier(text: str) -> Identifier:
    """Tell an e-mail from a phone number. Raises ValidationError when it is neither."""
    folded = fold_identifier(text)
    if "@" in folded:
        if len(folded) > 254:
            raise ValidationError(_("This e-mail address is too long."), code="email")
        validate_email(folded)
        return Identifier(folded, None)
    if not _PHONE.fullmatch(folded):
        raise ValidationError(
            _("Enter an e-mail address, or a phone number such as 13800000000."), code="identifier"
        )
    return Identifier(None, folded)
