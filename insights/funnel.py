"""The way from a look to a visit, counted from facts: how many took each step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from kernel.clock import now
from kernel.db.months import month_of

LONGEST = 366


class Funnel(NamedTuple):
    """Visitors up to the basket; from the order on, order lines: an order says nothing of a stranger.

    ``searched`` are those of ``viewed`` who had searched the same day.
    """

    searched: int
    viewed: int
    added: int
    ordered: int
    paid: int
    redeemed: int


_SQL = """
WITH seen AS (
    SELECT kind, visitor, key, follows, at FROM facts_fact
    WHERE month >= %(month)s AND at >= %(since)s
    AND kind IN ('product_view', 'basket_add', 'checkout', 'paid', 'redeemed')
    AND (%(all)s OR merchant_id = ANY(%(merchants)s))
)
SELECT
    (SELECT count(DISTINCT v.visitor) FROM seen v WHERE v.kind = 'product_view' AND EXISTS (
        SELECT FROM facts_fact s WHERE s.kind = 'search' AND s.visitor = v.visitor
        AND s.month >= %(month)s AND s.at BETWEEN v.at - interval '1 day' AND v.at)),
    (SELECT count(DISTINCT visitor) FROM seen WHERE kind = 'product_view'),
    (SELECT count(DISTINCT visitor) FROM seen WHERE kind = 'basket_add'),
    (SELECT count(*) FROM seen WHERE kind = 'checkout'),
    (SELECT count(*) FROM seen WHERE kind = 'paid'),
    (SELECT count(DISTINCT COALESCE(NULLIF(follows, ''), key)) FROM seen WHERE kind = 'redeemed')
"""


def funnel_of(*, merchants: Sequence[int] | None, days: int = 30) -> Funnel:
    """The steps of the last ``days`` at ``merchants`` (None: at all); one query."""
    since = now() - dt.timedelta(days=days)
    params: dict[str, Any] = {
        "month": month_of(since),
        "since": since,
        "all": merchants is None,
        "merchants": list(merchants or []),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, params)
        return Funnel(*cursor.fetchone())
