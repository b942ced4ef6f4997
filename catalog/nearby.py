"""Products in the order of distance to the nearest store where they can be used.

A product names its stores or means every store of its merchant, so its distance is the
least of many. The first statement looks at the stores inside a ball around the point that
holds a dozen stores; only where those have too few products a wider ball follows, then all.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q, QuerySet

from catalog.models import Product
from kernel.http.keyset import Cursor, Order, Page, cut_page
from stores.models import StoreQuerySet

BY_DISTANCE = Order("distance", ("chord", "id"))
STORES_IN_BALL = (12, 400)

_SQL = """
WITH places (id, merchant_id, chord) AS MATERIALIZED ({places}),
nearest AS (SELECT merchant_id, min(chord) AS chord FROM places GROUP BY merchant_id),
hits AS (
    SELECT product.id, nearest.chord
    FROM nearest JOIN catalog_product product ON product.merchant_id = nearest.merchant_id
    WHERE product.id IN ({products})
    AND NOT EXISTS (
        SELECT FROM catalog_product_stores named WHERE named.product_id = product.id
    )
    UNION ALL
    SELECT named.product_id, min(places.chord)
    FROM places JOIN catalog_product_stores named ON named.store_id = places.id
    WHERE named.product_id IN ({products})
    GROUP BY named.product_id
)
SELECT hits.id, hits.chord, seen.stores
FROM (SELECT count(*) AS stores FROM places) seen LEFT JOIN LATERAL (
    SELECT id, chord FROM hits {rest}
) hits ON true ORDER BY {order}
"""


class Hit(NamedTuple):
    """A product and its chord: half the way through the globe's inside, in metres."""

    id: int
    chord: float


class _Found(NamedTuple):
    hits: list[Hit]
    stores: int


def nearest_products(
    *,
    products: QuerySet[Product],
    places: StoreQuerySet,
    near: tuple[float, float],
    cursor: str = "",
    size: int,
) -> Page[Hit]:
    """Return a page of the ``products`` by their distance to the nearest of the ``places``.

    Stores at one spot put their products by id. Three statements at most. Raises InvalidInput
    for a foreign cursor.
    """
    start = Cursor.decode(cursor, order=BY_DISTANCE, segments=1) if cursor else None
    stores = places.with_chord(*near)
    beyond = stores
    if start:
        beyond = stores.filter(Q(chord__gt=start.values[0]))
    if start and start.backwards:
        inside = stores.filter(Q(chord__lte=start.values[0]))
        return _page(_run(products, inside, start, size).hits, start, size)
    for count in STORES_IN_BALL:
        edge = beyond.order_by(F("chord")).values_list(F("chord"))[count : count + 1]
        found = _run(products, stores.within_chord(*near, edge), start, size)
        saw_all = start is None and found.stores <= count
        if len(found.hits) > size or saw_all:
            return _page(found.hits, start, size)
    return _page(_run(products, stores, start, size).hits, start, size)


def _run(
    products: QuerySet[Product], places: StoreQuerySet, start: Cursor | None, size: int
) -> _Found:
    product_sql, product_params = products.order_by().values("pk").query.sql_with_params()
    place_sql, place_params = (
        places.order_by().values_list("id", "merchant_id", F("chord")).query.sql_with_params()
    )
    down = bool(start and start.backwards)
    order = "chord DESC, id DESC" if down else "chord, id"
    rest = f"ORDER BY {order} LIMIT %s"
    if start:
        rest = f"WHERE (chord, id) {'<' if down else '>'} (%s, %s) {rest}"
    sql = _SQL.format(places=place_sql, products=product_sql, rest=rest, order=order)
    params = [*place_params, *product_params, *product_params, *(start.values if start else ())]
    with connection.cursor() as database:
        database.execute(sql, [*params, size + 1])
        rows = database.fetchall()
    return _Found([Hit(pk, chord) for pk, chord, _stores in rows if pk is not None], rows[0][2])


def _page(hits: list[Hit], start: Cursor | None, size: int) -> Page[Hit]:
    return cut_page([(0, hit) for hit in hits], order=BY_DISTANCE, start=start, size=size)
