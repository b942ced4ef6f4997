"""The key of a ledger entry is (month, id), and settlement lines name it whole (_ledger.py)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import payments.models.ledger
from kernel.db.rewrite import ROOM
from payments.migrations._ledger import BACK, FIRST, KEY, THEN, is_by_month, run


def by_month(apps, editor):
    with editor.connection.cursor() as cursor:
        if not is_by_month(cursor):
            run(cursor, (*ROOM, *FIRST))
            run(cursor, (f"ALTER TABLE payments_ledgerentry {', '.join(KEY)}", *THEN))
            # An id alone is found by the key, too, once it is known how few months there are.
            run(cursor, ("ANALYZE payments_ledgerentry, payments_settlementline",))


def by_id(apps, editor):
    with editor.connection.cursor() as cursor:
        run(cursor, BACK)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0010_refunds_of_vouchers'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='ledgerentry',
            options={'ordering': ('-month', '-id'), 'verbose_name': 'ledger entry', 'verbose_name_plural': 'ledger entries'},
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(by_month, by_id)],
            state_operations=[
                migrations.AddField(
                    model_name='ledgerentry',
                    name='month',
                    field=models.DateField(db_default=payments.models.ledger.ThisMonth(), editable=False, verbose_name='month'),
                ),
                migrations.RemoveField(model_name='settlementline', name='entry'),
                migrations.AddField(
                    model_name='settlementline',
                    name='entry_id',
                    field=models.BigIntegerField(editable=False),
                ),
                migrations.AddField(
                    model_name='settlementline',
                    name='entry_month',
                    field=models.DateField(editable=False),
                ),
                migrations.AddField(
                    model_name='settlementline',
                    name='entry',
                    field=models.ForeignObject(from_fields=('entry_month', 'entry_id'), on_delete=django.db.models.deletion.PROTECT, related_name='settlement_line', to='payments.ledgerentry', to_fields=('month', 'id'), verbose_name='entry'),
                ),
                migrations.AddConstraint(
                    model_name='settlementline',
                    constraint=models.UniqueConstraint(fields=('entry_id', 'entry_month'), name='settled_at_most_once'),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementline',
            trigger=pgtrigger.compiler.Trigger(name='settlement_line_month', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."entry_month" IS NULL)', func='\n                    SELECT month INTO NEW.entry_month FROM payments_ledgerentry\n                        WHERE id = NEW.entry_id;\n                    RETURN NEW;\n                ', hash='d36dbba77b035e5a8dcc59331d1a06f610ad3ec6', operation='INSERT', pgid='pgtrigger_settlement_line_month_cd8d7', table='payments_settlementline', when='BEFORE')),
        ),
    ]
