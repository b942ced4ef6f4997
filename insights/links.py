"""Where a figure leads: the list of the orders that it counts, filtered alike."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from insights.report import NONE, Scope

STEPS = ("paid", "came", "sent_back", "new", "new_came", "again")


def rows_of(scope: Scope, *, step: str = "", **narrower: Any) -> str:
    """The address of the orders in ``scope``, narrowed to a row of its report and to one step."""
    of = scope._replace(**narrower)
    asked = {
        "of_campaign": of.campaign,
        "channel": of.channel,
        "of_code": of.code,
        "of_store": of.store,
        "day_from": of.since,
        "day_to": of.until,
        "step": step,
    }
    query = urlencode({name: value for name, value in asked.items() if value not in (None, "")})
    return f"{reverse('admin:insights_orderpart_changelist')}?{query}"


def narrowed(by: str, key: Any) -> dict[str, Any] | None:
    """What narrows a scope to the row ``key`` of its report; None for a row that has no orders."""
    if isinstance(key, tuple):
        return None
    if by == "day":
        return {"since": key, "until": key}
    if key is None:
        return {"channel": NONE} if by in ("channel", "code") else None
    return {by: key}
