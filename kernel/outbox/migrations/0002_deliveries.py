import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """One row per event and consumer; events that wait already are expanded by the workers.

    Nothing of the event's table changes but names in Python, so the release before this one
    runs beside it: the column "done_at" now says that an event was handed out.
    """

    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("outboxevent", "outbox_waiting"),
                migrations.RenameField("outboxevent", "done_at", "expanded_at"),
                migrations.AlterField(
                    "outboxevent",
                    "expanded_at",
                    models.DateTimeField(
                        "handed out", null=True, blank=True, db_column="done_at"
                    ),
                ),
                migrations.AddIndex(
                    "outboxevent",
                    models.Index(
                        condition=Q(("expanded_at__isnull", True)),
                        fields=["due_at"],
                        name="outbox_waiting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consumer", models.CharField(max_length=64, verbose_name="task")),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("money", "money"),
                            ("sign-in", "sign-in"),
                            ("messages", "messages"),
                            ("insight", "insight"),
                        ],
                        max_length=16,
                        verbose_name="lane",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, verbose_name="attempts"),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                (
                    "parked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="given up"),
                ),
                ("error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="outbox.outboxevent",
                        verbose_name="event",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=Q(("done_at__isnull", True), ("parked_at__isnull", True)),
                        fields=["lane", "due_at", "id"],
                        name="outbox_delivery_waiting",
                    ),
                    models.Index(
                        condition=Q(("done_at__isnull", True), ("parked_at__isnull", False)),
                        fields=["event"],
                        name="outbox_delivery_parked",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("event", "consumer"), name="outbox_delivery_once"
                    )
                ],
            },
        ),
    ]
