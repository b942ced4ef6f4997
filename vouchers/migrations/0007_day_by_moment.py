"""A store's day is counted by when a redemption happened: its list has an index by that."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("vouchers", "0006_parts_back")]

    operations = [
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(fields=["store", "-occurred_at"], name="redemption_store_moment"),
        ),
        migrations.RemoveIndex(model_name="redemption", name="redemption_store_day"),
    ]
