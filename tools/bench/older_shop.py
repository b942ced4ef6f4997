"""A shop of two years as the release 70a7ad2 kept it, of any size, written by SQL.

What an upgrade has to take over: orders with their payments, vouchers in every state, redemptions,
refunds and returns, the ledger's entries of all of it, nightly statements and payouts. Rows are
written in the order in which they would have happened, so that tables lie on disk as they do in
a shop. The audit of the upgraded shop finds nothing.
"""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OLDER = {
    "campaigns": None,
    "catalog": "0004_picture_card",
    "codes": None,
    "facts": None,
    "idempotency": "0001_initial",
    "inbox": None,
    "insights": "0001_initial",
    "members": "0002_mail_and_sessions",
    "orders": "0001_initial",
    "outbox": "0001_initial",
    "payments": "0001_initial",
    "reviews": "0002_initial",
    "stores": "0001_initial",
    "vouchers": "0001_initial",
    "watch": None,
}
"""The last migration of each app in 70a7ad2."""

MERCHANTS, PRODUCTS, BUYERS = 200, 2000, 100_000

# People and goods; ids count from 1. One product in ten is a card of three uses, one is goods.
_CATALOGUE = (
    """
    INSERT INTO members_user (password, is_superuser, email, display_name, language, avatar,
        is_active, is_staff, date_joined, mail_off, session_round)
    SELECT '!', g = 1, 'person' || g || '@o2o.invalid', 'Person ' || g, 'en', '', true, g = 1,
        timestamptz '2024-11-01 UTC', '{{}}', 0 FROM generate_series(1, {buyers}) g
    """,
    """
    INSERT INTO stores_city (slug, name_en, name_zh, region, country, time_zone, latitude,
        longitude, featured)
    VALUES ('bench', 'Benchtown', '', '', 'CN', 'Asia/Shanghai', 31.2, 121.4, false)
    """,
    """
    INSERT INTO stores_merchant (slug, name_en, name_zh, story_en, story_zh, contact_name,
        contact_phone, contact_email, state, decision_note, commission_rate, mark, created_at,
        applicant_id)
    SELECT 'merchant-' || g, 'Merchant ' || g, '', '', '', '', '', '', 'active', '', 0.0650, '',
        timestamptz '2024-11-01 UTC', g FROM generate_series(1, {merchants}) g
    """,
    """
    INSERT INTO stores_store (external_code, name_en, name_zh, address_en, address_zh, district_en,
        district_zh, postcode, phone, time_zone, latitude, longitude, services, picture, state,
        rating_sum, rating_count, created_at, city_id, merchant_id)
    SELECT 'store-' || g, 'Store ' || g, '', '', '', '', '', '', '', 'Asia/Shanghai', 31.2, 121.4,
        '{{}}', '', 'active', 0, 0, timestamptz '2024-11-01 UTC', 1, g
    FROM generate_series(1, {merchants}) g
    """,
    """
    INSERT INTO catalog_category (slug, name_en, name_zh, trade, position)
    VALUES ('bench', 'Bench', 'Bench', '', 0)
    """,
    """
    INSERT INTO catalog_product (kind, state, external_code, title_en, title_zh, description_en,
        description_zh, included, provenance, uses, list_price_fen, validity_days, blackout,
        refund_rule, refund_on_expiry, usable_after_hours, notes, price_fen, sales_count,
        rating_sum, rating_count, rating_score, created_at, updated_at, category_id, merchant_id)
    SELECT CASE g % 10 WHEN 0 THEN 'times_card' WHEN 1 THEN 'goods' ELSE 'voucher' END, 'active',
        'product-' || g, 'Product ' || g, '', '', '', '[]', '{{}}', CASE g % 10 WHEN 0 THEN 3 ELSE 1 END,
        20000, 90, '[]', 'anytime', true, 0, '[]', 1000 + g * 37 % 9000, 0, 0, 0, 0,
        timestamptz '2024-11-01 UTC', timestamptz '2024-11-01 UTC', 1, (g - 1) % {merchants} + 1
    FROM generate_series(1, {products}) g
    """,
    """
    INSERT INTO catalog_variant (name_en, name_zh, position, active, product_id)
    SELECT '', '', 0, true, id FROM catalog_product ORDER BY id
    """,
    """
    INSERT INTO catalog_offer (kind, price_fen, quota_sold, active, created_at, merchant_id,
        product_id, variant_id)
    SELECT 'normal', price_fen, 0, true, created_at, merchant_id, id, id
    FROM catalog_product ORDER BY id
    """,
    "INSERT INTO catalog_stock (variant_id, available) SELECT id, 1000 FROM catalog_variant",
    """
    INSERT INTO vouchers_voucherterms (digest, body, created_at)
    SELECT encode(sha256(title_en::bytea), 'hex'), jsonb_build_object('kind', kind, 'title_en',
        title_en, 'title_zh', title_en, 'included', included, 'notes', notes, 'uses', uses,
        'validity_days', validity_days, 'usable_after_hours', 0, 'refund_rule', refund_rule,
        'refund_days', null, 'refund_on_expiry', true, 'blackout', blackout, 'list_price_fen',
        list_price_fen, 'price_fen', price_fen, 'store_ids', null), created_at
    FROM catalog_product ORDER BY id
    """,
)

# A voucher's fate is its number modulo 20: 0 is refunded, 1 … 14 are used (and one in a hundred
# is returned afterwards), 15 is forfeited, 16 is a card used in part, the others wait.
_SALES = (
    """
    CREATE TEMP TABLE sold AS
    SELECT v, (v + 1) / 2 AS o, p.id AS product, p.merchant_id AS merchant, p.price_fen AS price,
        p.uses AS uses_total, bought, bought + (hashint8(v) & 1023) * interval '25 minutes' AS later,
        v % 20 AS fate, CASE WHEN v % 20 BETWEEN 1 AND 14 THEN p.uses
            WHEN v % 20 = 16 AND p.uses > 1 THEN 1 ELSE 0 END AS used
    FROM generate_series(1::bigint, {vouchers}) v
    JOIN catalog_product p ON p.id = ((v + 1) / 2 * 7919) % {products} + 1
    CROSS JOIN LATERAL (SELECT timestamptz '2024-11-01 UTC'
        + (v + 1) / 2 * (interval '700 days' / ({vouchers} / 2)) AS bought) t
    """,
    """
    INSERT INTO payments_payment (id, number, reference, gateway, amount_fen, refunded_fen,
        currency, state, gateway_trade_no, pay_url, created_at, expires_at, succeeded_at, payer_id)
    SELECT o, 'P' || to_char(bought, 'YYMMDD') || lpad((o * 736338717 % 1000000000000)::text, 12, '0'),
        'O' || to_char(bought, 'YYMMDD') || lpad((o * 536338719 % 1000000000000)::text, 12, '0'),
        'sandbox', price * 2, (SELECT count(*) FROM generate_series(o * 2 - 1, o * 2) g
            WHERE g % 20 = 0 OR g % 100 = 14) * price,
        'CNY', 'succeeded', 'T' || o, '', bought, bought + interval '30 minutes',
        bought + interval '1 minute', o % {buyers} + 1
    FROM sold WHERE v % 2 = 0 ORDER BY o
    """,
    """
    INSERT INTO orders_order (id, number, state, total_fen, created_at, expires_at, paid_at,
        buyer_id, payment_id)
    SELECT id, reference, 'paid', amount_fen, created_at, expires_at, succeeded_at, payer_id, id
    FROM payments_payment ORDER BY id
    """,
    """
    INSERT INTO orders_orderline (id, title_en, title_zh, quantity, unit_price_fen, list_price_fen,
        total_fen, commission_rate, merchant_id, offer_id, order_id, product_id, terms_id, variant_id)
    SELECT o, 'Product ' || product, '商品' || product, 2, price, price * 2, price * 2, 0.0650,
        merchant, product, o, product, product, product
    FROM sold WHERE v % 2 = 0 ORDER BY o
    """,
    """
    INSERT INTO vouchers_voucher (id, code, qr_version, offer_ref, units, order_number,
        order_line_ref, price_fen, commission_rate, uses_total, uses_used, state, valid_from,
        valid_until, time_zone, created_at, merchant_id, owner_id, payment_id, product_id,
        variant_id, terms_id)
    SELECT v, lpad((v * 736338717 % 1000000000000)::text, 12, '0'), 1, product, 1, p.reference, o,
        price, 0.0650, uses_total, used,
        CASE WHEN fate = 0 THEN 'refunded' WHEN fate = 15 THEN 'expired'
            WHEN used = uses_total THEN 'used' ELSE 'active' END,
        bought, CASE WHEN fate = 15 THEN later ELSE timestamptz '2036-01-01 UTC' END,
        'Asia/Shanghai', p.succeeded_at, merchant, p.payer_id, o, product, product, product
    FROM sold JOIN payments_payment p ON p.id = o ORDER BY v
    """,
    # Every thousandth is still within its time to undo.
    """
    INSERT INTO vouchers_redemption (first_use, uses, value_fen, redeemed_at, undo_until,
        released_at, commission_fen, returned_uses, merchant_id, staff_id, store_id, voucher_id)
    SELECT 0, used, value, later, later + interval '15 minutes',
        CASE WHEN v % 1000 <> 2 THEN later + interval '20 minutes' END,
        CASE WHEN v % 1000 <> 2 THEN round(value * 0.065) END,
        CASE WHEN v % 100 = 14 THEN used ELSE 0 END, merchant, merchant, merchant, v
    FROM sold CROSS JOIN LATERAL (SELECT price * used / uses_total AS value) w
    WHERE used > 0 ORDER BY later
    """,
    """
    INSERT INTO payments_refund (number, amount_fen, reason, voucher_ref, state, gateway_refund_no,
        error, created_at, succeeded_at, payment_id)
    SELECT 'R' || to_char(later, 'YYMMDD') || lpad((v * 936338711 % 1000000000000)::text, 12, '0'),
        price, CASE fate WHEN 0 THEN 'unused' ELSE 'returned' END, v, 'succeeded', 'B' || v, '',
        later + interval '2 hours', later + interval '3 hours', o
    FROM sold WHERE fate = 0 OR v % 100 = 14 ORDER BY later
    """,
    """
    INSERT INTO vouchers_voucherreturn (uses, value_fen, commission_fen, created_at,
        redemption_id, refund_id)
    SELECT d.uses, d.value_fen, d.commission_fen, r.created_at, d.id, r.id
    FROM payments_refund r JOIN vouchers_redemption d ON d.voucher_id = r.voucher_ref
    WHERE r.reason = 'returned' ORDER BY r.id
    """,
)

# An event, and the entries it makes: account, sign of the amount, whose.
_EVENTS = (
    """
    CREATE TEMP TABLE event AS
    SELECT 'pay' AS kind, number, succeeded_at AS at, amount_fen AS fen, 0::bigint AS fee,
        NULL::bigint AS merchant, NULL::bigint AS voucher FROM payments_payment
    UNION ALL SELECT 'redeem', id::text, redeemed_at, value_fen, 0, merchant_id, voucher_id
        FROM vouchers_redemption
    UNION ALL SELECT 'release', id::text, released_at, value_fen, commission_fen, merchant_id,
        voucher_id FROM vouchers_redemption WHERE released_at IS NOT NULL
    UNION ALL SELECT 'forfeit', v::text, later, price, round(price * 0.065), merchant, v
        FROM sold WHERE fate = 15
    UNION ALL SELECT CASE reason WHEN 'unused' THEN 'refund' ELSE 'return' END, r.number,
        r.created_at, r.amount_fen, CASE reason WHEN 'unused' THEN 0 ELSE round(r.amount_fen * 0.065) END,
        v.merchant_id, v.id
        FROM payments_refund r JOIN vouchers_voucher v ON v.id = r.voucher_ref
    UNION ALL SELECT 'refunded', number, succeeded_at, amount_fen, 0, NULL, NULL
        FROM payments_refund
    """,
    # A night's statement holds what the day before has earned; the last days are not settled yet.
    """
    INSERT INTO payments_statement (number, day, cutoff_at, gross_fen, commission_fen, returns_fen,
        net_fen, state, issued_at, merchant_id)
    SELECT 'S' || to_char(day, 'YYMMDD') || lpad(
            (row_number() OVER (ORDER BY day, merchant) * 336338713 % 1000000000000)::text, 12, '0'),
        day, day + 1, gross, commission, returned, gross - commission - returned,
        CASE WHEN day < '2026-09-25' THEN 'paid' ELSE 'issued' END, day + 1, merchant
    FROM (
        SELECT at::date AS day, merchant, SUM(fen) FILTER (WHERE kind <> 'return') AS gross,
            SUM(CASE kind WHEN 'return' THEN -fee ELSE fee END) AS commission,
            COALESCE(SUM(fen) FILTER (WHERE kind = 'return'), 0) AS returned
        FROM event WHERE kind IN ('release', 'forfeit', 'return') AND at < '2026-09-30'
        GROUP BY 1, 2
    ) d WHERE gross - commission - returned > 0 ORDER BY day, merchant
    """,
    """
    INSERT INTO payments_payout (number, amount_fen, state, bank_reference, sent_at, merchant_id,
        sent_by_id, statement_id)
    SELECT 'B' || substr(number, 2), net_fen, 'sent', 'bank-' || id, issued_at + interval '5 hours',
        merchant_id, 1, id FROM payments_statement WHERE state = 'paid' ORDER BY id
    """,
    """
    INSERT INTO event (kind, number, at, fen, fee, merchant)
    SELECT 'settle', number, issued_at, net_fen, 0, merchant_id FROM payments_statement
    UNION ALL SELECT 'payout', number, sent_at, amount_fen, 0, merchant_id FROM payments_payout
    """,
    """
    INSERT INTO payments_ledgertransaction (kind, key, occurred_at)
    SELECT kind, kind || ':' || number, at FROM event ORDER BY at
    """,
    """
    CREATE TEMP TABLE side (position, kind, account, fen, fee, of_merchant, of_voucher) AS VALUES
        (1, 'pay', 'gateway', 1, 0, false, false),
        (1, 'redeem', 'escrow', 1, 0, true, true), (2, 'redeem', 'pending', -1, 0, true, true),
        (1, 'release', 'pending', 1, 0, true, true), (2, 'release', 'payable', -1, 0, true, true),
        (3, 'release', 'payable', 0, 1, true, true), (4, 'release', 'commission', 0, -1, false, true),
        (1, 'forfeit', 'escrow', 1, 0, true, true), (2, 'forfeit', 'payable', -1, 0, true, true),
        (3, 'forfeit', 'payable', 0, 1, true, true), (4, 'forfeit', 'commission', 0, -1, false, true),
        (1, 'refund', 'escrow', 1, 0, true, true), (2, 'refund', 'refund_due', -1, 0, false, true),
        (1, 'return', 'payable', 1, 0, true, true), (2, 'return', 'refund_due', -1, 0, false, true),
        (3, 'return', 'commission', 0, 1, false, true), (4, 'return', 'payable', 0, -1, true, true),
        (1, 'refunded', 'refund_due', 1, 0, false, false), (2, 'refunded', 'gateway', -1, 0, false, false),
        (1, 'settle', 'payable', 1, 0, true, false), (2, 'settle', 'settled', -1, 0, true, false),
        (1, 'payout', 'settled', 1, 0, true, false), (2, 'payout', 'bank', -1, 0, false, false)
    """,
    """
    INSERT INTO payments_ledgerentry (account, amount_fen, voucher_ref, merchant_id, transaction_id)
    SELECT account, amount, voucher, merchant, id FROM (
        SELECT t.id, s.position, s.account, s.fen * e.fen + s.fee * e.fee AS amount,
            CASE WHEN s.of_voucher THEN e.voucher END AS voucher,
            CASE WHEN s.of_merchant THEN e.merchant END AS merchant
        FROM event e JOIN payments_ledgertransaction t ON t.key = e.kind || ':' || e.number
        JOIN side s ON s.kind = e.kind
        UNION ALL
        SELECT t.id, 2 + v.id % 2, 'escrow', -v.price_fen, v.id, v.merchant_id
        FROM vouchers_voucher v JOIN payments_payment p ON p.id = v.payment_id
        JOIN payments_ledgertransaction t ON t.key = 'pay:' || p.number
    ) entries ORDER BY id, position
    """,
    """
    INSERT INTO payments_settlementline (entry_id, statement_id)
    SELECT e.id, s.id FROM payments_ledgerentry e
    JOIN payments_ledgertransaction t ON t.id = e.transaction_id
    JOIN payments_statement s ON s.merchant_id = e.merchant_id AND s.day = t.occurred_at::date
    WHERE e.account = 'payable' AND t.kind IN ('release', 'forfeit', 'return') ORDER BY s.id, e.id
    """,
    """
    UPDATE catalog_product p SET sales_count = n FROM (
        SELECT product_id, count(*) AS n FROM vouchers_voucher GROUP BY product_id) s
    WHERE s.product_id = p.id
    """,
)

_NUMBERED = ("payments_payment", "orders_order", "orders_orderline", "vouchers_voucher")
"""Tables whose ids were given here and not by their sequences."""


def make_older_shop(vouchers: int) -> None:
    """Make the tables of 70a7ad2 in an empty database and fill them; ``vouchers`` is even.

    A million takes about five minutes.
    """
    _make_tables()
    sizes = {"vouchers": vouchers, "merchants": MERCHANTS, "products": PRODUCTS, "buyers": BUYERS}
    with connection.cursor() as cursor:
        # The books balance by construction; the triggers would judge each row.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET work_mem = '256MB'")
        for statement in (*_CATALOGUE, *_SALES, *_EVENTS):
            cursor.execute(statement.format(**sizes))
        for table in _NUMBERED:
            cursor.execute(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")  # noqa: S608
        cursor.execute("DROP TABLE sold, event, side")
        cursor.execute("RESET session_replication_role")
        cursor.execute("RESET work_mem")
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _make_tables() -> None:
    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in OLDER]
    ours = [(app, name) for app, name in OLDER.items() if name]
    executor.migrate(others + ours)
