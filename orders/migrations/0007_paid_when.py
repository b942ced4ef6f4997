"""What was sold since the evening is found by when it was paid."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0006_order_sources")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_at__isnull", False)), fields=["paid_at"], name="order_paid"
            ),
        ),
    ]
