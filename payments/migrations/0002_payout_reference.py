import unicodedata
from typing import Any

from django.db import migrations, models


def fill(apps: Any, editor: Any) -> None:
    """Give every reference to the payout that named it first, a sent one before a returned one.

    Payouts of an older release may share a reference. They are books: the others stay as they
    are, without a key, so that nothing stops the upgrade.
    """
    payouts = apps.get_model("payments", "Payout").objects
    taken = set(payouts.exclude(reference_key=None).values_list("reference_key", flat=True))
    for payout in payouts.filter(reference_key=None).order_by("-state", "pk").iterator():
        folded = unicodedata.normalize("NFKC", payout.bank_reference).casefold()
        key = ("".join(filter(str.isalnum, folded)) or folded)[:320]
        if key and key not in taken:
            taken.add(key)
            payouts.filter(pk=payout.pk).update(reference_key=key)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="payout",
            name="reference_key",
            field=models.CharField(editable=False, max_length=320, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
