"""The database itself refuses a time zone that it or Python does not know.

Which stores are open is judged in SQL for whole lists at once: one name that PostgreSQL can't
read fails the statement for every store in it. ``timezone`` raises for such a name, whoever
writes it; the pattern leaves out what PostgreSQL alone takes for a zone (``CST``, ``Foo+3``,
``posix/…``). The names are those of kernel.bounds.validate_time_zone.
"""

from django.db import migrations

NO_SLASH = (
    "CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT GMT+0 GMT-0 GMT0 Greenwich HST"
    " Hongkong Iceland Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo"
    " PRC PST8PDT Poland Portugal ROC ROK Singapore Turkey UCT UTC Universal W-SU WET Zulu"
).split()
LOOKS_KNOWN = (
    "(time_zone ~ '^[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+){{1,2}}$' OR time_zone = 'Etc/GMT0'"
    " OR time_zone IN ({names}))"
).format(names=", ".join(f"'{name}'" for name in NO_SLASH))
BAD = """
(NOT {looks_known} OR NOT EXISTS (
    SELECT 1 FROM pg_timezone_names known WHERE known.name = time_zone))
"""
HEAL = """
WITH healed AS (
    UPDATE {table} SET time_zone = {zone} WHERE {bad} RETURNING '{name}:' || id AS subject
)
INSERT INTO watch_incident (kind, subject, error, count, first_at, last_at)
SELECT 'stores.healed', subject, 'its time zone was not known and was replaced', 1, now(), now()
FROM healed ON CONFLICT DO NOTHING
"""
HOLD = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE {table} ADD CONSTRAINT {table}_known_zone CHECK (
    {looks_known} AND timezone(time_zone, timestamptz 'epoch') IS NOT NULL)
"""
DROP = "ALTER TABLE {table} DROP CONSTRAINT {table}_known_zone"
ZONES = {
    "stores_city": "'Asia/Shanghai'",
    "stores_store": "(SELECT city.time_zone FROM stores_city city WHERE city.id = city_id)",
}
"""What takes the place of a zone that is not known; cities come first."""


def steps(table: str) -> list[migrations.RunSQL]:
    facts = {"table": table, "name": table.removeprefix("stores_"), "zone": ZONES[table]}
    bad = BAD.format(looks_known=LOOKS_KNOWN)
    return [
        migrations.RunSQL(HEAL.format(**facts, bad=bad), migrations.RunSQL.noop),
        migrations.RunSQL(
            HOLD.format(table=table, looks_known=LOOKS_KNOWN), DROP.format(table=table)
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("stores", "0004_heal"), ("watch", "0001_incident")]
    operations = [step for table in ZONES for step in steps(table)]
