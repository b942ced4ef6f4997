"""Texts have a longest length; what an older release let in beyond it is cut, with a note.

A text of megabytes made its public page slow for everybody. The whole text stays in the row's history.
"""

from django.db import migrations, models

from kernel.db.together import Together

MOST = 10000
COLUMNS = ('description_en', 'description_zh')


def heal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(
                f"UPDATE catalog_product SET {column} = left({column}, %s)"
                f" WHERE length({column}) > %s RETURNING id",
                [MOST, MOST],
            )
            for (row_id,) in cursor.fetchall():
                note(apps, f"product:{row_id}", f"{column} was longer than {MOST} characters and was cut")


def note(apps, subject, error):
    apps.get_model("watch", "Incident").objects.get_or_create(
        kind="catalog.healed", subject=subject, settled_at=None, defaults={"error": error}
    )


class Migration(migrations.Migration):

    dependencies = [
        ('watch', '0001_incident'),
        ('catalog', '0010_kept_pictures_of_all'),
    ]

    operations = [
        migrations.RunPython(heal, migrations.RunPython.noop),
        Together(
            migrations.AlterField(
                model_name='product',
                name='description_en',
                field=models.TextField(blank=True, max_length=10000, verbose_name='description (English)'),
            ),
            migrations.AlterField(
                model_name='product',
                name='description_zh',
                field=models.TextField(blank=True, max_length=10000, verbose_name='description (Chinese)'),
            ),
            migrations.AlterField(
                model_name='productevent',
                name='description_en',
                field=models.TextField(blank=True, max_length=10000, verbose_name='description (English)'),
            ),
            migrations.AlterField(
                model_name='productevent',
                name='description_zh',
                field=models.TextField(blank=True, max_length=10000, verbose_name='description (Chinese)'),
            ),
        ),
    ]
