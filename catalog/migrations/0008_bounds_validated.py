"""Old rows, healed before, are read once against their CHECKs; sales go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_bounds_checked")]
    operations = [
        ValidateConstraint(model_name="offer", name="offer_moments_bounded"),
        ValidateConstraint(model_name="offer", name="offer_price_bounded"),
        ValidateConstraint(model_name="product", name="product_uses_bounded"),
        ValidateConstraint(model_name="product", name="product_validity_bounded"),
    ]
