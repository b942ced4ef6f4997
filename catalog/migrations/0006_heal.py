"""Rows that an older release let in are brought inside the bounds, each with a note.

Prices from the year 1, blackouts until the year 9999, values that no page can write: one such
row took shared pages down. What was meant is kept where it can be read; what cannot be read is
taken out and its product made a draft, and the operator finds an incident about it.
"""

import datetime as dt

from django.db import migrations

MAX_FEN = 100_000_000_00
FIRST, LAST = "2000-01-01", "2199-12-31"
PERIODS = """
UPDATE {table} SET
    starts_at = LEAST(GREATEST(starts_at, timestamptz '2000-01-01 00:00+00'),
                      timestamptz '2199-12-30 00:00+00'),
    ends_at = LEAST(GREATEST(ends_at, timestamptz '2000-01-02 00:00+00'),
                    timestamptz '2199-12-31 00:00+00')
WHERE starts_at < timestamptz '2000-01-01 00:00+00' OR ends_at < timestamptz '2000-01-02 00:00+00'
   OR starts_at > timestamptz '2199-12-30 00:00+00' OR ends_at > timestamptz '2199-12-31 00:00+00'
"""


def heal(apps, schema_editor):
    heal_periods(apps, schema_editor)
    heal_prices(apps)
    heal_products(apps)


def heal_periods(apps, schema_editor):
    """Dates that no driver reads are changed in the database alone, never read."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(PERIODS.format(table="catalog_offer") + " RETURNING id")
        healed = [row[0] for row in cursor.fetchall()]
        cursor.execute(PERIODS.format(table="catalog_offerevent"))
    for offer_id in healed:
        note(apps, f"offer:{offer_id}", "its period lay outside 2000 to 2199 and was cut to that")


def heal_prices(apps):
    """A price above what an order may cost was never sold; it ends."""
    offers = apps.get_model("catalog", "Offer").objects.filter(price_fen__gt=MAX_FEN, active=True)
    for offer in offers:
        note(apps, f"offer:{offer.pk}", "its price lay above 100 million yuan; it has ended")
    offers.update(active=False)


def heal_products(apps):
    products = apps.get_model("catalog", "Product").objects.only(
        "included", "blackout", "notes", "provenance", "validity_days", "uses", "state"
    )
    for product in products.iterator(chunk_size=500):
        found = healed_fields(product)
        if not found:
            continue
        if found.pop("lost", False) and product.state == "active":
            found["state"] = "draft"
        type(product).objects.filter(pk=product.pk).update(**found)
        note(apps, f"product:{product.pk}", f"out of bounds and mended: {', '.join(found)}")


def healed_fields(product):
    """What has to change, by field; "lost" where something could not be read at all."""
    found, lost = {}, False
    for name, mend in (("included", mend_line), ("blackout", mend_rule), ("notes", mend_note)):
        before = getattr(product, name)
        after = [mend(item) for item in before] if isinstance(before, list) else []
        kept = [item for item in after if item is not None]
        if kept != before:
            found[name] = kept
            lost = lost or len(kept) < len(after) or not isinstance(before, list)
    if not isinstance(product.provenance, dict) or not all(
        isinstance(text, str) for text in product.provenance.values()
    ):
        found["provenance"] = {}
    if not 1 <= product.validity_days <= 3650:
        found["validity_days"] = min(max(product.validity_days, 1), 3650)
    if not 1 <= product.uses <= 1000:
        found["uses"] = min(max(product.uses, 1), 1000)
    return {**found, "lost": lost} if found else {}


def mend_line(line):
    if not isinstance(line, dict):
        return None
    names = {key: line[key] for key in ("name_en", "name_zh") if isinstance(line.get(key), str)}
    if not any(names.values()):
        return None
    changed = {**line, **names}
    if not is_whole(line.get("quantity", 1), 1, 10_000):
        changed["quantity"] = 1
    value = line.get("value_fen", 0)
    if not (value is None or is_whole(value, 0, MAX_FEN)):
        changed["value_fen"] = 0
    return changed


def mend_rule(rule):
    if not isinstance(rule, dict) or not any(rule.values()):
        return None
    changed = dict(rule)
    for key in ("from", "to"):
        if rule.get(key):
            try:
                day = dt.date.fromisoformat(rule[key]).isoformat()
            except (TypeError, ValueError):
                return None
            changed[key] = min(max(day, FIRST), LAST)
    return changed


def mend_note(note_):
    good = isinstance(note_, dict) and all(
        isinstance(note_.get(key) or "", str) for key in ("en", "zh")
    )
    return note_ if good and (note_.get("en") or note_.get("zh")) else None


def is_whole(number, least, most):
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def note(apps, subject, error):
    apps.get_model("watch", "Incident").objects.get_or_create(
        kind="catalog.healed", subject=subject, settled_at=None, defaults={"error": error}
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_bounds"), ("watch", "0001_incident")]
    operations = [migrations.RunPython(heal, migrations.RunPython.noop)]
