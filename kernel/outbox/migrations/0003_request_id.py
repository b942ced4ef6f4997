from django.db import migrations, models


class Migration(migrations.Migration):
    """An event remembers the request that wrote it.

    A column with a constant default is added without rewriting the table, and rows of the release
    before this one get the default.
    """

    dependencies = [("outbox", "0002_deliveries")]

    operations = [
        migrations.AddField(
            "outboxevent",
            "request_id",
            models.CharField(
                "request",
                max_length=64,
                blank=True,
                default="",
                db_default="",
                editable=False,
            ),
        ),
    ]
