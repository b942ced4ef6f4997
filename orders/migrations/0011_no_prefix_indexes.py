from django.db import migrations

# Made by Django for every unique or indexed text, for words that begin so: nobody looks these up by
# their beginning, and each was written with every purchase (docs/performance.md).
INDEXES = (
    ("orders_order", "number", "orders_order_number_abc9e0f2_like"),
    ("orders_basket", "token", "orders_basket_token_3dc42d5a_like"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0010_discounts_of_several")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} ({column} varchar_pattern_ops)",
        )
        for table, column, index in INDEXES
    ]
