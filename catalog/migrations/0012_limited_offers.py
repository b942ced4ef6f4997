"""A limited-time price is stored as "limited", the word that pages and documents use.

One statement over the offers; the release before reads them as prices with a period, and what it
writes meanwhile as "flash" is read by this one (`LIMITED_KINDS`).
"""

from django.db import migrations, models

KINDS = [('normal', 'normal price'), ('limited', 'limited-time price')]


def kind_field():
    return models.CharField(choices=KINDS, default='normal', max_length=8, verbose_name='kind')


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0011_texts_bounded'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE catalog_offer RENAME CONSTRAINT"
                    " offer_flash_has_a_period TO offer_limited_has_a_period",
                    "ALTER TABLE catalog_offer RENAME CONSTRAINT"
                    " offer_limited_has_a_period TO offer_flash_has_a_period",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint('offer', 'offer_flash_has_a_period'),
                migrations.AlterField('offer', 'kind', kind_field()),
                migrations.AlterField('offerevent', 'kind', kind_field()),
                migrations.AddConstraint(
                    'offer',
                    models.CheckConstraint(
                        condition=models.Q(
                            ('kind', 'normal'),
                            models.Q(('ends_at__isnull', False), ('starts_at__isnull', False)),
                            _connector='OR',
                        ),
                        name='offer_limited_has_a_period',
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            "UPDATE catalog_offer SET kind = 'limited' WHERE kind = 'flash'",
            "UPDATE catalog_offer SET kind = 'flash' WHERE kind = 'limited'",
        ),
    ]
