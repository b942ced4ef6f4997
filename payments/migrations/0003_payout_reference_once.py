from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_payout_reference")]

    operations = [
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "sent")),
                fields=("reference_key",),
                name="payout_reference_once",
            ),
        ),
    ]
