"""Codes, and their touches: a partition for each month and one for whatever no month was made for."""

import django.db.models.deletion
import kernel.bounds
import kernel.clock
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from kernel.db.months import make_months, months_around
from kernel.db.together import Together

TOUCHES = """
CREATE SEQUENCE codes_touch_id_seq;
CREATE TABLE codes_touch (
    id bigint NOT NULL DEFAULT nextval('codes_touch_id_seq'),
    month date NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    code_id bigint NOT NULL REFERENCES codes_code (id) DEFERRABLE INITIALLY DEFERRED,
    visit varchar(32) NOT NULL,
    visitor varchar(32) NOT NULL,
    subject varchar(32) NOT NULL,
    device varchar(8) NOT NULL,
    referrer varchar(100) NOT NULL,
    PRIMARY KEY (month, id),
    CONSTRAINT touch_month CHECK (month = date_trunc('month', at AT TIME ZONE 'UTC')::date)
) PARTITION BY RANGE (month);
ALTER SEQUENCE codes_touch_id_seq OWNED BY codes_touch.id;
CREATE TABLE codes_touch_default PARTITION OF codes_touch DEFAULT;
CREATE INDEX touch_code ON codes_touch (code_id, day);
CREATE INDEX touch_visit ON codes_touch (visit) WHERE visit <> '';
CREATE INDEX touch_visitor ON codes_touch (visitor);
CREATE INDEX touch_subject ON codes_touch (subject) WHERE subject <> '';
"""


def first_months(apps, schema_editor):
    make_months("codes_touch", months_around(timezone.now(), back=1, ahead=3))


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('stores', '0014_devices_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Code',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(editable=False, max_length=8, unique=True, verbose_name='code')),
                ('kind', models.CharField(choices=[('poster', 'poster'), ('tag', 'shelf tag'), ('link', 'link'), ('staff', 'staff member'), ('partner', 'partner'), ('person', 'person'), ('campaign', 'campaign')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(help_text='Such as “Window, left”. Guests do not see it.', max_length=80, verbose_name='name')),
                ('target', models.CharField(blank=True, help_text="The address of one of your pages: a product, a store, your business. Empty: the store's page, or your business's.", max_length=200, verbose_name='leads to')),
                ('product_id', models.BigIntegerField(editable=False, null=True, verbose_name='product')),
                ('campaign', models.SlugField(blank=True, db_index=False, help_text='Such as “spring-2026”.', max_length=40, verbose_name='campaign')),
                ('created_at', models.DateTimeField(default=kernel.clock.now, verbose_name='created')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('made_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('merchant', models.ForeignKey(blank=True, db_index=False, help_text='Empty for a code of the platform.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='stores.merchant', verbose_name='merchant')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('store', models.ForeignKey(blank=True, help_text='Where it hangs: orders after a scan there are credited to this store.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='stores.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'code',
                'verbose_name_plural': 'codes',
                'ordering': ('-id',),
            },
            bases=(kernel.bounds.Bounded, models.Model),
        ),
        migrations.CreateModel(
            name='CodeDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('scans', models.PositiveIntegerField(verbose_name='scans')),
                ('code', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='days', to='codes.code', verbose_name='code')),
            ],
            options={
                'verbose_name': 'day of a code',
                'verbose_name_plural': 'days of codes',
                'ordering': ('-day', '-id'),
            },
        ),
        migrations.CreateModel(
            name='CodeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(editable=False, max_length=8, verbose_name='code')),
                ('kind', models.CharField(choices=[('poster', 'poster'), ('tag', 'shelf tag'), ('link', 'link'), ('staff', 'staff member'), ('partner', 'partner'), ('person', 'person'), ('campaign', 'campaign')], max_length=8, verbose_name='kind')),
                ('name', models.CharField(help_text='Such as “Window, left”. Guests do not see it.', max_length=80, verbose_name='name')),
                ('target', models.CharField(blank=True, help_text="The address of one of your pages: a product, a store, your business. Empty: the store's page, or your business's.", max_length=200, verbose_name='leads to')),
                ('product_id', models.BigIntegerField(editable=False, null=True, verbose_name='product')),
                ('campaign', models.SlugField(blank=True, db_index=False, help_text='Such as “spring-2026”.', max_length=40, verbose_name='campaign')),
                ('created_at', models.DateTimeField(default=kernel.clock.now, verbose_name='created')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('made_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
                ('merchant', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty for a code of the platform.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='stores.merchant', verbose_name='merchant')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='codes.code')),
                ('store', models.ForeignKey(blank=True, db_constraint=False, help_text='Where it hangs: orders after a scan there are credited to this store.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='stores.store', verbose_name='store')),
            ],
            options={
                'abstract': False,
            },
        ),
        Together(
            migrations.AddIndex(
                model_name='code',
                index=models.Index(fields=['merchant', '-id'], name='code_merchant'),
            ),
            migrations.AddConstraint(
                model_name='code',
                constraint=models.CheckConstraint(condition=models.Q(('merchant__isnull', False), ('store__isnull', True), _connector='OR'), name='code_of_platform_has_no_store'),
            ),
            migrations.AddConstraint(
                model_name='code',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['staff', 'person']), _negated=True), ('person__isnull', False), _connector='OR'), name='code_names_its_person'),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='code',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "codes_codeevent" ("campaign", "closed_at", "code", "created_at", "id", "kind", "made_by_id", "merchant_id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "store_id", "target") VALUES (NEW."campaign", NEW."closed_at", NEW."code", NEW."created_at", NEW."id", NEW."kind", NEW."made_by_id", NEW."merchant_id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_id", NEW."store_id", NEW."target"); RETURN NULL;', hash='6f717e8a943963a1c7ecf2b84eea377831be0f9b', operation='INSERT', pgid='pgtrigger_insert_insert_8ccd7', table='codes_code', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='code',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "codes_codeevent" ("campaign", "closed_at", "code", "created_at", "id", "kind", "made_by_id", "merchant_id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "store_id", "target") VALUES (NEW."campaign", NEW."closed_at", NEW."code", NEW."created_at", NEW."id", NEW."kind", NEW."made_by_id", NEW."merchant_id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."store_id", NEW."target"); RETURN NULL;', hash='88ed3bc0b7e760e4fcf1a93c3438876cf4a42715', operation='UPDATE', pgid='pgtrigger_update_update_5176a', table='codes_code', when='AFTER')),
            ),
            migrations.AddConstraint(
                model_name='codeday',
                constraint=models.UniqueConstraint(fields=('code', 'day'), name='code_day_once'),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TOUCHES, 'DROP TABLE codes_touch')],
            state_operations=[
                migrations.CreateModel(
                    name='Touch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.DateField(verbose_name='month')),
                        ('at', models.DateTimeField(verbose_name='moment')),
                        ('day', models.DateField(verbose_name='day')),
                        ('visit', models.CharField(blank=True, default='', max_length=32, verbose_name='visit')),
                        ('visitor', models.CharField(blank=True, default='', max_length=32, verbose_name='visitor')),
                        ('subject', models.CharField(blank=True, default='', max_length=32, verbose_name='person')),
                        ('device', models.CharField(blank=True, default='', max_length=8, verbose_name='device')),
                        ('referrer', models.CharField(blank=True, default='', max_length=100, verbose_name='came from')),
                        ('code', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='codes.code', verbose_name='code')),
                    ],
                    options={
                        'verbose_name': 'touch',
                        'verbose_name_plural': 'touches',
                        'ordering': ('-id',),
                    },
                ),
                migrations.AddIndex(
                    model_name='touch',
                    index=models.Index(fields=['code', 'day'], name='touch_code'),
                ),
                migrations.AddIndex(
                    model_name='touch',
                    index=models.Index(condition=models.Q(('visit', ''), _negated=True), fields=['visit'], name='touch_visit'),
                ),
                migrations.AddIndex(
                    model_name='touch',
                    index=models.Index(fields=['visitor'], name='touch_visitor'),
                ),
                migrations.AddIndex(
                    model_name='touch',
                    index=models.Index(condition=models.Q(('subject', ''), _negated=True), fields=['subject'], name='touch_subject'),
                ),
            ],
        ),
        migrations.RunPython(first_months, migrations.RunPython.noop),
    ]
