"""Facts, a partition for each month and one for whatever no month was made for."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from kernel.db.months import make_months, months_around

TABLE = """
CREATE SEQUENCE facts_fact_id_seq;
CREATE TABLE facts_fact (
    id bigint NOT NULL DEFAULT nextval('facts_fact_id_seq'),
    month date NOT NULL,
    at timestamptz NOT NULL,
    kind varchar(16) NOT NULL,
    key varchar(64) NOT NULL,
    visit varchar(32) NOT NULL,
    visitor varchar(32) NOT NULL,
    subject varchar(32) NOT NULL,
    merchant_id bigint,
    store_id bigint,
    product_id bigint,
    code_id bigint,
    channel varchar(8) NOT NULL,
    campaign varchar(40) NOT NULL,
    device varchar(8) NOT NULL,
    words varchar(60) NOT NULL,
    count integer CHECK (count >= 0),
    follows varchar(64) NOT NULL,
    PRIMARY KEY (month, id),
    CONSTRAINT fact_once UNIQUE (key, month),
    CONSTRAINT fact_month CHECK (month = date_trunc('month', at AT TIME ZONE 'UTC')::date)
) PARTITION BY RANGE (month);
ALTER SEQUENCE facts_fact_id_seq OWNED BY facts_fact.id;
CREATE TABLE facts_fact_default PARTITION OF facts_fact DEFAULT;
CREATE INDEX fact_kind ON facts_fact (kind, at);
CREATE INDEX fact_merchant ON facts_fact (merchant_id, kind, at);
CREATE INDEX fact_subject ON facts_fact (subject) WHERE subject <> '';
"""


def first_months(apps, schema_editor):
    make_months("facts_fact", months_around(timezone.now(), back=1, ahead=3))


class Migration(migrations.Migration):

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name='DailySalt',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('salt', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'salt of a day',
                'verbose_name_plural': 'salts of days',
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLE, 'DROP TABLE facts_fact'),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='Fact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.DateField(verbose_name='month')),
                        ('at', models.DateTimeField(verbose_name='moment')),
                        ('kind', models.CharField(choices=[('search', 'search'), ('product_view', 'product looked at'), ('basket_add', 'put into the basket'), ('checkout', 'ordered'), ('paid', 'paid'), ('redeemed', 'redeemed'), ('reviewed', 'reviewed'), ('code_touch', 'code scanned'), ('consent', 'asked to be counted, or not')], max_length=16, verbose_name='kind')),
                        ('key', models.CharField(max_length=64, verbose_name='key')),
                        ('visit', models.CharField(blank=True, default='', max_length=32, verbose_name='visit')),
                        ('visitor', models.CharField(blank=True, default='', max_length=32, verbose_name='visitor')),
                        ('subject', models.CharField(blank=True, default='', max_length=32, verbose_name='person')),
                        ('merchant_id', models.BigIntegerField(null=True, verbose_name='merchant')),
                        ('store_id', models.BigIntegerField(null=True, verbose_name='store')),
                        ('product_id', models.BigIntegerField(null=True, verbose_name='product')),
                        ('code_id', models.BigIntegerField(null=True, verbose_name='code')),
                        ('channel', models.CharField(blank=True, default='', max_length=8, verbose_name='channel')),
                        ('campaign', models.CharField(blank=True, default='', max_length=40, verbose_name='campaign')),
                        ('device', models.CharField(blank=True, default='', max_length=8, verbose_name='device')),
                        ('words', models.CharField(blank=True, default='', max_length=60, verbose_name='words')),
                        ('count', models.PositiveIntegerField(null=True, verbose_name='count')),
                        ('follows', models.CharField(blank=True, default='', max_length=64, verbose_name='goes on with')),
                    ],
                    options={
                        'verbose_name': 'fact',
                        'verbose_name_plural': 'facts',
                        'ordering': ('-id',),
                        'indexes': [
                            models.Index(fields=['kind', 'at'], name='fact_kind'),
                            models.Index(fields=['merchant_id', 'kind', 'at'], name='fact_merchant'),
                            models.Index(condition=~Q(subject=''), fields=['subject'], name='fact_subject'),
                        ],
                        'constraints': [
                            models.UniqueConstraint(fields=('key', 'month'), name='fact_once'),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(first_months, migrations.RunPython.noop),
    ]
