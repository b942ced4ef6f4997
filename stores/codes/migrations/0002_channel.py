"""By which channel guests meet a code; those that are there have the usual one of their kind."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from kernel.db.together import Together

USUAL = """
UPDATE codes_code SET channel = CASE
    WHEN kind = 'staff' THEN 'seller'
    WHEN kind = 'partner' THEN 'partner'
    ELSE 'store' END
WHERE kind IN ('staff', 'partner') OR (kind IN ('poster', 'tag') AND store_id IS NOT NULL)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('codes', '0001_codes'),
    ]

    operations = [
        Together(
            pgtrigger.migrations.RemoveTrigger(
                model_name='code',
                name='insert_insert',
            ),
            pgtrigger.migrations.RemoveTrigger(
                model_name='code',
                name='update_update',
            ),
            migrations.AddField(
                model_name='code',
                name='channel',
                field=models.CharField(choices=[('search', 'search'), ('article', 'article'), ('own_media', 'own media'), ('weibo', 'Weibo'), ('wechat', 'WeChat'), ('site', 'site'), ('building', 'building'), ('store', 'store'), ('seller', 'seller'), ('partner', 'partner'), ('other', 'other')], db_default='other', default='other', help_text='By which way guests meet it; what it costs is entered per channel.', max_length=9, verbose_name='channel'),
            ),
            migrations.AddField(
                model_name='codeevent',
                name='channel',
                field=models.CharField(choices=[('search', 'search'), ('article', 'article'), ('own_media', 'own media'), ('weibo', 'Weibo'), ('wechat', 'WeChat'), ('site', 'site'), ('building', 'building'), ('store', 'store'), ('seller', 'seller'), ('partner', 'partner'), ('other', 'other')], db_default='other', default='other', help_text='By which way guests meet it; what it costs is entered per channel.', max_length=9, verbose_name='channel'),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='code',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "codes_codeevent" ("campaign", "channel", "closed_at", "code", "created_at", "id", "kind", "made_by_id", "merchant_id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "store_id", "target") VALUES (NEW."campaign", NEW."channel", NEW."closed_at", NEW."code", NEW."created_at", NEW."id", NEW."kind", NEW."made_by_id", NEW."merchant_id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."product_id", NEW."store_id", NEW."target"); RETURN NULL;', hash='426b25ec6c0ad1b5229d35b33344909107b97c26', operation='INSERT', pgid='pgtrigger_insert_insert_8ccd7', table='codes_code', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='code',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "codes_codeevent" ("campaign", "channel", "closed_at", "code", "created_at", "id", "kind", "made_by_id", "merchant_id", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "store_id", "target") VALUES (NEW."campaign", NEW."channel", NEW."closed_at", NEW."code", NEW."created_at", NEW."id", NEW."kind", NEW."made_by_id", NEW."merchant_id", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."store_id", NEW."target"); RETURN NULL;', hash='c404ffff9c97b934d0ee0317135c3860e399deba', operation='UPDATE', pgid='pgtrigger_update_update_5176a', table='codes_code', when='AFTER')),
            ),
        ),
        migrations.RunSQL(USUAL, migrations.RunSQL.noop),
    ]
