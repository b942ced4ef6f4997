"""Scans, visitors, sign-ups and claims of a day: counted from touches, facts and coupons, and written anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from insights.models import ResultDay
from kernel.bounds import DEFAULT_ZONE
from kernel.db.names import lock_name

CodeDay = tuple[int, dt.date]
CampaignDay = tuple[int, dt.date]
_TABLE = ResultDay._meta.db_table
_PAIRS = "pairs AS (SELECT * FROM unnest(%(keys)s::bigint[], %(days)s::date[]) AS p(id, day))"
_SET = (
    " ON CONFLICT (merchant_id, campaign_id, day, code_id) DO UPDATE SET"
    " {column} = EXCLUDED.{column} WHERE {table}.{column} <> EXCLUDED.{column}"
)


def _put(column: str, pairs: str) -> str:
    return (
        f"WITH {_PAIRS} INSERT INTO {_TABLE} (merchant_id, campaign_id, day, code_id, {column})"
        f" {pairs}" + _SET.format(column=column, table=_TABLE)
    )


# A code of the platform is nobody's channel: its scans stand on its own page.
_OF_CODES = (
    " FROM pairs p JOIN codes_code c ON c.id = p.id AND c.merchant_id IS NOT NULL"
    " LEFT JOIN insights_campaigncode k ON k.code_id = c.id AND k.since <= p.day"
)
# The rows that a day of a code has: one of all orders, and one of its campaign.
_BOTH = " CROSS JOIN LATERAL (VALUES (NULL::bigint), (k.campaign_id)) b (campaign_id)"
_SCANS = _put(
    "scans",
    "SELECT DISTINCT c.merchant_id, b.campaign_id, p.day, c.id, d.scans"
    f"{_OF_CODES} JOIN codes_codeday d ON d.code_id = c.id AND d.day = p.day"
    f"{_BOTH}",
)
# Each visitor counts once: at the code, and in the campaign at the code that they met first.
_VISITORS = _put(
    "visitors",
    "SELECT c.merchant_id, NULL::bigint, p.day, c.id, count(DISTINCT t.visitor)"  # noqa: S608
    f"{_OF_CODES} JOIN codes_touch t ON t.code_id = c.id AND t.day = p.day AND t.visitor <> ''"
    " WHERE NOT EXISTS (SELECT FROM codes_touch e WHERE e.visitor = t.visitor"
    " AND e.code_id = t.code_id AND e.day < t.day)"
    " GROUP BY c.merchant_id, p.day, c.id"
    " UNION ALL"
    " SELECT c.merchant_id, k.campaign_id, p.day, c.id, count(DISTINCT t.visitor)"
    f"{_OF_CODES} JOIN codes_touch t ON t.code_id = c.id AND t.day = p.day AND t.visitor <> ''"
    " WHERE k.campaign_id IS NOT NULL AND NOT EXISTS (SELECT FROM codes_touch e"
    " JOIN insights_campaigncode o ON o.code_id = e.code_id AND o.campaign_id = k.campaign_id"
    " WHERE e.visitor = t.visitor AND e.day >= o.since"
    " AND (e.day < t.day OR (e.day = t.day AND e.code_id < t.code_id)))"
    " GROUP BY c.merchant_id, k.campaign_id, p.day, c.id",
)
_SIGNUPS = _put(
    "signups",
    "SELECT DISTINCT c.merchant_id, b.campaign_id, p.day, c.id, f.signups"  # noqa: S608
    f"{_OF_CODES} LEFT JOIN stores_store s ON s.id = c.store_id"
    " CROSS JOIN LATERAL (SELECT count(*) AS signups FROM facts_fact"
    " WHERE kind = 'signed_up' AND code_id = c.id"
    # Its month is that of UTC, where the day may begin in the one before.
    " AND month >= (date_trunc('month', p.day) - interval '1 month')::date"
    " AND at >= (p.day::timestamp AT TIME ZONE COALESCE(s.time_zone, %(zone)s))"
    " AND at < ((p.day + 1)::timestamp AT TIME ZONE COALESCE(s.time_zone, %(zone)s))) f"
    f"{_BOTH} WHERE f.signups > 0",
)
# By the code that the fact of the claim names; those without one have none.
_CLAIMS = _put(
    "claims",
    "SELECT g.merchant_id, g.id, p.day, f.code_id, count(*)"
    " FROM pairs p JOIN campaigns_campaign g ON g.id = p.id"
    " JOIN campaigns_coupon q ON q.campaign_id = g.id AND q.owner_id IS NOT NULL"
    " AND (q.claimed_at AT TIME ZONE %(zone)s)::date = p.day"
    " LEFT JOIN facts_fact f ON f.key = 'claimed:' || q.id"
    " AND f.month = (date_trunc('month', q.claimed_at AT TIME ZONE 'UTC'))::date"
    " GROUP BY g.id, p.day, f.code_id",
)


def refresh_codes(*, days: Collection[CodeDay]) -> None:
    """Count scans, visitors and sign-ups of these codes on these days. Safe to repeat.

    Holds the name "results" until the transaction ends, as whoever writes days does.
    """
    _write(sorted(set(days)), (_SCANS, _VISITORS, _SIGNUPS))


def refresh_claims(*, days: Collection[CampaignDay]) -> None:
    """Count the claims of these campaigns on these days, by the code they came by. Safe to repeat."""
    _write(sorted(set(days)), (_CLAIMS,))


def _write(pairs: Sequence[tuple[int, dt.date]], statements: Iterable[str]) -> None:
    if not pairs:
        return
    asked: dict[str, Any] = {
        "keys": [key for key, _day in pairs],
        "days": [day for _key, day in pairs],
        "zone": DEFAULT_ZONE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        lock_name("results")
        for statement in statements:
            cursor.execute(statement, asked)
