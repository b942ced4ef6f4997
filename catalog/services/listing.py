"""The one writer of what lists read of a product's price: `ListingFact`, and the key they sort by.

The rule of the price stands here and in `catalog.cards.price_now`, which product pages ask: the
cheapest running offer with pieces left, else the cheapest running one. What "pieces left" means
for a choice stands in `OUT_OF_STOCK` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from catalog.compare import COUNTER_PRICE
from catalog.models import Product
from catalog.services.history import write_history
from kernel.clock import now

OUT_OF_STOCK = "stock.variant_id IS NULL OR stock.available <= 0"
"""Whether a choice has no pieces left online; NULL pieces are no limit, without a row there are none."""

# A product's future is cut where one of its prices begins or ends; in each span one price is best.
_FRESH = f"""
running AS (
    SELECT offer.product_id, offer.id, offer.variant_id, offer.price_fen, offer.starts_at,
        offer.ends_at, offer.kind <> 'normal' AS limited, COALESCE({OUT_OF_STOCK}, false) AS is_out,
        offer.was_fen, offer.was_until, CASE WHEN offer.kind = 'normal' THEN {COUNTER_PRICE} END AS counter_fen
    FROM asked JOIN catalog_product product ON product.id = asked.id
    JOIN catalog_offer offer ON offer.product_id = asked.id
    JOIN catalog_variant variant ON variant.id = offer.variant_id AND variant.active
    LEFT JOIN catalog_stock stock ON stock.variant_id = offer.variant_id
    WHERE offer.active AND (offer.ends_at IS NULL OR offer.ends_at > %(moment)s::timestamptz)
        AND (offer.quota IS NULL OR offer.quota_sold < offer.quota)
),
edges AS (
    SELECT product_id, '-infinity'::timestamptz AS since FROM running
    UNION SELECT product_id, starts_at FROM running
        WHERE starts_at > %(moment)s::timestamptz AND starts_at < '9999-12-31 UTC'
    UNION SELECT product_id, ends_at FROM running WHERE ends_at < '9999-12-31 UTC'
    UNION SELECT product_id, was_until FROM running WHERE was_until > %(moment)s::timestamptz
),
spans AS (
    SELECT product_id, since, GREATEST(since, %(moment)s::timestamptz) AS at,
        lead(since) OVER (PARTITION BY product_id ORDER BY since) AS until
    FROM edges
),
priced AS (
    SELECT spans.product_id, spans.since, spans.until, running.id, running.variant_id,
        running.price_fen, running.ends_at, running.limited, running.is_out,
        COALESCE(CASE WHEN running.was_until IS NULL OR running.was_until > spans.at THEN running.was_fen END,
            running.counter_fen) AS was_fen
    FROM spans JOIN running ON running.product_id = spans.product_id
        AND (running.starts_at IS NULL OR running.starts_at <= spans.at)
        AND (running.ends_at IS NULL OR running.ends_at > spans.at)
),
lowest AS (
    SELECT product_id, since, variant_id, min(price_fen) AS price_fen
    FROM priced GROUP BY product_id, since, variant_id
),
choices AS (
    SELECT product_id, since, min(price_fen) <> max(price_fen) AS several
    FROM lowest GROUP BY product_id, since
),
best AS (
    SELECT DISTINCT ON (product_id, since) product_id, since, until, price_fen, limited, ends_at,
        is_out, was_fen
    FROM priced ORDER BY product_id, since, is_out, price_fen, id
),
fresh AS (
    SELECT best.product_id, CASE WHEN limited THEN 'limited' ELSE 'normal' END AS kind,
        price_fen AS from_fen, several, is_out AS sold_out,
        NULLIF(best.since, '-infinity') AS since, until,
        CASE WHEN limited THEN LEAST(ends_at, '9999-12-31 UTC') END AS ends_at,
        CASE WHEN was_fen > price_fen THEN was_fen END AS was_fen
    FROM best JOIN choices ON choices.product_id = best.product_id AND choices.since = best.since
)
"""  # noqa: S608 - SQL of our own
_COLUMNS = "product_id, kind, from_fen, several, sold_out, since, until, ends_at, was_fen"
_SAID = "(old.kind, old.from_fen, old.several, old.sold_out, old.until, old.ends_at, old.was_fen)"
_WRITE = f"""
WITH asked (id) AS (SELECT unnest(%(ids)s::bigint[])), {_FRESH},
gone AS (
    DELETE FROM catalog_listingfact old WHERE old.product_id = ANY(%(ids)s)
        AND NOT EXISTS (SELECT FROM fresh WHERE fresh.product_id = old.product_id
            AND fresh.since IS NOT DISTINCT FROM old.since)
    RETURNING old.product_id
),
written AS (
    INSERT INTO catalog_listingfact AS old ({_COLUMNS}) SELECT {_COLUMNS} FROM fresh
    ON CONFLICT (product_id, since) DO UPDATE SET kind = EXCLUDED.kind,
        from_fen = EXCLUDED.from_fen, several = EXCLUDED.several, sold_out = EXCLUDED.sold_out,
        until = EXCLUDED.until, ends_at = EXCLUDED.ends_at,
        was_fen = EXCLUDED.was_fen
    WHERE {_SAID} IS DISTINCT FROM (EXCLUDED.kind, EXCLUDED.from_fen, EXCLUDED.several,
        EXCLUDED.sold_out, EXCLUDED.until, EXCLUDED.ends_at, EXCLUDED.was_fen)
    RETURNING old.product_id
),
sorted AS (
    UPDATE catalog_product product SET price_fen = fresh.from_fen
    FROM asked LEFT JOIN fresh ON fresh.product_id = asked.id AND fresh.since IS NULL
    WHERE product.id = asked.id AND product.price_fen IS DISTINCT FROM fresh.from_fen
    RETURNING product.id AS product_id
)
SELECT count(*) FROM (
    SELECT product_id FROM gone UNION SELECT product_id FROM written UNION SELECT product_id FROM sorted
) changed
"""  # noqa: S608 - SQL of our own


def lock_listed(product_ids: Iterable[int]) -> list[int]:
    """Lock products by ascending key and return those that there are.

    Whoever changes offers takes it first, before its offers (docs/locking.md).
    """
    rows = Product.objects.filter(pk__in=set(product_ids)).order_by("pk").only("pk")
    return [row.pk for row in rows.select_for_update(of=("self",), no_key=True)]


@transaction.atomic
def write_listing_facts(*, product_ids: Sequence[int]) -> int:
    """Write what lists say of the products, where it differs; return how many of them changed.

    Locks the products by ascending key before it reads, so that of two writers the later one sees
    all. Writes their facts, and ``Product.price_fen``, the price of this moment that lists sort and
    filter by (NULL: no price runs, and the product leaves the shop); before them the history of
    prices, which says what a price may be compared with. Three statements, four after a change.
    """
    if not product_ids:
        return 0
    found, moment = lock_listed(product_ids), now()
    write_history(product_ids=found, moment=moment)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"ids": found, "moment": moment})
        (changed,) = cursor.fetchone()
    return int(changed)
