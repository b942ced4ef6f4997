"""The published invariants of what lists say: facts are what the offers say.

A fact and the offer behind it change in one transaction. What the first or the last piece changes
is said by a worker; while it is on its way, sold out is not asked. Nor is what a quota changes.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

_ON_ITS_WAY = (
    "SELECT FROM outbox_outboxevent e JOIN catalog_variant ev"
    " ON ev.id = (e.payload->>'variant_id')::bigint AND ev.product_id = f.product_id"
    " WHERE e.topic = 'stock.turned' AND (e.done_at IS NULL OR EXISTS (SELECT FROM outbox_delivery d"
    " WHERE d.event_id = e.id AND d.done_at IS NULL AND d.parked_at IS NULL))"
)
_CHOICE = (
    "SELECT FROM catalog_offer o JOIN catalog_variant v ON v.id = o.variant_id AND v.active"
    " JOIN catalog_stock s ON s.variant_id = v.id AND (s.available IS NULL OR s.available > 0)"
    " WHERE o.product_id = f.product_id AND o.active"
)
LISTING: tuple[Invariant, ...] = (
    Invariant(
        "listing_of_offers",
        _("Lists name a price only while an offer of the product has it."),
        "SELECT 'product ' || f.product_id, NULL, f.from_fen FROM catalog_listingfact f"
        " WHERE (f.until IS NULL OR f.until > now()) AND NOT EXISTS ("
        "SELECT FROM catalog_offer o JOIN catalog_variant v ON v.id = o.variant_id AND v.active"
        " WHERE o.product_id = f.product_id AND o.active AND o.price_fen = f.from_fen"
        " AND (o.kind <> 'normal') = (f.kind = 'limited')"
        " AND (o.starts_at IS NULL OR o.starts_at <= COALESCE(f.since, now() + interval '1 minute'))"
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
    Invariant(
        "price_without_history",
        _("What is on sale has a period of its price history now; of what is not, none is open."),
        "SELECT 'offer ' || o.id, o.price_fen, h.price_fen FROM catalog_offer o"
        " JOIN catalog_variant v ON v.id = o.variant_id"
        " JOIN catalog_product p ON p.id = o.product_id"
        " LEFT JOIN catalog_priceperiod h ON h.offer_id = o.id"
        " AND (h.until IS NULL OR h.until > now())"
        " WHERE (o.active AND v.active AND p.state = 'active'"
        " AND (o.ends_at IS NULL OR o.ends_at > now()))"
        " IS DISTINCT FROM (h.id IS NOT NULL AND h.price_fen = o.price_fen"
        " AND h.until IS NOT DISTINCT FROM o.ends_at)",
    ),
    Invariant(
        "listing_sold_out",
        _(
            "Lists say sold out when no choice has pieces left, and not while one for good has some."
        ),
        "SELECT DISTINCT 'product ' || f.product_id, NOT f.sold_out, f.sold_out"  # noqa: S608 - our own words
        f" FROM catalog_listingfact f WHERE ((NOT f.sold_out AND NOT EXISTS ({_CHOICE}))"
        f" OR (f.sold_out AND EXISTS ({_CHOICE} AND o.kind = 'normal' AND o.quota IS NULL"
        " AND o.starts_at IS NULL AND o.ends_at IS NULL)))"
        f" AND NOT EXISTS ({_ON_ITS_WAY})",
    ),
)
