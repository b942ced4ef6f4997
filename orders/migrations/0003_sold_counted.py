"""Counts of sold pieces are counted anew: what was bought and not given back.

Until now a refund left them as they were. From here on `vouchers/services/sold.py` keeps them.
"""

from django.db import migrations

from kernel.db.rewrite import ROOM

RECOUNT = """
UPDATE catalog_product product SET sales_count = LEAST(counted.sold, 2147483647)
FROM (
    SELECT p.id, COALESCE(SUM(v.units - v.units::bigint * (COALESCE(t.uses, 0) + CASE
        WHEN v.state IN ('refunding', 'refunded') THEN v.uses_total - v.uses_used ELSE 0 END)
        / v.uses_total), 0) AS sold
    FROM catalog_product p
    LEFT JOIN vouchers_voucher v ON v.product_id = p.id AND v.payment_id IS NOT NULL
    LEFT JOIN (
        SELECT voucher_id, SUM(returned_uses) AS uses FROM vouchers_redemption
        WHERE returned_uses > 0 AND undone_at IS NULL GROUP BY voucher_id
    ) t ON t.voucher_id = v.id
    GROUP BY p.id
) counted
WHERE counted.id = product.id AND product.sales_count <> counted.sold
"""


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0002_prices_of_lines'),
        ('catalog', '0011_texts_bounded'),
        ('payments', '0007_sales_counted'),
        ('vouchers', '0005_components'),
    ]

    operations = [migrations.RunSQL([*ROOM, RECOUNT], migrations.RunSQL.noop)]
