"""An order may be paid by a deposit, and by the balance later."""

from django.conf import settings
from django.db import migrations, models

from kernel.db.together import Together


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0003_sold_counted'),
        ('payments', '0006_payment_purpose'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together(
            migrations.AddField(
                model_name='order',
                name='balance_until',
                field=models.DateTimeField(blank=True, null=True, verbose_name='balance due before'),
            ),
            migrations.AddField(
                model_name='order',
                name='deposit_fen',
                field=models.PositiveBigIntegerField(blank=True, help_text='Empty where all is paid at once.', null=True, verbose_name='deposit'),
            ),
            migrations.AlterField(
                model_name='order',
                name='state',
                field=models.CharField(choices=[('pending', 'waiting for payment'), ('deposit', 'deposit paid'), ('paid', 'paid'), ('cancelled', 'cancelled'), ('timed_out', 'not paid in time')], default='pending', max_length=10, verbose_name='state'),
            ),
            migrations.AddIndex(
                model_name='order',
                index=models.Index(condition=models.Q(('state', 'deposit')), fields=['balance_until'], name='order_balance_due'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('balance_until__isnull', True), ('deposit_fen__isnull', True)), models.Q(('balance_until__isnull', False), ('deposit_fen__gt', 0), ('deposit_fen__lt', models.F('total_fen'))), _connector='OR'), name='order_deposit_is_a_part'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'deposit'), _negated=True), ('deposit_fen__isnull', False), _connector='OR'), name='order_deposit_state'),
            ),
        ),
    ]
