"""How far a fulfilment is was never stored: nobody reads its state, nor its index by store.

The column stays, with its default, for the release before, which still reads it; a later release
drops it.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0008_fulfilments")]

    operations = [
        migrations.RemoveIndex(model_name="fulfilment", name="fulfilment_store"),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="fulfilment", name="state"),
                migrations.AlterField(
                    model_name="fulfilment",
                    name="order",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
            ],
        ),
    ]
