"""A voucher's money is a list of components; what was one price is one tender of a whole payment.

Old vouchers had one payer, and all of their money had arrived: paid = value = received. Both new
columns, and the kind that the frozen terms say, are written by one rewriting of the table (a
generated column that is then one no more), which takes a fifth of what an UPDATE takes at a
million rows. The terms that say another kind than the column's default are named one by one: an
expression of a rewriting cannot look them up.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from kernel.db.rewrite import ROOM, rewritten
from kernel.db.together import Together

TERMS = """
SELECT COALESCE(array_agg(id) FILTER (WHERE body ->> 'kind' = 'goods'), '{}'),
    COALESCE(array_agg(id) FILTER (WHERE body ->> 'kind' = 'times_card'), '{}')
FROM vouchers_voucherterms
"""
VALUE_AND_RECEIVED = """
ALTER TABLE vouchers_voucher
    ALTER COLUMN kind TYPE varchar(12) USING CASE
        WHEN terms_id = ANY (%s::bigint[]) THEN 'pickup'
        WHEN terms_id = ANY (%s::bigint[]) THEN 'times_card' ELSE kind END,
    ADD COLUMN value_fen bigint NOT NULL GENERATED ALWAYS AS (paid_fen) STORED
        CONSTRAINT vouchers_voucher_value_fen_check CHECK (value_fen >= 0),
    ADD COLUMN received_fen bigint NOT NULL GENERATED ALWAYS AS (paid_fen) STORED
        CONSTRAINT vouchers_voucher_received_fen_check CHECK (received_fen >= 0)
"""
AS_WRITTEN = """
ALTER TABLE vouchers_voucher
    ALTER COLUMN value_fen DROP EXPRESSION,
    ALTER COLUMN received_fen DROP EXPRESSION
"""
DEFAULTS = """
ALTER TABLE vouchers_voucher
    ALTER COLUMN value_fen SET DEFAULT 0,
    ALTER COLUMN received_fen SET DEFAULT 0
"""
NEITHER = "ALTER TABLE vouchers_voucher DROP COLUMN value_fen, DROP COLUMN received_fen"

COMPONENTS = """
INSERT INTO vouchers_vouchercomponent
    (voucher_id, position, kind, purpose, payment_id, custodian, party, amount_fen, in_base)
SELECT voucher.id, 0, 'tender', 'whole', payment.id, payment.gateway, '', voucher.paid_fen, true
FROM vouchers_voucher voucher
JOIN payments_payment payment ON payment.id = voucher.payment_id
WHERE voucher.paid_fen > 0
"""


def add_value_and_received(apps, editor):
    with editor.connection.cursor() as cursor:
        for statement in (*ROOM, TERMS):
            cursor.execute(statement)
        cursor.execute(VALUE_AND_RECEIVED, cursor.fetchone())
        cursor.execute(AS_WRITTEN)
        cursor.execute(DEFAULTS)


def remove_value_and_received(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute(NEITHER)


def add_components(apps, editor):
    """Without foreign keys, which judge one row after the other, until all are there."""
    with editor.connection.cursor() as cursor:
        with rewritten(cursor, 'vouchers_vouchercomponent', alias='part', values={}):
            cursor.execute(COMPONENTS)


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_texts_bounded'),
        ('payments', '0006_payment_purpose'),
        ('stores', '0009_texts_bounded'),
        ('vouchers', '0004_kinds_and_moments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VoucherComponent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('tender', 'paid by the buyer'), ('funder', 'paid by a funder')], max_length=6, verbose_name='kind')),
                ('purpose', models.CharField(blank=True, choices=[('whole', 'whole order'), ('deposit', 'deposit'), ('balance', 'balance'), ('top_up', 'top-up')], max_length=8, verbose_name='purpose')),
                ('custodian', models.CharField(blank=True, max_length=24, verbose_name='custodian')),
                ('party', models.CharField(blank=True, max_length=40, verbose_name='funded by')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='amount')),
                ('in_base', models.BooleanField(default=True, verbose_name='commission is taken on it')),
            ],
            options={
                'verbose_name': 'component',
                'verbose_name_plural': 'components',
                'ordering': ('voucher', 'position'),
            },
        ),
        migrations.RenameField(model_name='voucher', old_name='price_fen', new_name='paid_fen'),
        migrations.AlterField(
            model_name='voucher',
            name='paid_fen',
            field=models.PositiveBigIntegerField(db_default=0, help_text='What the buyer pays for it, together.', verbose_name='paid'),
        ),
        migrations.AddField(
            model_name='voucher',
            name='commission_fixed_fen',
            field=models.PositiveIntegerField(db_default=0, verbose_name='commission per use'),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_value_and_received, remove_value_and_received)],
            state_operations=[
                migrations.AddField(
                    model_name='voucher',
                    name='received_fen',
                    field=models.PositiveBigIntegerField(db_default=0, help_text='What has arrived of what the buyer pays.', verbose_name='received'),
                ),
                migrations.AddField(
                    model_name='voucher',
                    name='value_fen',
                    field=models.PositiveBigIntegerField(db_default=0, help_text='What the merchant is owed for all of its uses, whoever pays it.', verbose_name='value'),
                ),
            ],
        ),
        Together(
            migrations.AddConstraint(
                model_name='voucher',
                constraint=models.CheckConstraint(condition=models.Q(('paid_fen__lte', models.F('value_fen')), ('received_fen__lte', models.F('paid_fen'))), name='voucher_received_paid_value'),
            ),
            migrations.AddField(
                model_name='vouchercomponent',
                name='payment',
                field=models.ForeignKey(blank=True, help_text='Empty until the money has arrived.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='components', to='payments.payment', verbose_name='payment'),
            ),
            migrations.AddField(
                model_name='vouchercomponent',
                name='voucher',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='components', to='vouchers.voucher', verbose_name='voucher'),
            ),
        ),
        migrations.RunPython(add_components, migrations.RunPython.noop),
        Together(
            migrations.AddConstraint(
                model_name='vouchercomponent',
                constraint=models.UniqueConstraint(fields=('voucher', 'position'), name='component_position_once'),
            ),
            migrations.AddConstraint(
                model_name='vouchercomponent',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'tender'), ('party', ''), models.Q(('purpose', ''), _negated=True)), models.Q(('custodian', 'books'), ('kind', 'funder'), ('payment__isnull', True), ('purpose', ''), models.Q(('party', ''), _negated=True)), _connector='OR'), name='component_is_tender_or_funder'),
            ),
            migrations.AddConstraint(
                model_name='vouchercomponent',
                constraint=models.CheckConstraint(condition=models.Q(('kind', 'funder'), models.Q(('custodian', ''), ('payment__isnull', True)), models.Q(('payment__isnull', False), models.Q(('custodian', ''), _negated=True)), _connector='OR'), name='component_received_is_somewhere'),
            ),
        ),
    ]
