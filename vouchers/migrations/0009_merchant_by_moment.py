"""What a merchant redeemed is counted and listed by when it happened, as a store's day is (0007)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("vouchers", "0008_to_collect")]

    operations = [
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                fields=["merchant", "-occurred_at"], name="redemption_merchant_moment"
            ),
        ),
        migrations.RemoveIndex(model_name="redemption", name="redemption_merchant"),
    ]
