"""Whoever was the operator is an owner of the platform: the same rights under their name."""

from django.conf import settings
from django.db import migrations


def name_owners(apps, schema_editor):
    users = apps.get_model(settings.AUTH_USER_MODEL)._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO stores_platformrole (user_id, role, created_at)"
            f" SELECT id, 'owner', now() FROM {users} WHERE is_superuser"
            " ON CONFLICT DO NOTHING"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('stores', '0011_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(name_owners, migrations.RunPython.noop)]
