"""One spelling of every e-mail and phone number, where it belongs to one account only."""

from django.db import migrations
from django.db.models import Q

from members.identifiers import fold_identifier
from kernel.clock import now


def fold(apps, schema_editor):
    """Give the folded spelling to the oldest account; later twins keep theirs and are reported.

    They go on signing in with the spelling they were opened with (members.identifiers).
    """
    users = apps.get_model("members", "User").objects.order_by("pk")
    incidents = apps.get_model("watch", "Incident").objects
    for column, odd in (
        ("email", Q(email__regex=r"[^!-~]|[A-Z]|\.$")),
        ("phone", Q(phone__regex=r"^(\+|0|86)")),
    ):
        for user in users.filter(odd).only("pk", column).iterator():
            before = getattr(user, column)
            folded = fold_identifier(before)
            if folded == before:
                continue
            twin = users.exclude(pk=user.pk).filter(**{f"{column}__iexact": folded}).first()
            if twin is None:
                users.filter(pk=user.pk).update(**{column: folded})
                continue
            incidents.get_or_create(
                kind="members.two_spellings",
                subject=f"user:{user.pk}",
                settled_at=None,
                defaults={
                    "error": f"the same {column} as user:{twin.pk} in another spelling",
                    "first_at": now(),
                    "last_at": now(),
                },
            )


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_mail_and_sessions"),
        ("watch", "0001_incident"),
    ]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
