"""What link previews show of a product; pictures of before go on with their large size."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_title_search")]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="card",
            field=models.ImageField(
                blank=True,
                default="",
                editable=False,
                upload_to="products/",
                verbose_name="picture of shared links",
            ),
            preserve_default=False,
        ),
    ]
