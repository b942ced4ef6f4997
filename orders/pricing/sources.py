"""What the source and the campaign of a discount name: a coupon, or a campaign that came by itself."""

from __future__ import annotations

import re

_NAMED = re.compile(r"(coupon|automatic|campaign):([1-9][0-9]{0,17})")
OF_CAMPAIGNS = r"^(coupon|automatic):[1-9][0-9]{0,17}$"
"""The sources of discounts that come of campaigns, to PostgreSQL."""


def coupon_of(source: str) -> int | None:
    """The coupon that a source names, None for another source."""
    return _read(source, "coupon")


def automatic_of(source: str) -> int | None:
    """The campaign that came by itself and that a source names, None for another source."""
    return _read(source, "automatic")


def campaign_of(text: str) -> int | None:
    """The campaign that a discount's ``campaign`` names, None where it names none."""
    return _read(text, "campaign")


def _read(text: str, kind: str) -> int | None:
    found = _NAMED.fullmatch(text)
    return int(found[2]) if found and found[1] == kind else None
