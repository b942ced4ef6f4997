"""What lists say of every product that there is: one statement over all of them.

As catalog/services/listing.py says it of some; the release before goes on writing prices without it
while it is being replaced, and the first look of the new one's sweep is at all products.
"""

from django.db import migrations

from kernel.db.rewrite import ROOM

FILL = """
WITH asked (id) AS MATERIALIZED (SELECT id FROM catalog_product),
running AS (
    SELECT offer.product_id, offer.id, offer.variant_id, offer.price_fen, offer.starts_at,
        offer.ends_at, offer.kind <> 'normal' AS limited, COALESCE(stock.variant_id IS NULL OR stock.available <= 0, false) AS is_out
    FROM asked JOIN catalog_offer offer ON offer.product_id = asked.id
    JOIN catalog_variant variant ON variant.id = offer.variant_id AND variant.active
    LEFT JOIN catalog_stock stock ON stock.variant_id = offer.variant_id
    WHERE offer.active AND (offer.ends_at IS NULL OR offer.ends_at > now())
        AND (offer.quota IS NULL OR offer.quota_sold < offer.quota)
),
edges AS (
    SELECT product_id, '-infinity'::timestamptz AS since FROM running
    UNION SELECT product_id, starts_at FROM running
        WHERE starts_at > now() AND starts_at < '9999-12-31 UTC'
    UNION SELECT product_id, ends_at FROM running WHERE ends_at < '9999-12-31 UTC'
),
spans AS (
    SELECT product_id, since, GREATEST(since, now()) AS at,
        lead(since) OVER (PARTITION BY product_id ORDER BY since) AS until
    FROM edges
),
priced AS (
    SELECT spans.product_id, spans.since, spans.until, running.id, running.variant_id,
        running.price_fen, running.ends_at, running.limited, running.is_out
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
        is_out
    FROM priced ORDER BY product_id, since, is_out, price_fen, id
),
fresh AS (
    SELECT best.product_id, CASE WHEN limited THEN 'limited' ELSE 'normal' END AS kind,
        price_fen AS from_fen, several, is_out AS sold_out,
        NULLIF(best.since, '-infinity') AS since, until,
        CASE WHEN limited THEN LEAST(ends_at, '9999-12-31 UTC') END AS ends_at
    FROM best JOIN choices ON choices.product_id = best.product_id AND choices.since = best.since
)
INSERT INTO catalog_listingfact
    (product_id, kind, from_fen, several, sold_out, since, until, ends_at)
SELECT product_id, kind, from_fen, several, sold_out, since, until, ends_at FROM fresh
ORDER BY product_id, since
"""


class Migration(migrations.Migration):

    dependencies = [("catalog", "0017_listing_facts")]

    operations = [
        migrations.RunSQL(
            [*ROOM, FILL, "ANALYZE catalog_listingfact"], migrations.RunSQL.noop
        )
    ]
