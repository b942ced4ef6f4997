"""Who sees the codes of a campaign; and guesses at codes, counted by address and by account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest

from campaigns.codes import is_mistyped, read_coupon_code
from campaigns.errors import CodeUnknown
from campaigns.models import Campaign
from kernel.http.limits import client_address, give_back, hit_all
from stores.access import access_row, merchants_for
from stores.rights import Right

GUESSES, PERIOD_SECONDS = 20, 10 * 60
"""Codes that nobody has, of one address and of one account. A mistyped letter is no guess: it tells nothing."""


def access_campaign(
    *, user: Any, campaign_id: int, right: Right = Right.EDIT_CAMPAIGNS
) -> Campaign:
    """A campaign, with its batch, of a merchant for which ``user`` holds ``right``; else `lacking_row`."""
    rows = Campaign.objects.filter(merchant__in=merchants_for(user, right))
    return access_row(rows.select_related("batch"), user=user, right=right, pk=campaign_id)


@contextmanager
def guessing(request: HttpRequest, texts: Iterable[str]) -> Iterator[list[str]]:
    """Count the typed codes before they are looked up; raises TooManyAttempts beyond the limit.

    The block adds those that turned out to be unknown to the list that it is given, or raises
    CodeUnknown; all others are given back, also where something else was refused.
    """
    who = [("coupon-code-address", client_address(request), GUESSES, PERIOD_SECONDS)]
    if request.user.is_authenticated:
        who.append(("coupon-code-person", str(request.user.pk), GUESSES, PERIOD_SECONDS))
    looked_up = [text for text in dict.fromkeys(texts) if _is_looked_up(text)]
    hits = {}
    unknown: list[str] = []
    try:
        for text in looked_up:
            hits[text] = hit_all(who)
        yield unknown
    except CodeUnknown:
        unknown.extend(looked_up)
        raise
    finally:
        for text, counted in hits.items():
            if text not in unknown:
                give_back(counted)


def _is_looked_up(text: str) -> bool:
    return bool(read_coupon_code(text)) and not is_mistyped(text)
