from django.db import migrations

# Made by Django for every unique or indexed text, for words that begin so: nobody looks these up by
# their beginning, and each was written with every purchase (docs/performance.md).
INDEXES = (
    ("vouchers_voucher", "code", "vouchers_voucher_code_f448778f_like"),
    ("vouchers_voucher", "order_number", "vouchers_voucher_order_number_535a4c04_like"),
    ("vouchers_voucherterms", "digest", "vouchers_voucherterms_digest_0fe11cd6_like"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("vouchers", "0009_merchant_by_moment")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} ({column} varchar_pattern_ops)",
        )
        for table, column, index in INDEXES
    ]
