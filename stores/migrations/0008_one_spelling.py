"""One spelling of every address that was invited, or that a merchant is written to."""

from django.db import migrations

from kernel.clock import now
from kernel.emails import fold_email


def fold(apps, schema_editor):
    """Fold the addresses; of open invitations to one address, the newest stays open."""
    merchants = apps.get_model("stores", "Merchant").objects
    for pk, email in list(merchants.exclude(contact_email="").values_list("pk", "contact_email")):
        if fold_email(email) != email:
            merchants.filter(pk=pk).update(contact_email=fold_email(email))
    invitations = apps.get_model("stores", "StaffInvitation").objects
    kept, twins, spelled = set(), [], []
    pending = invitations.filter(state="pending").order_by("-pk")
    for pk, merchant, email in pending.values_list("pk", "merchant_id", "email"):
        folded = fold_email(email)
        if (merchant, folded) in kept:
            twins.append(pk)
        elif folded != email:
            spelled.append((pk, folded))
        kept.add((merchant, folded))
    invitations.filter(pk__in=twins).update(state="revoked", answered_at=now(), token_hash="")
    for pk, folded in spelled:
        invitations.filter(pk=pk).update(email=folded)


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0007_mail_addresses"),
    ]

    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
