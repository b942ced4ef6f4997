"""The published invariants of stock (docs/stock.md)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

# What the movements of each place come to: its latest count, and what happened from then on.
_BOOKS = (
    "WITH base AS (SELECT DISTINCT ON (variant_id, COALESCE(store_id, 0)) variant_id,"
    " COALESCE(store_id, 0) AS place, occurred_at, counted FROM catalog_stockmovement"
    " WHERE reason = 'count' ORDER BY variant_id, COALESCE(store_id, 0), occurred_at DESC,"
    " COALESCE(key, '') COLLATE \"C\" DESC, id DESC),"
    " books AS (SELECT m.variant_id, COALESCE(m.store_id, 0) AS place,"
    " COALESCE(MAX(b.counted), 0) + COALESCE(SUM(m.delta) FILTER (WHERE b.occurred_at IS NULL"
    " OR m.occurred_at >= b.occurred_at), 0) AS number FROM catalog_stockmovement m"
    " LEFT JOIN base b ON b.variant_id = m.variant_id AND b.place = COALESCE(m.store_id, 0)"
    " GROUP BY m.variant_id, COALESCE(m.store_id, 0)) "
)

STOCK: tuple[Invariant, ...] = (
    Invariant(
        "stock_not_negative",
        _("Stock is never negative."),
        "SELECT 'variant ' || variant_id, 0, available FROM catalog_stock WHERE available < 0",
    ),
    Invariant(
        "stock_levels",
        _("What a store has is what its movements come to."),
        _BOOKS + "SELECT 'stock level ' || l.id, COALESCE(k.number, 0), l.on_hand"  # noqa: S608
        " FROM catalog_stocklevel l"
        " LEFT JOIN books k ON k.variant_id = l.variant_id AND k.place = l.store_id"
        " WHERE l.on_hand <> COALESCE(k.number, 0)",
    ),
    Invariant(
        "stock_of_the_web",
        _("What the web can sell is what its movements come to."),
        _BOOKS + "SELECT 'variant ' || s.variant_id, COALESCE(k.number, 0), s.available"  # noqa: S608
        " FROM catalog_stock s LEFT JOIN books k ON k.variant_id = s.variant_id AND k.place = 0"
        " WHERE NOT s.by_store AND s.available IS NOT NULL AND s.counted_at IS NOT NULL"
        " AND s.available <> COALESCE(k.number, 0)",
    ),
    Invariant(
        "stock_by_store",
        _(
            "Counted by store, the web can sell what open stores that sell online and hand it over can spare."
        ),
        "SELECT 'variant ' || s.variant_id, COALESCE(l.spare, 0), s.available"
        " FROM catalog_stock s LEFT JOIN (SELECT variant_id,"
        " SUM(GREATEST(on_hand - safety, 0)) AS spare FROM catalog_stocklevel w"
        " JOIN stores_store o ON o.id = w.store_id AND o.state = 'active'"
        " JOIN catalog_variant c ON c.id = w.variant_id WHERE sells_online"
        " AND (NOT EXISTS (SELECT FROM catalog_product_stores p WHERE p.product_id = c.product_id)"
        " OR EXISTS (SELECT FROM catalog_product_stores p WHERE p.product_id = c.product_id"
        " AND p.store_id = w.store_id)) GROUP BY variant_id) l ON l.variant_id = s.variant_id"
        " WHERE s.by_store AND s.available IS DISTINCT FROM COALESCE(l.spare, 0)",
    ),
    Invariant(
        "stock_missing_told",
        _("A store with fewer than no pieces has an open discrepancy."),
        "SELECT 'stock level ' || l.id, 1, 0 FROM catalog_stocklevel l WHERE l.on_hand < 0"
        " AND NOT EXISTS (SELECT FROM catalog_stockdiscrepancy d WHERE d.settled_at IS NULL"
        " AND d.variant_id = l.variant_id AND d.store_id = l.store_id)",
    ),
    Invariant(
        "stock_sold_once",
        _("An order takes no piece twice, and gives back no more than it took."),
        "SELECT 'order ' || m.reference || ' variant ' || m.variant_id, COALESCE(l.pieces, 0),"
        " m.taken FROM (SELECT reference, variant_id,"
        " -SUM(delta) FILTER (WHERE reason = 'sold') AS taken, -SUM(delta) AS kept"
        " FROM catalog_stockmovement WHERE reference <> '' GROUP BY reference, variant_id) m"
        " LEFT JOIN (SELECT o.number, l.variant_id, SUM(l.quantity) AS pieces"
        " FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
        " WHERE l.variant_id IS NOT NULL GROUP BY o.number, l.variant_id) l"
        " ON l.number = m.reference AND l.variant_id = m.variant_id"
        " WHERE m.taken > COALESCE(l.pieces, 0) OR (m.taken IS NOT NULL AND m.kept < 0)",
    ),
)
