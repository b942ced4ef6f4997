"""The published invariants of what lists say: facts are what the offers say.

They hold at every moment, whatever the clock: a fact and the offer behind it change in one
transaction. What a quota or the last piece changes follows within a minute, and is not asked here.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

LISTING: tuple[Invariant, ...] = (
    Invariant(
        "listing_of_offers",
        _("Lists name a price only while an offer of the product has it."),
        "SELECT 'product ' || f.product_id, NULL, f.from_fen FROM catalog_listingfact f"
        " WHERE (f.until IS NULL OR f.until > now()) AND NOT EXISTS ("
        "SELECT FROM catalog_offer o JOIN catalog_variant v ON v.id = o.variant_id AND v.active"
        " WHERE o.product_id = f.product_id AND o.active AND o.price_fen = f.from_fen"
        " AND (o.kind <> 'normal') = (f.kind = 'limited')"
        " AND (f.since IS NULL OR o.starts_at IS NULL OR o.starts_at <= f.since)"
        " AND (o.ends_at IS NULL OR o.ends_at > '9999-12-31 UTC' OR o.ends_at >= f.until))",
    ),
    Invariant(
        "listing_complete",
        _("A product with a price for good is named by lists for good, and sorted by a price."),
        "SELECT DISTINCT 'product ' || o.product_id, o.price_fen, NULL FROM catalog_offer o"
        " JOIN catalog_variant v ON v.id = o.variant_id AND v.active"
        " JOIN catalog_product p ON p.id = o.product_id"
        " WHERE o.active AND o.kind = 'normal' AND o.quota IS NULL AND o.starts_at IS NULL"
        " AND o.ends_at IS NULL AND (p.price_fen IS NULL OR NOT EXISTS ("
        "SELECT FROM catalog_listingfact f WHERE f.product_id = o.product_id"
        " AND f.until IS NULL))",
    ),
)
