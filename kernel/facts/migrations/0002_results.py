"""Accounts that were opened and coupons that were claimed are facts, too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0001_facts'),
    ]

    # The table is made by hand and holds any kind of sixteen characters.
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='fact',
                    name='kind',
                    field=models.CharField(choices=[('search', 'search'), ('product_view', 'product looked at'), ('basket_add', 'put into the basket'), ('checkout', 'ordered'), ('paid', 'paid'), ('redeemed', 'redeemed'), ('reviewed', 'reviewed'), ('code_touch', 'code scanned'), ('signed_up', 'account opened'), ('claimed', 'coupon claimed'), ('consent', 'asked to be counted, or not')], max_length=16, verbose_name='kind'),
                ),
            ],
        ),
    ]
