from django.db import migrations

# Made by Django for every unique or indexed text, for words that begin so: nobody looks these up by
# their beginning, and each was written with every purchase (docs/performance.md).
INDEXES = (
    ("members_notification", "dedupe_key", "members_notification_dedupe_key_076c651e_like"),
)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inbox", "0004_inbox_index")]

    operations = [
        migrations.RunSQL(
            f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} ({column} varchar_pattern_ops)",
        )
        for table, column, index in INDEXES
    ]
