"""A voucher is what a guest is owed: sold or given, usable or held. A redemption has its moment."""

import django.db.models.deletion
import django.db.models.functions.datetime
import kernel.clock
from django.conf import settings
from django.db import migrations, models

from kernel.db.together import Together


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_texts_bounded'),
        ('payments', '0005_texts_bounded'),
        ('stores', '0009_texts_bounded'),
        ('vouchers', '0002_devices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('apology', 'something went wrong'), ('replacement', 'in place of another voucher'), ('thanks', 'a thank-you'), ('other', 'another reason')], max_length=12, verbose_name='reason')),
                ('note', models.CharField(blank=True, help_text='Read by your business and the platform, never by the guest.', max_length=500, verbose_name='internal note')),
                ('created_at', models.DateTimeField(default=kernel.clock.now, verbose_name='given')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back')),
            ],
            options={
                'verbose_name': 'gift',
                'verbose_name_plural': 'gifts',
                'ordering': ('-id',),
            },
        ),
        Together(
            migrations.RemoveIndex(
                model_name='voucher',
                name='voucher_expiry',
            ),
            migrations.AddField(
                model_name='redemption',
                name='nonce',
                field=models.CharField(blank=True, editable=False, max_length=64, null=True),
            ),
            migrations.AddField(
                model_name='redemption',
                name='occurred_at',
                field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=kernel.clock.now, verbose_name='happened'),
            ),
            migrations.AddField(
                model_name='voucher',
                name='held_for',
                field=models.CharField(blank=True, choices=[('group', 'the group is full'), ('balance', 'the balance is paid'), ('booking', 'the booking is confirmed')], db_default='', default='', max_length=12, verbose_name='waits until'),
            ),
            migrations.AddField(
                model_name='voucher',
                name='kind',
                field=models.CharField(choices=[('single', 'single voucher'), ('times_card', 'times card'), ('pickup', 'goods to pick up')], db_default='single', default='single', max_length=12, verbose_name='kind'),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='offer_ref',
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='order_line_ref',
                field=models.BigIntegerField(blank=True, null=True),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='order_number',
                field=models.CharField(blank=True, db_index=True, max_length=32, verbose_name='order'),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='payment',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='payments.payment'),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='product',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='catalog.product', verbose_name='product'),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='state',
                field=models.CharField(choices=[('held', 'not usable yet'), ('active', 'usable'), ('used', 'used'), ('refunding', 'refund on its way'), ('refunded', 'refunded'), ('expired', 'expired'), ('revoked', 'taken back')], default='active', max_length=10, verbose_name='state'),
            ),
            migrations.AlterField(
                model_name='voucher',
                name='variant',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.variant'),
            ),
            migrations.AddConstraint(
                model_name='redemption',
                constraint=models.UniqueConstraint(condition=models.Q(('nonce__isnull', False)), fields=('voucher', 'nonce'), name='redemption_nonce_once'),
            ),
            migrations.AddField(
                model_name='grant',
                name='issuer',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by'),
            ),
            migrations.AddField(
                model_name='grant',
                name='merchant',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='stores.merchant', verbose_name='merchant'),
            ),
            migrations.AddField(
                model_name='grant',
                name='recipient',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL, verbose_name='guest'),
            ),
            migrations.AddField(
                model_name='grant',
                name='revoked_by',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken back by'),
            ),
            migrations.AddField(
                model_name='voucher',
                name='grant',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='vouchers.grant', verbose_name='gift'),
            ),
            migrations.AddIndex(
                model_name='voucher',
                index=models.Index(condition=models.Q(('state__in', ('held', 'active'))), fields=['valid_until'], name='voucher_expiry'),
            ),
            migrations.AddIndex(
                model_name='voucher',
                index=models.Index(condition=models.Q(('grant__isnull', False)), fields=['grant'], name='voucher_grant'),
            ),
            migrations.AddConstraint(
                model_name='voucher',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('grant__isnull', True), ('offer_ref__isnull', False), ('order_line_ref__isnull', False), ('product__isnull', False), ('variant__isnull', False)), models.Q(('grant__isnull', False), ('order_line_ref__isnull', True), ('order_number', ''), ('payment__isnull', True)), _connector='OR'), name='voucher_sold_or_given'),
            ),
            migrations.AddConstraint(
                model_name='voucher',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), _negated=True), models.Q(('uses_used', 0), models.Q(('held_for', ''), _negated=True)), _connector='OR'), name='voucher_held_waits_unused'),
            ),
            migrations.AddIndex(
                model_name='grant',
                index=models.Index(fields=['merchant', '-created_at'], name='grant_merchant'),
            ),
            migrations.AddIndex(
                model_name='grant',
                index=models.Index(fields=['recipient', 'merchant', '-created_at'], name='grant_recipient'),
            ),
            migrations.AddConstraint(
                model_name='grant',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='grant_revoked_by_somebody'),
            ),
        ),
    ]
