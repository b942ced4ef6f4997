"""What is there already gets its kind and the moment at which it happened.

The kind is read off the frozen terms (a plain voucher has the column's default already). The
moment is copied while the table is written anew: seconds where a row by row UPDATE takes minutes.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0003_entitlements")]

    operations = [
        migrations.RunSQL(
            "UPDATE vouchers_voucher v SET kind = CASE t.body ->> 'kind'"
            " WHEN 'goods' THEN 'pickup' ELSE 'times_card' END"
            " FROM vouchers_voucherterms t WHERE t.id = v.terms_id"
            " AND t.body ->> 'kind' IN ('goods', 'times_card')",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "UPDATE vouchers_voucher SET state = 'revoked' WHERE state = 'void'",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "ALTER TABLE vouchers_redemption"
            " ALTER COLUMN occurred_at TYPE timestamptz USING redeemed_at",
            migrations.RunSQL.noop,
        ),
    ]
