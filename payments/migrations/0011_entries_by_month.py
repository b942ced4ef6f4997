"""The key of a ledger entry is (month, id), and settlement lines name it whole.

Entries that are there already share one month, 2000-01-01: a constant is a word in the catalogue of
the database, where their true months would be another rewrite of ledger and settlement. They
are one part of a table that is split by months, as they were one table until now.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import payments.models.ledger
from kernel.db.rewrite import ROOM

BY_MONTH = [
    *ROOM,
    """
    ALTER TABLE payments_settlementline
        DROP CONSTRAINT payments_settlementl_entry_id_0d285326_fk_payments_,
        DROP CONSTRAINT payments_settlementline_entry_id_key,
        ADD COLUMN entry_month date NOT NULL DEFAULT '2000-01-01'
    """,
    """
    ALTER TABLE payments_settlementline
        ALTER COLUMN entry_month DROP DEFAULT,
        ADD CONSTRAINT settled_at_most_once UNIQUE (entry_id, entry_month)
    """,
    """
    ALTER TABLE payments_ledgerentry
        DROP CONSTRAINT payments_ledgerentry_pkey,
        ADD COLUMN month date NOT NULL DEFAULT '2000-01-01'
    """,
    """
    ALTER TABLE payments_ledgerentry
        ALTER COLUMN month SET DEFAULT (date_trunc('month', now() AT TIME ZONE 'UTC'))::date,
        ADD CONSTRAINT payments_ledgerentry_pkey PRIMARY KEY (month, id)
    """,
    """
    ALTER TABLE payments_settlementline
        ADD CONSTRAINT settlement_line_of_an_entry FOREIGN KEY (entry_month, entry_id)
            REFERENCES payments_ledgerentry (month, id) DEFERRABLE INITIALLY DEFERRED
    """,
]
BY_ID = [
    "SET CONSTRAINTS ALL IMMEDIATE",
    """
    ALTER TABLE payments_settlementline
        DROP CONSTRAINT settlement_line_of_an_entry,
        DROP CONSTRAINT settled_at_most_once,
        DROP COLUMN entry_month,
        ADD CONSTRAINT payments_settlementline_entry_id_key UNIQUE (entry_id)
    """,
    """
    ALTER TABLE payments_ledgerentry
        DROP CONSTRAINT payments_ledgerentry_pkey,
        DROP COLUMN month,
        ADD CONSTRAINT payments_ledgerentry_pkey PRIMARY KEY (id)
    """,
    """
    ALTER TABLE payments_settlementline
        ADD CONSTRAINT payments_settlementl_entry_id_0d285326_fk_payments_
            FOREIGN KEY (entry_id) REFERENCES payments_ledgerentry (id)
            DEFERRABLE INITIALLY DEFERRED
    """,
]


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
            database_operations=[migrations.RunSQL(BY_MONTH, BY_ID)],
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
