"""Messages are a room of their own now (inbox.0001); the table stays where it is."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_return_scopes'),
        ('inbox', '0001_from_members'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(name='Notification')],
        ),
    ]
