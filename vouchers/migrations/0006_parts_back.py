"""Refunds and returns in parts, component by component; components name the payments.

What went back of an old voucher went back of its one component.
"""

import django.db.models.deletion
import kernel.clock
from django.conf import settings
from django.db import migrations, models

from kernel.db.rewrite import ROOM
from kernel.db.together import Together

REFUND_PARTS = """
INSERT INTO vouchers_refundpart (refund_id, voucher_id, component_id, amount_fen)
SELECT refund.id, refund.voucher_ref, part.id, refund.amount_fen
FROM payments_refund refund
JOIN vouchers_vouchercomponent part ON part.voucher_id = refund.voucher_ref
"""
RETURN_PARTS = """
INSERT INTO vouchers_returnpart (taken_back_id, component_id, refund_id, amount_fen)
SELECT taken.id, part.id, taken.refund_id, taken.value_fen
FROM vouchers_voucherreturn taken
JOIN vouchers_redemption redemption ON redemption.id = taken.redemption_id
JOIN vouchers_vouchercomponent part ON part.voucher_id = redemption.voucher_id
WHERE taken.value_fen > 0
"""
# Otherwise the checks that the new rows wait for would keep the tables from being altered.
CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"
OLD_REFUNDS = """
UPDATE payments_refund refund SET voucher_ref = part.voucher_id
FROM vouchers_refundpart part WHERE part.refund_id = refund.id
"""
OLD_VOUCHERS = """
UPDATE vouchers_voucher voucher SET payment_id = part.payment_id
FROM vouchers_vouchercomponent part WHERE part.voucher_id = voucher.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_texts_bounded'),
        ('payments', '0009_funders_and_dues'),
        ('orders', '0003_sold_counted'),  # reads the column that goes here
        ('stores', '0010_devices'),
        ('vouchers', '0005_components'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rebate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='amount')),
                ('created_at', models.DateTimeField(default=kernel.clock.now, verbose_name='created')),
            ],
            options={
                'verbose_name': 'rebate',
                'verbose_name_plural': 'rebates',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='RefundPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='amount')),
            ],
            options={
                'verbose_name': 'part of a refund',
                'verbose_name_plural': 'parts of refunds',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='ReturnPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_fen', models.PositiveBigIntegerField(verbose_name='amount')),
            ],
            options={
                'verbose_name': 'part of a return',
                'verbose_name_plural': 'parts of returns',
                'ordering': ('id',),
            },
        ),
        Together(
            migrations.RemoveConstraint(
                model_name='voucher',
                name='voucher_sold_or_given',
            ),
            migrations.AddField(
                model_name='voucher',
                name='referral_fen',
                field=models.PositiveBigIntegerField(db_default=0, help_text='For all uses together.', verbose_name='referral fee'),
            ),
            migrations.AddField(
                model_name='voucher',
                name='referrer',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.merchant', verbose_name='referred by'),
            ),
            migrations.AlterField(
                model_name='vouchercomponent',
                name='amount_fen',
                field=models.PositiveBigIntegerField(help_text='Less what was taken off it since: rebates.', verbose_name='amount'),
            ),
            migrations.AddConstraint(
                model_name='voucher',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('grant__isnull', True), ('offer_ref__isnull', False), ('order_line_ref__isnull', False), ('product__isnull', False), ('variant__isnull', False)), models.Q(('grant__isnull', False), ('order_line_ref__isnull', True), ('order_number', ''), ('value_fen', 0)), _connector='OR'), name='voucher_sold_or_given'),
            ),
            migrations.AddField(
                model_name='rebate',
                name='component',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rebates', to='vouchers.vouchercomponent', verbose_name='component'),
            ),
            migrations.AddField(
                model_name='rebate',
                name='refund',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund', verbose_name='refund'),
            ),
            migrations.AddField(
                model_name='refundpart',
                name='component',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.vouchercomponent'),
            ),
            migrations.AddField(
                model_name='refundpart',
                name='refund',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.refund', verbose_name='refund'),
            ),
            migrations.AddField(
                model_name='refundpart',
                name='voucher',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refund_parts', to='vouchers.voucher', verbose_name='voucher'),
            ),
            migrations.AddField(
                model_name='returnpart',
                name='component',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vouchers.vouchercomponent'),
            ),
            migrations.AddField(
                model_name='returnpart',
                name='refund',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.refund', verbose_name='refund'),
            ),
            migrations.AddField(
                model_name='returnpart',
                name='taken_back',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='vouchers.voucherreturn', verbose_name='return'),
            ),
            migrations.AddConstraint(
                model_name='rebate',
                constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='rebate_positive'),
            ),
            migrations.AddConstraint(
                model_name='refundpart',
                constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='refund_part_positive'),
            ),
            migrations.AddConstraint(
                model_name='returnpart',
                constraint=models.UniqueConstraint(fields=('taken_back', 'component'), name='return_part_of_component_once'),
            ),
            migrations.AddConstraint(
                model_name='returnpart',
                constraint=models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='return_part_positive'),
            ),
        ),
        migrations.RunSQL([*ROOM, REFUND_PARTS, RETURN_PARTS, CHECK_NOW], [OLD_REFUNDS, OLD_VOUCHERS]),
        migrations.RemoveField(model_name='voucher', name='payment'),
        migrations.RemoveField(model_name='voucherreturn', name='refund'),
    ]
