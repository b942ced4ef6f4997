"""What a commission rate may be, and how people and programs write one; asked wherever one is set."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext

from kernel.errors import InvalidInput

MAX_COMMISSION_RATE = Decimal("0.5")
PLACES = Decimal("0.0001")
_PLAIN = re.compile(r"[0-9]{1,4}(?:\.[0-9]{0,8})?|\.[0-9]{1,8}")


def read_percent(text: str) -> Decimal:
    """A rate as people type it, in percent: "7", "7%" or "7.25", as a share; raises InvalidInput.

    Nobody means less than half a percent by a number alone, but 0.07 may mean 7 %: it is refused.
    So is a comma: "1,000" was 1 % to one reader and a thousand to another.
    """
    clean = text.strip().rstrip("%％").strip()
    if not _PLAIN.fullmatch(clean):
        raise _unfit()
    if clean == text.strip() and clean.strip("0.") and Decimal(clean) < MAX_COMMISSION_RATE:
        raise _unfit()
    return read_rate(f"{clean}%")


def read_rate(text: str) -> Decimal:
    """A rate as programs write it, "0.07", or in percent, "7%", with four decimals; raises InvalidInput."""
    clean = text.strip().rstrip("%％").strip()
    if not _PLAIN.fullmatch(clean):
        raise _unfit()
    rate = Decimal(clean)
    rate = rate if clean == text.strip() else rate / 100
    exact = rate.quantize(PLACES)
    if not rate.is_finite() or exact != rate or not 0 <= exact <= MAX_COMMISSION_RATE:
        raise _unfit()
    return exact


def _unfit() -> InvalidInput:
    message = gettext(
        "Enter the commission in percent, from 0 to 50 with two decimals at most, such as 7%."
    )
    return InvalidInput(message, fields={"commission_rate": [message]})
