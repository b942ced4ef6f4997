"""Partners owe their parts of discounts; one payment waits for each purpose of an order."""

from django.conf import settings
from django.db import migrations, models

from payments.migrations._ledger import NARROW, WIDEN, is_wide, run
from kernel.db.together import Together

# The newest attempt goes on. Money that still comes for another one is given back, as always.
ONE_WAITS = """
UPDATE payments_payment older SET state = 'closed'
WHERE older.state = 'created' AND older.reference <> '' AND EXISTS (
    SELECT 1 FROM payments_payment newer WHERE newer.reference = older.reference
        AND newer.state = 'created' AND newer.id > older.id)
"""


def widen(apps, editor):
    """Let partners have an account, too, unless 0004 has done so already."""
    with editor.connection.cursor() as cursor:
        if not is_wide(cursor):
            run(cursor, WIDEN)


def narrow(apps, editor):
    with editor.connection.cursor() as cursor:
        run(cursor, NARROW)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0008_approved_payouts'),
        ('stores', '0010_devices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            migrations.RemoveConstraint(
                model_name='statement',
                name='statement_pays_something',
            ),
            migrations.AddField(
                model_name='statement',
                name='collected_reference',
                field=models.CharField(blank=True, db_default='', max_length=80, verbose_name='bank reference of what was collected'),
            ),
            migrations.AddField(
                model_name='statement',
                name='dues_fen',
                field=models.BigIntegerField(db_default=0, default=0, verbose_name="part of others' discounts"),
            ),
            migrations.AddField(
                model_name='statement',
                name='referral_fen',
                field=models.BigIntegerField(db_default=0, default=0, verbose_name='referral fees'),
            ),
            migrations.AlterField(
                model_name='ledgerentry',
                name='purpose',
                field=models.CharField(choices=[('value', 'value'), ('commission', 'commission'), ('dues', "a partner's part of a discount"), ('referral', 'referral fee'), ('fee', 'gateway fee'), ('net', 'statement')], max_length=16, verbose_name='purpose'),
            ),
            migrations.AlterField(
                model_name='refund',
                name='reason',
                field=models.CharField(choices=[('unused', 'not used'), ('expired', 'expired'), ('returned', 'after-sales'), ('rebate', 'became cheaper'), ('late_payment', 'paid too late or twice')], max_length=16, verbose_name='reason'),
            ),
            migrations.AlterField(
                model_name='statement',
                name='state',
                field=models.CharField(choices=[('issued', 'to be paid out'), ('paid', 'paid out'), ('collected', 'collected')], default='issued', max_length=9, verbose_name='state'),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, narrow)],
            state_operations=[
                migrations.RemoveConstraint(
                    model_name='ledgerentry',
                    name='ledger_merchant_accounts_name_one',
                ),
                migrations.AlterField(
                    model_name='ledgerentry',
                    name='account',
                    field=models.CharField(choices=[('gateway', 'money at the gateway'), ('bank', "paid out from the platform's bank"), ('escrow', 'paid, not redeemed yet'), ('pending', 'redeemed, undo window open'), ('payable', 'earned, to be settled'), ('settled', 'on a statement, to be paid out'), ('receivable', 'owed by a partner, undo window open'), ('promotions', "the platform's part of discounts"), ('points_liability', 'points not spent yet'), ('commission', 'commission earned'), ('refund_due', 'owed back to customers'), ('unclaimed', 'received for a closed order'), ('fees', 'gateway fees'), ('clearing', 'moved between custodians')], max_length=24, verbose_name='account'),
                ),
                migrations.AddConstraint(
                    model_name='ledgerentry',
                    constraint=models.CheckConstraint(condition=models.Q(models.Q(('account__in', ['escrow', 'pending', 'payable', 'settled', 'receivable']), ('merchant__isnull', False)), models.Q(models.Q(('account__in', ['escrow', 'pending', 'payable', 'settled', 'receivable']), _negated=True), ('merchant__isnull', True)), models.Q(('account', 'escrow'), ('merchant__isnull', True), ('subject__startswith', 'line:')), _connector='OR'), name='ledger_merchant_accounts_name_one'),
                ),
            ],
        ),
        migrations.RunSQL(ONE_WAITS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'created'), models.Q(('reference', ''), _negated=True)), fields=('reference', 'purpose'), name='payment_one_waits'),
        ),
        migrations.AddConstraint(
            model_name='statement',
            constraint=models.CheckConstraint(condition=models.Q(('net_fen', 0), _negated=True), name='statement_pays_something'),
        ),
    ]
