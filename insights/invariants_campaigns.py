"""The published invariants of campaigns (docs/campaigns.md)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

_LIVE = "u.state IN ('reserved', 'used')"
# What an order's discounts say of each coupon.
_ROWS = (
    "SELECT o.number, substr(d.source, 8)::bigint AS key, SUM(d.amount_fen) AS fen"
    " FROM orders_orderdiscount d JOIN orders_orderline l ON l.id = d.line_id"
    " JOIN orders_order o ON o.id = l.order_id"
    " WHERE d.source ~ '^coupon:[1-9][0-9]{0,17}$' GROUP BY o.number, d.source"
)

_AUTOMATIC = _ROWS.replace("substr(d.source, 8)", "substr(d.source, 11)").replace(
    "^coupon:", "^automatic:"
)
_USES = (
    "SELECT k.campaign_id, x.state, x.amount_fen FROM campaigns_couponuse x"
    " JOIN campaigns_coupon k ON k.id = x.coupon_id"
    " UNION ALL SELECT campaign_id, state, amount_fen FROM campaigns_automaticuse"
)

CAMPAIGNS: tuple[Invariant, ...] = (
    Invariant(
        "campaign_spent",
        _("What a campaign has reserved and used is the sum of its live uses."),
        "SELECT 'campaign ' || c.id, COALESCE(SUM(u.amount_fen), 0), c.spent_fen"  # noqa: S608
        f" FROM campaigns_campaign c LEFT JOIN ({_USES}) u ON u.campaign_id = c.id AND {_LIVE}"
        " GROUP BY c.id HAVING c.spent_fen <> COALESCE(SUM(u.amount_fen), 0)"
        " OR c.spent_count <> COUNT(u.amount_fen)",
    ),
    Invariant(
        "campaign_budget",
        _("No campaign has given more than its budget, nor more often."),
        "SELECT 'campaign ' || id, budget_fen, spent_fen FROM campaigns_campaign"
        " WHERE spent_fen > budget_fen OR spent_count > budget_count",
    ),
    Invariant(
        "coupons_claimed",
        _("Claimed coupons and those that are left are all that a campaign has."),
        "SELECT 'campaign ' || b.campaign_id, COUNT(k.id), b.claimed FROM campaigns_batch b"
        " LEFT JOIN campaigns_coupon k ON k.campaign_id = b.campaign_id"
        " GROUP BY b.id HAVING b.claimed <> COUNT(k.id) OR b.claimed > b.count",
    ),
    Invariant(
        "coupon_codes_made",
        _("The codes of a campaign are those that were made for it, no more than it has coupons."),
        # Those of gifts at a counter are made one by one, beside the batch.
        "SELECT 'campaign ' || b.campaign_id, COUNT(c.id) || ' codes', b.made || ' made'"
        " FROM campaigns_batch b LEFT JOIN campaigns_couponcode c ON c.campaign_id = b.campaign_id"
        " WHERE b.claiming = 'code' GROUP BY b.id HAVING b.made <> COUNT(c.id) OR b.made > b.count",
    ),
    Invariant(
        "coupon_codes_claimed",
        _("Each coupon of a campaign with codes came from one code, and each code brought one."),
        "SELECT 'campaign ' || b.campaign_id, COUNT(c.coupon_id) || ' codes claimed', b.claimed"
        " FROM campaigns_batch b LEFT JOIN campaigns_couponcode c ON c.campaign_id = b.campaign_id"
        " WHERE b.claiming = 'code' GROUP BY b.id HAVING b.claimed <> COUNT(c.coupon_id)"
        " UNION ALL SELECT 'code ' || c.code, c.campaign_id || '', k.campaign_id"
        " FROM campaigns_couponcode c JOIN campaigns_coupon k ON k.id = c.coupon_id"
        " WHERE k.campaign_id <> c.campaign_id",
    ),
    Invariant(
        "coupon_state",
        _("A coupon is reserved or used in one order, or in none."),
        "SELECT 'coupon ' || k.id, k.state, u.state FROM campaigns_coupon k"  # noqa: S608
        f" LEFT JOIN campaigns_couponuse u ON u.coupon_id = k.id AND {_LIVE}"
        " WHERE COALESCE(u.state, '') <> CASE WHEN k.state IN ('reserved', 'used')"
        " THEN k.state ELSE '' END",
    ),
    Invariant(
        "coupon_rows",
        _("What a coupon took off an order is what the order's discounts say."),
        "SELECT 'coupon ' || COALESCE(u.coupon_id, r.key) || ' in order '"  # noqa: S608
        " || COALESCE(u.order_number, r.number), u.amount_fen, r.fen FROM campaigns_couponuse u"
        f" FULL JOIN ({_ROWS}) r ON r.key = u.coupon_id AND r.number = u.order_number"
        " WHERE u.amount_fen IS DISTINCT FROM r.fen AND u.redemption_id IS NULL",
    ),
    Invariant(
        "coupon_handed_over",
        _("A coupon for an item is used when its voucher was redeemed and that was not undone."),
        "SELECT 'coupon ' || k.id, r.id, u.redemption_id FROM campaigns_coupon k"
        " LEFT JOIN vouchers_redemption r ON r.voucher_id = k.voucher_id AND r.undone_at IS NULL"
        " LEFT JOIN campaigns_couponuse u ON u.coupon_id = k.id AND u.state = 'used'"
        " WHERE k.voucher_id IS NOT NULL AND r.id IS DISTINCT FROM u.redemption_id",
    ),
    Invariant(
        "coupon_of_item",
        _("Each coupon for an item has a voucher of its owner at its business, until its end."),
        "SELECT 'coupon ' || k.id, v.id, k.owner_id FROM campaigns_coupon k"
        " JOIN campaigns_campaign c ON c.id = k.campaign_id"
        " JOIN campaigns_benefit b ON b.campaign_id = c.id"
        " LEFT JOIN vouchers_voucher v ON v.id = k.voucher_id"
        " WHERE (b.kind = 'item') <> (v.id IS NOT NULL) OR v.owner_id <> k.owner_id"
        " OR v.merchant_id <> c.merchant_id OR v.valid_until <> k.ends_at"
        " OR (k.state = 'revoked') <> (v.state = 'revoked')",
    ),
    Invariant(
        "coupon_of_order",
        _("A reserved coupon belongs to an order that waits, a used one to one that is paid."),
        # A refund gives it back by a worker: until then it counts as used.
        "SELECT 'coupon ' || u.coupon_id || ' in order ' || u.order_number, u.state, o.state"
        " FROM campaigns_couponuse u LEFT JOIN orders_order o ON o.number = u.order_number"
        " WHERE u.redemption_id IS NULL AND"
        " ((u.state = 'reserved' AND o.state IS DISTINCT FROM 'pending')"
        " OR (u.state = 'used' AND (o.state IS NULL OR o.state = 'pending')))",
    ),
    Invariant(
        "sale_prices",
        _("A price of a sale is what the sale says, and on sale only while the sale runs."),
        "SELECT 'sale ' || s.id || ' offer ' || o.id, i.price_fen, o.price_fen"
        " FROM campaigns_sale s JOIN campaigns_saleitem i ON i.sale_id = s.id"
        " JOIN catalog_offer o ON o.id = i.offer_id WHERE o.price_fen <> i.price_fen"
        " OR o.variant_id <> i.variant_id OR o.has_line <> s.has_line"
        " OR (o.active AND s.state <> 'running')",
    ),
    Invariant(
        "sale_started",
        _("A sale that has started has written all of its prices, a draft none."),
        "SELECT 'sale ' || s.id, NULL, i.id FROM campaigns_sale s"
        " JOIN campaigns_saleitem i ON i.sale_id = s.id"
        " WHERE (s.state <> 'draft') <> (i.offer_id IS NOT NULL)",
    ),
    Invariant(
        "automatic_rows",
        _("What a campaign took off an order by itself is what the order's discounts say."),
        "SELECT 'campaign ' || COALESCE(u.campaign_id, r.key) || ' in order '"  # noqa: S608
        " || COALESCE(u.order_number, r.number), u.amount_fen, r.fen FROM campaigns_automaticuse u"
        f" FULL JOIN ({_AUTOMATIC}) r ON r.key = u.campaign_id AND r.number = u.order_number"
        " WHERE u.amount_fen IS DISTINCT FROM r.fen",
    ),
    Invariant(
        "automatic_of_order",
        _(
            "A campaign reserved by itself is in an order that waits, a used one in one that is paid."
        ),
        "SELECT 'campaign ' || u.campaign_id || ' in order ' || u.order_number, u.state, o.state"
        " FROM campaigns_automaticuse u LEFT JOIN orders_order o ON o.number = u.order_number"
        " WHERE (u.state = 'reserved' AND o.state IS DISTINCT FROM 'pending')"
        " OR (u.state = 'used' AND (o.state IS NULL OR o.state = 'pending'))",
    ),
    Invariant(
        "automatic_per_person",
        _("No person has a campaign in more orders than one person may."),
        "SELECT 'campaign ' || c.id || ' of person ' || u.buyer_id, c.uses_per_person, COUNT(*)"  # noqa: S608
        " FROM campaigns_campaign c JOIN campaigns_automaticuse u ON u.campaign_id = c.id"
        f" WHERE {_LIVE} GROUP BY c.id, u.buyer_id HAVING COUNT(*) > c.uses_per_person",
    ),
    Invariant(
        "campaign_shares",
        _("Who bears a campaign bears all of it, and all of them have agreed before it started."),
        "SELECT 'campaign ' || c.id, 1000, SUM(f.permille) FROM campaigns_campaign c"
        " JOIN campaigns_funder f ON f.campaign_id = c.id GROUP BY c.id"
        " HAVING SUM(f.permille) <> 1000"
        " OR (c.state <> 'draft' AND COUNT(*) FILTER (WHERE f.agreed_at IS NULL) > 0)",
    ),
)
