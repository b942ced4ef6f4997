"""What is set aside at stores is counted by variant: an index of the goods that wait to be collected."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("vouchers", "0007_day_by_moment")]

    operations = [
        migrations.AddIndex(
            model_name="voucher",
            index=models.Index(
                fields=["variant"],
                name="voucher_to_collect",
                condition=models.Q(("kind", "pickup"), ("state__in", ("held", "active"))),
            ),
        ),
    ]
