"""The one writer of price history, and of what a price may be compared with.

`write_history` is called with every change of a price, by the writer of what lists say and under
the same locks (listing.py). So a price that was sold at has its period, and what a reduction is
measured by is known when it begins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection

_LIVE = """
WITH live AS (
    SELECT offer.id, offer.variant_id, offer.price_fen, offer.starts_at, offer.ends_at
    FROM catalog_offer offer
    JOIN catalog_variant variant ON variant.id = offer.variant_id AND variant.active
    JOIN catalog_product product ON product.id = offer.product_id AND product.state = 'active'
    WHERE offer.product_id = ANY(%(ids)s) AND offer.active
        AND (offer.ends_at IS NULL OR offer.ends_at > %(moment)s)
),
open AS (
    SELECT period.id, period.offer_id, period.since, period.until
    FROM catalog_offer offer JOIN catalog_priceperiod period ON period.offer_id = offer.id
    WHERE offer.product_id = ANY(%(ids)s) AND (period.until IS NULL OR period.until > %(moment)s)
)
"""
_WRITE = f"""
{_LIVE},
moved AS (
    UPDATE catalog_priceperiod period
    SET until = CASE WHEN live.id IS NULL THEN GREATEST(open.since, %(moment)s) ELSE live.ends_at END
    FROM open LEFT JOIN live ON live.id = open.offer_id
    WHERE period.id = open.id AND open.until IS DISTINCT FROM
        CASE WHEN live.id IS NULL THEN GREATEST(open.since, %(moment)s) ELSE live.ends_at END
    RETURNING period.offer_id
),
begun AS (
    INSERT INTO catalog_priceperiod (variant_id, offer_id, price_fen, since, until)
    SELECT live.variant_id, live.id, live.price_fen, GREATEST(live.starts_at, %(moment)s), live.ends_at
    FROM live WHERE NOT EXISTS (SELECT FROM open WHERE open.offer_id = live.id)
    ON CONFLICT (offer_id, since) DO UPDATE SET until = EXCLUDED.until
    RETURNING offer_id
)
SELECT count(*) FROM (SELECT offer_id FROM moved UNION ALL SELECT offer_id FROM begun) changed
"""  # noqa: S608 - SQL of our own
_COMPARE = f"""
{_LIVE},
days AS (
    SELECT product.id, make_interval(days => COALESCE((
        SELECT max(COALESCE(rule.days, %(usual)s)) FROM stores_store store
        JOIN stores_city city ON city.id = store.city_id
        LEFT JOIN unnest(%(countries)s::text[], %(counts)s::int[]) rule (country, days)
            ON rule.country = city.country
        WHERE store.merchant_id = product.merchant_id
    ), %(usual)s)) AS span
    FROM catalog_product product WHERE product.id = ANY(%(ids)s)
),
priors AS (
    SELECT offer.id, offer.price_fen, begun.since, days.span, offer.kind,
        CASE WHEN EXISTS (
            SELECT FROM catalog_priceperiod known WHERE known.variant_id = offer.variant_id
                AND known.since <= begun.since - days.span
        ) THEN (
            SELECT min(before.price_fen) FROM catalog_priceperiod before
            WHERE before.variant_id = offer.variant_id AND before.since < begun.since
                AND (before.offer_id <> offer.id OR offer.kind = 'normal')
                AND (before.until IS NULL OR before.until > before.since)
                AND (before.until IS NULL OR before.until > begun.since - days.span)
        ) END AS was_fen
    FROM open begun JOIN catalog_offer offer ON offer.id = begun.offer_id
    JOIN days ON days.id = offer.product_id
    WHERE begun.since >= %(moment)s
),
said AS (
    SELECT id, CASE WHEN was_fen > price_fen THEN was_fen END AS was_fen,
        CASE WHEN was_fen > price_fen AND kind = 'normal' THEN since + span END AS was_until
    FROM priors
)
UPDATE catalog_offer offer SET was_fen = said.was_fen, was_until = said.was_until FROM said
WHERE offer.id = said.id
    AND (offer.was_fen, offer.was_until) IS DISTINCT FROM (said.was_fen, said.was_until)
"""  # noqa: S608 - SQL of our own


def write_history(*, product_ids: Sequence[int], moment: dt.datetime) -> int:
    """Bring the price history of products in step with their offers; return how many periods moved.

    Whoever calls holds the locks of the products. What begins at ``moment`` or later gets what it
    may be compared with: the lowest price of the days before it that its market asks for
    (`settings.PRIOR_PRICE_DAYS`; of a merchant in several countries the most), where all of these
    days are known. Two statements, one where nothing has moved.
    """
    facts: dict[str, Any] = {"ids": list(product_ids), "moment": moment}
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, facts)
        (moved,) = cursor.fetchone()
        if moved:
            days = settings.PRIOR_PRICE_DAYS
            rules = {"countries": list(days), "counts": list(days.values())}
            cursor.execute(_COMPARE, facts | rules | {"usual": settings.PRIOR_PRICE_USUAL_DAYS})
    return int(moved)
