"""What a discount's source names: a coupon, or a campaign that came by itself."""

from __future__ import annotations

import re

_NAMED = re.compile(r"(coupon|automatic):([1-9][0-9]{0,17})")
OF_CAMPAIGNS = r"^(coupon|automatic):[1-9][0-9]{0,17}$"
"""The same, to PostgreSQL."""


def coupon_of(source: str) -> int | None:
    """The coupon that a source names, None for another source."""
    return _read(source, "coupon")


def campaign_of(source: str) -> int | None:
    """The campaign that came by itself and that a source names, None for another source."""
    return _read(source, "automatic")


def _read(source: str, kind: str) -> int | None:
    found = _NAMED.fullmatch(source)
    return int(found[2]) if found and found[1] == kind else None
