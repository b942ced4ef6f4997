"""The bounds of prices and terms become CHECKs: new rows at once, old ones by the next migration.

NOT VALID takes its lock for a moment only; reading every row happens without it.
"""

import datetime as dt

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

FIRST = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)
LAST = dt.datetime(2200, 1, 1, tzinfo=dt.timezone.utc)


def within(column):
    inside = models.Q((f"{column}__gte", FIRST), (f"{column}__lt", LAST))
    return models.Q((f"{column}__isnull", True)) | inside


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_heal")]
    operations = [
        AddConstraintNotValid(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=within("starts_at") & within("ends_at"), name="offer_moments_bounded"
            ),
        ),
        AddConstraintNotValid(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(active=False) | models.Q(price_fen__lte=10_000_000_000),
                name="offer_price_bounded",
            ),
        ),
        AddConstraintNotValid(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(uses__lte=1000), name="product_uses_bounded"
            ),
        ),
        AddConstraintNotValid(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(validity_days__gte=1, validity_days__lte=3650),
                name="product_validity_bounded",
            ),
        ),
    ]
