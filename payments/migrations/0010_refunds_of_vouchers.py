"""What a refund gives back for which voucher is in its parts (vouchers_refundpart)."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0009_funders_and_dues'),
        ('vouchers', '0006_parts_back'),
    ]

    operations = [
        migrations.RemoveField(model_name='refund', name='voucher_ref'),
    ]
