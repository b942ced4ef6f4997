"""Stores and cities that an older release let in get zones and texts that every page can read.

A time zone that PostgreSQL does not know, or a control character inside a name, took shared
pages down. The zone becomes that of the store's city, or China's; the characters go.
"""

from django.db import migrations

BAD_ZONE = """
(time_zone IN ('localtime', 'Factory', 'posixrules')
 OR NOT EXISTS (SELECT 1 FROM pg_timezone_names WHERE name = {table}.time_zone))
"""
CITIES = "UPDATE stores_city SET time_zone = 'Asia/Shanghai' WHERE {bad} RETURNING 'city:' || id"
STORES = """
UPDATE stores_store SET time_zone = stores_city.time_zone FROM stores_city
WHERE stores_city.id = stores_store.city_id AND {bad} RETURNING 'store:' || stores_store.id
"""
LINES = {
    "city": ("name_en", "name_zh", "region"),
    "merchant": ("name_en", "name_zh", "contact_name", "contact_phone"),
    "store": (
        "name_en",
        "name_zh",
        "address_en",
        "address_zh",
        "district_en",
        "district_zh",
        "postcode",
        "phone",
        "external_code",
    ),
}
CONTROL = "[\\x01-\\x1f\\x7f]"


def heal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, sql in (("stores_city", CITIES), ("stores_store", STORES)):
            bad = BAD_ZONE.format(table=table).replace("(time_zone", f"({table}.time_zone", 1)
            cursor.execute(sql.format(bad=bad))
            for (subject,) in cursor.fetchall():
                note(apps, subject, "its time zone was unknown to the database and was replaced")
        for model, columns in LINES.items():
            for column in columns:
                cursor.execute(
                    f"UPDATE stores_{model} SET {column} ="
                    f" regexp_replace({column}, %s, ' ', 'g') WHERE {column} ~ %s RETURNING id",
                    [CONTROL, CONTROL],
                )
                for (row_id,) in cursor.fetchall():
                    note(apps, f"{model}:{row_id}", f"control characters were taken out of {column}")


def note(apps, subject, error):
    apps.get_model("watch", "Incident").objects.get_or_create(
        kind="stores.healed", subject=subject, settled_at=None, defaults={"error": error}
    )


class Migration(migrations.Migration):
    dependencies = [("stores", "0003_invitations_and_trades"), ("watch", "0001_incident")]
    operations = [migrations.RunPython(heal, migrations.RunPython.noop)]
