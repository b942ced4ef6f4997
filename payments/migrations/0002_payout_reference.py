import unicodedata
from typing import Any

from django.db import migrations, models


def fill(apps: Any, editor: Any) -> None:
    """Give every reference to the payout that named it first, a sent one before a returned one.

    Payouts of an older release may share a reference. They are books: the others stay as they
    are, without a key, so that nothing stops the upgrade.
    """
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT reference_key FROM payments_payout WHERE reference_key IS NOT NULL")
        taken = {key for (key,) in cursor}
        cursor.execute(
            "SELECT id, bank_reference FROM payments_payout WHERE reference_key IS NULL"
            " ORDER BY state DESC, id"
        )
        keys = {}
        for payout_id, reference in cursor:
            folded = unicodedata.normalize("NFKC", reference).casefold()
            key = ("".join(filter(str.isalnum, folded)) or folded)[:320]
            if key and key not in taken:
                taken.add(key)
                keys[payout_id] = key
        # One statement: a hundred thousand payouts took a minute one by one.
        cursor.execute(
            "UPDATE payments_payout SET reference_key = named.key"
            " FROM unnest(%s::bigint[], %s::text[]) AS named (id, key)"
            " WHERE named.id = payments_payout.id",
            [list(keys), list(keys.values())],
        )


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
