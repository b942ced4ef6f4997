"""The room takes over the messages of members: its models know the table, nothing in it changes."""

import django.db.models.deletion
import kernel.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0007_return_scopes'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Notification',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=40, verbose_name='kind')),
                        ('params', models.JSONField(default=dict, verbose_name='facts')),
                        ('link', models.CharField(blank=True, max_length=200, verbose_name='link')),
                        ('dedupe_key', models.CharField(max_length=120, unique=True)),
                        ('created_at', models.DateTimeField(default=kernel.clock.now, verbose_name='created')),
                        ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read')),
                        ('emailed_at', models.DateTimeField(blank=True, null=True, verbose_name='e-mailed')),
                        ('mail_claimed_until', models.DateTimeField(blank=True, null=True, verbose_name='a worker sends the e-mail until')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                    ],
                    options={
                        'db_table': 'members_notification',
                        'verbose_name': 'notification',
                        'verbose_name_plural': 'notifications',
                        'ordering': ('-id',),
                        'indexes': [
                            models.Index(fields=['user', '-id'], name='notification_inbox'),
                            models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notification_unread'),
                        ],
                    },
                ),
            ],
        ),
    ]
