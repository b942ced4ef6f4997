"""The number that each variant has today becomes its opening count: the books begin with it.

One statement over the rows with a limit. The release before sells on without movements while it is
being replaced; `manage.py rebuild_stock` writes what it sold as corrections.
"""

from django.db import migrations

OPEN = """
    WITH opened AS (
        UPDATE catalog_stock SET counted_at = now() WHERE available IS NOT NULL
        RETURNING variant_id, available, counted_at)
    INSERT INTO catalog_stockmovement
        (merchant_id, variant_id, reason, counted, occurred_at, created_at)
    SELECT p.merchant_id, v.id, 'count', o.available, o.counted_at, o.counted_at
    FROM opened o JOIN catalog_variant v ON v.id = o.variant_id
    JOIN catalog_product p ON p.id = v.product_id
    ORDER BY v.id"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0015_stock_by_place")]

    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
