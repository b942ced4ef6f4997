"""What a call of many movements reads and writes: one statement each, however many lines there are.

Columns go out as arrays: the database takes them apart, which costs half of what a VALUES list of
model rows does (docs/performance.md). What they mean stands in `levels.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection

from kernel.db.prepared import Statement

# Key by key, and the merchant as a question: of a list of keys, or of a merchant whom its statistics do
# not know yet, the planner reads all that the merchant has (100 keys among 30,000: 430 ms, not 0.4).
# Not prepared: a plan of a time when the table was small would stay.
_SAID = """
    SELECT row.* FROM unnest(%s::text[]) AS asked (key) CROSS JOIN LATERAL (
        SELECT key, variant_id, store_id, reason, counted, delta FROM catalog_stockmovement
        WHERE merchant_id = (SELECT %s::bigint) AND key IS NOT NULL AND key = asked.key LIMIT 1
    ) AS row"""
_OWN = Statement(
    "SELECT v.id::bigint, ARRAY(SELECT s.store_id::bigint FROM catalog_product_stores s"
    " WHERE s.product_id = v.product_id) FROM catalog_variant v"
    " JOIN catalog_product p ON p.id = v.product_id WHERE v.id = ANY(%s) AND p.merchant_id = %s",
    *("bigint[]", "bigint"),
)
_SHOPS = Statement(
    "SELECT id::bigint FROM stores_store WHERE id = ANY(%s) AND merchant_id = %s",
    *("bigint[]", "bigint"),
)
# With casts: behind a pooler it goes out as text, and an array of nothing but NULL has no type.
_INSERT = Statement(
    "INSERT INTO catalog_stockmovement (merchant_id, author_id, via, created_at, reference,"
    " variant_id, store_id, reason, delta, counted, books, occurred_at, note, key)"
    " SELECT %s::bigint, %s::bigint, %s::text, %s::timestamptz, '', row.* FROM unnest(%s::bigint[],"
    " %s::bigint[], %s::text[], %s::integer[], %s::integer[], %s::integer[], %s::timestamptz[],"
    " %s::text[], %s::text[]) AS row",
    *("bigint", "bigint", "text", "timestamptz", "bigint[]", "bigint[]", "text[]", "integer[]"),
    *("integer[]", "integer[]", "timestamptz[]", "text[]", "text[]"),
)


class Said(NamedTuple):
    """What a key was used for: told again it must say the same."""

    variant_id: int
    store_id: int | None
    reason: str
    counted: int | None
    delta: int


class NewMovement(NamedTuple):
    """A movement to be written, its columns in the order of the statement."""

    variant_id: int
    store_id: int | None
    reason: str
    delta: int
    counted: int | None
    books: int | None
    occurred_at: dt.datetime
    note: str
    key: str

    @property
    def said(self) -> Said:
        """What its key stands for from now on."""
        return Said(self.variant_id, self.store_id, self.reason, self.counted, self.delta)


def said_before(merchant_id: int, keys: Iterable[str]) -> dict[str, Said]:
    """What those of a merchant's keys were used for that were used."""
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [sorted(set(keys)), merchant_id])
        return {key: Said(*rest) for key, *rest in cursor.fetchall()}


def own_variants(merchant_id: int, variant_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The merchant's own of these variants, each with the stores that its product names (none: all)."""
    rows = _OWN.rows(sorted(set(variant_ids)), merchant_id)
    return {variant: frozenset(stores) for variant, stores in rows}


def own_stores(merchant_id: int, store_ids: Iterable[int]) -> frozenset[int]:
    """The merchant's own of these stores."""
    rows = _SHOPS.rows(sorted(set(store_ids)), merchant_id)
    return frozenset(store for (store,) in rows)


def insert_movements(
    rows: Sequence[NewMovement],
    *,
    merchant_id: int,
    author_id: int | None,
    via: str,
    created_at: dt.datetime,
) -> None:
    """Write movements in the order given. IntegrityError where a key has been used meanwhile."""
    if rows:
        columns = (list(column) for column in zip(*rows, strict=True))
        _INSERT.changed(merchant_id, author_id, via, created_at, *columns)
