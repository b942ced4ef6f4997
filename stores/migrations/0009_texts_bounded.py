"""Texts have a longest length; what an older release let in beyond it is cut, with a note.

A text of megabytes made its public page slow for everybody. The whole text stays in the row's history.
"""

from django.db import migrations, models

from kernel.db.together import Together

MOST = 2000
COLUMNS = ('story_en', 'story_zh', 'decision_note')


def heal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(
                f"UPDATE stores_merchant SET {column} = left({column}, %s)"
                f" WHERE length({column}) > %s RETURNING id",
                [MOST, MOST],
            )
            for (row_id,) in cursor.fetchall():
                note(apps, f"merchant:{row_id}", f"{column} was longer than {MOST} characters and was cut")


def note(apps, subject, error):
    apps.get_model("watch", "Incident").objects.get_or_create(
        kind="stores.healed", subject=subject, settled_at=None, defaults={"error": error}
    )


class Migration(migrations.Migration):

    dependencies = [
        ('watch', '0001_incident'),
        ('stores', '0008_one_spelling'),
    ]

    operations = [
        migrations.RunPython(heal, migrations.RunPython.noop),
        Together(
            migrations.AlterField(
                model_name='merchant',
                name='decision_note',
                field=models.TextField(blank=True, max_length=2000, verbose_name='note to the applicant'),
            ),
            migrations.AlterField(
                model_name='merchant',
                name='story_en',
                field=models.TextField(blank=True, max_length=2000, verbose_name='about (English)'),
            ),
            migrations.AlterField(
                model_name='merchant',
                name='story_zh',
                field=models.TextField(blank=True, max_length=2000, verbose_name='about (Chinese)'),
            ),
            migrations.AlterField(
                model_name='merchantevent',
                name='decision_note',
                field=models.TextField(blank=True, max_length=2000, verbose_name='note to the applicant'),
            ),
            migrations.AlterField(
                model_name='merchantevent',
                name='story_en',
                field=models.TextField(blank=True, max_length=2000, verbose_name='about (English)'),
            ),
            migrations.AlterField(
                model_name='merchantevent',
                name='story_zh',
                field=models.TextField(blank=True, max_length=2000, verbose_name='about (Chinese)'),
            ),
        ),
    ]
