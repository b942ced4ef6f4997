from django.db import migrations

# Made by Django for every unique or indexed text, for words that begin so: nobody looks these up by
# their beginning, and each was written with every purchase (docs/performance.md).
INDEXES = (
    ("payments_payment", "number", "payments_payment_number_cb3ce506_like"),
    ("payments_payment", "reference", "payments_payment_reference_1d502039_like"),
    ("payments_gatewayevent", "payment_number", "payments_gatewayevent_payment_number_93ab5fc9_like"),
    ("payments_sandboxtrade", "out_trade_no", "payments_sandboxtrade_out_trade_no_bcda9e5b_like"),
    ("payments_sandboxtrade", "token", "payments_sandboxtrade_token_fc7850f3_like"),
    ("payments_sandboxtrade", "trade_no", "payments_sandboxtrade_trade_no_d763b4b2_like"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("payments", "0016_statement_issued")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} ({column} varchar_pattern_ops)",
        )
        for table, column, index in INDEXES
    ]
