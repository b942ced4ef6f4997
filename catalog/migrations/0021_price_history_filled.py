"""The prices that are known of old: each offer, from when it was made until it was ended.

Ends were not written down; the trail of changes (pghistory) has their moments, and without a trail
a price ends where the next one of its choice was made. What runs gets what it may be compared with;
lists follow with the first look of the sweep, which is at all products.
"""

from django.conf import settings
from django.db import migrations

from kernel.db.rewrite import ROOM

FILL = """
WITH ended AS (
    SELECT id, min(pgh_created_at) AS at FROM catalog_offerevent WHERE NOT active GROUP BY id
),
opened AS (
    SELECT id, min(pgh_created_at) AS at FROM catalog_productevent WHERE state = 'active' GROUP BY id
),
spans AS (
    SELECT offer.variant_id, offer.id, offer.price_fen,
        GREATEST(offer.starts_at, offer.created_at, opened.at) AS since,
        LEAST(offer.ends_at, CASE WHEN offer.active THEN CASE WHEN product.state <> 'active' THEN now() END
            ELSE COALESCE(ended.at, lead(offer.created_at) OVER (
                PARTITION BY offer.variant_id, offer.kind ORDER BY offer.created_at, offer.id),
                offer.created_at) END) AS until
    FROM catalog_offer offer JOIN catalog_product product ON product.id = offer.product_id
    LEFT JOIN ended ON ended.id = offer.id LEFT JOIN opened ON opened.id = product.id
    WHERE product.state = 'active' OR opened.at IS NOT NULL
)
INSERT INTO catalog_priceperiod (variant_id, offer_id, price_fen, since, until)
SELECT variant_id, id, price_fen, since, until FROM spans WHERE until IS NULL OR until > since
ORDER BY variant_id, since
"""
COMPARE = """
WITH days AS (
    SELECT merchant.id, make_interval(days => COALESCE((
        SELECT max(COALESCE(rule.days, %(usual)s)) FROM stores_store store
        JOIN stores_city city ON city.id = store.city_id
        LEFT JOIN unnest(%(countries)s::text[], %(counts)s::int[]) rule (country, days)
            ON rule.country = city.country
        WHERE store.merchant_id = merchant.id
    ), %(usual)s)) AS span FROM stores_merchant merchant
),
priors AS (
    SELECT offer.id, offer.price_fen, begun.since, days.span, offer.kind, (
        SELECT min(before.price_fen) FROM catalog_priceperiod before
        WHERE before.variant_id = offer.variant_id AND before.since < begun.since
            AND (before.until IS NULL OR before.until > begun.since - days.span)
    ) AS was_fen
    FROM catalog_priceperiod begun JOIN catalog_offer offer ON offer.id = begun.offer_id
    JOIN days ON days.id = offer.merchant_id
    WHERE (begun.until IS NULL OR begun.until > now()) AND EXISTS (
        SELECT FROM catalog_priceperiod known WHERE known.variant_id = offer.variant_id
            AND known.since <= begun.since - days.span)
)
UPDATE catalog_offer offer SET was_fen = priors.was_fen,
    was_until = CASE WHEN priors.kind = 'normal' THEN priors.since + priors.span END
FROM priors WHERE offer.id = priors.id AND priors.was_fen > priors.price_fen
"""


def fill(apps, schema_editor):
    days = settings.PRIOR_PRICE_DAYS
    with schema_editor.connection.cursor() as cursor:
        for statement in (*ROOM, FILL, "ANALYZE catalog_priceperiod"):
            cursor.execute(statement)
        cursor.execute(
            COMPARE,
            {
                "usual": settings.PRIOR_PRICE_USUAL_DAYS,
                "countries": list(days),
                "counts": list(days.values()),
            },
        )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0020_price_history"), ("stores", "0017_has_campaigns")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
