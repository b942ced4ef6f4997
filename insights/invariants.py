"""The published invariants of docs/money.md, each as one query that finds the rows that break it.

A query returns ``(subject, expected, actual)`` rows; a healthy database returns none. All of
them run in one REPEATABLE READ snapshot, so a shop that is open while it is audited does not
look broken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

# Value of the uses 0…used of a voucher; the same floor as money.cumulative_share.
_USED_VALUE = "(v.paid_fen * v.uses_used / v.uses_total)"

_LIVE = (
    "SELECT voucher_id, SUM(uses) AS uses, SUM(value_fen) AS value, MIN(first_use) AS first,"
    " MAX(first_use + uses) AS last FROM vouchers_redemption WHERE undone_at IS NULL"
    " GROUP BY voucher_id"
)
_RETURNED = (
    "SELECT d.voucher_id, SUM(r.value_fen) AS value, SUM(r.commission_fen) AS commission"
    " FROM vouchers_voucherreturn r JOIN vouchers_redemption d ON d.id = r.redemption_id"
    " GROUP BY d.voucher_id"
)
_LEDGER = (
    "SELECT voucher_ref,"
    " -SUM(amount_fen) FILTER (WHERE account = 'escrow') AS escrow,"
    " -SUM(amount_fen) FILTER (WHERE account IN ('pending', 'payable', 'commission')) AS earned"
    " FROM payments_ledgerentry WHERE voucher_ref IS NOT NULL GROUP BY voucher_ref"
)

# Pieces bought and not given back, by product; a caller adds its joins and GROUP BY v.product_id.
SOLD = (
    "SELECT v.product_id, SUM(v.units - v.units::bigint * (COALESCE(t.uses, 0) + CASE"
    " WHEN v.state IN ('refunding', 'refunded') THEN v.uses_total - v.uses_used ELSE 0 END)"
    " / v.uses_total) AS sold FROM vouchers_voucher v"
    " LEFT JOIN (SELECT voucher_id, SUM(returned_uses) AS uses FROM vouchers_redemption"
    " WHERE returned_uses > 0 AND undone_at IS NULL GROUP BY voucher_id) t ON t.voucher_id = v.id"
)


class Invariant(NamedTuple):
    """``sql`` yields (subject, expected, actual) for every row that breaks the rule."""

    code: str
    rule: Any
    sql: str


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "ledger_balanced",
        _("Every ledger transaction sums to zero at each custodian."),
        "SELECT 'transaction ' || transaction_id || ' at ' || custodian, 0, SUM(amount_fen)"
        " FROM payments_ledgerentry GROUP BY transaction_id, custodian HAVING SUM(amount_fen) <> 0",
    ),
    Invariant(
        "clearing",
        _("What moves between custodians leaves one and reaches another."),
        "SELECT 'transaction ' || transaction_id, 0, SUM(amount_fen) FROM payments_ledgerentry"
        " WHERE account = 'clearing' GROUP BY transaction_id HAVING SUM(amount_fen) <> 0",
    ),
    Invariant(
        "voucher_custodian",
        _("A voucher's money is at the gateway that was paid, its commission in the books."),
        "SELECT 'voucher ' || v.id || ' at ' || e.custodian, 0, COUNT(*)"
        " FROM payments_ledgerentry e JOIN vouchers_voucher v ON v.id = e.voucher_ref"
        " JOIN payments_payment p ON p.id = v.payment_id WHERE e.custodian <>"
        " CASE e.purpose WHEN 'commission' THEN 'books' ELSE p.gateway END"
        " GROUP BY v.id, e.custodian",
    ),
    Invariant(
        "ledger_entries",
        _("Every ledger transaction has at least two entries."),
        "SELECT t.key, 2, COUNT(e.id) FROM payments_ledgertransaction t"
        " LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id"
        " GROUP BY t.id, t.key HAVING COUNT(e.id) < 2",
    ),
    Invariant(
        "voucher_escrow",
        _(
            "Escrow holds exactly the unused value of each voucher that is neither refunded nor forfeited."
        ),
        "SELECT 'voucher ' || v.id, want, COALESCE(l.escrow, 0) FROM (SELECT v.id,"  # noqa: S608
        f" CASE WHEN v.state IN ('held', 'active', 'used') THEN v.paid_fen - {_USED_VALUE} ELSE 0 END"
        " AS want FROM vouchers_voucher v) v"
        f" LEFT JOIN ({_LEDGER}) l ON l.voucher_ref = v.id"
        " WHERE want <> COALESCE(l.escrow, 0)",
    ),
    Invariant(
        "merchant_credit",
        _(
            "The merchant's credit and the commission are price × redeemed uses, voucher by voucher."
        ),
        "SELECT 'voucher ' || v.id, want, COALESCE(l.earned, 0) FROM ("  # noqa: S608
        " SELECT v.id, COALESCE(d.value, 0) - COALESCE(r.value, 0)"
        " + CASE WHEN v.state = 'expired' THEN v.paid_fen - "
        f"{_USED_VALUE} ELSE 0 END AS want FROM vouchers_voucher v"
        f" LEFT JOIN ({_LIVE}) d ON d.voucher_id = v.id"
        f" LEFT JOIN ({_RETURNED}) r ON r.voucher_id = v.id) v"
        f" LEFT JOIN ({_LEDGER}) l ON l.voucher_ref = v.id"
        " WHERE want <> COALESCE(l.earned, 0)",
    ),
    Invariant(
        "pending_credit",
        _("What is pending is the value of the redemptions whose undo window is open."),
        "SELECT 'voucher ' || v.id, COALESCE(d.value, 0), COALESCE(l.pending, 0)"
        " FROM vouchers_voucher v LEFT JOIN (SELECT voucher_id, SUM(value_fen) AS value"
        " FROM vouchers_redemption WHERE undone_at IS NULL AND released_at IS NULL"
        " GROUP BY voucher_id) d ON d.voucher_id = v.id"
        " LEFT JOIN (SELECT voucher_ref, -SUM(amount_fen) AS pending FROM payments_ledgerentry"
        " WHERE account = 'pending' GROUP BY voucher_ref) l ON l.voucher_ref = v.id"
        " WHERE COALESCE(d.value, 0) <> COALESCE(l.pending, 0)",
    ),
    Invariant(
        "redeemed_value",
        _("The value of a voucher's live redemptions is its price × used ÷ total."),
        "SELECT 'voucher ' || v.id, "  # noqa: S608
        f"{_USED_VALUE}, COALESCE(d.value, 0) FROM vouchers_voucher v"
        f" LEFT JOIN ({_LIVE}) d ON d.voucher_id = v.id"
        f" WHERE {_USED_VALUE} <> COALESCE(d.value, 0)",
    ),
    Invariant(
        "uses_counted",
        _("A voucher's used count is the sum of its live redemptions, without gap or overlap."),
        "SELECT 'voucher ' || v.id, v.uses_used, COALESCE(d.uses, 0) FROM vouchers_voucher v"  # noqa: S608
        f" LEFT JOIN ({_LIVE}) d ON d.voucher_id = v.id"
        " WHERE v.uses_used <> COALESCE(d.uses, 0)"
        " OR (d.uses IS NOT NULL AND (d.first <> 0 OR d.last <> v.uses_used))",
    ),
    Invariant(
        "order_paid_exactly",
        _("A paid order, its payment and its vouchers have the same amount."),
        "SELECT 'order ' || o.number, o.total_fen, COALESCE(s.total, 0) FROM orders_order o"
        " LEFT JOIN payments_payment p ON p.id = o.payment_id"
        " LEFT JOIN (SELECT payment_id, SUM(paid_fen) AS total FROM vouchers_voucher"
        " GROUP BY payment_id) s ON s.payment_id = o.payment_id"
        " WHERE o.state = 'paid' AND (p.state <> 'succeeded' OR p.amount_fen <> o.total_fen"
        " OR COALESCE(s.total, 0) <> o.total_fen)",
    ),
    Invariant(
        "order_paid_once",
        _("Money that could not pay its order is refunded in full."),
        "SELECT 'payment ' || p.number, p.amount_fen, p.refunded_fen FROM payments_payment p"
        " JOIN orders_order o ON o.number = p.reference WHERE p.state = 'succeeded'"
        " AND o.payment_id IS DISTINCT FROM p.id AND p.refunded_fen <> p.amount_fen",
    ),
    Invariant(
        "order_lines_total",
        _("An order's total is the sum of its lines."),
        "SELECT 'order ' || o.number, o.total_fen, COALESCE(SUM(l.payable_fen), 0)"
        " FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id"
        " GROUP BY o.id, o.number, o.total_fen HAVING o.total_fen <> COALESCE(SUM(l.payable_fen), 0)",
    ),
    Invariant(
        "order_discounts_add_up",
        _("The discounts of an order line add up to what was taken off its price."),
        "SELECT 'order line ' || l.id, l.discount_fen, COALESCE(d.amount_fen, 0)"
        " FROM orders_orderline l LEFT JOIN (SELECT line_id, SUM(amount_fen) AS amount_fen"
        " FROM orders_orderdiscount GROUP BY line_id) d ON d.line_id = l.id"
        " WHERE l.discount_fen <> COALESCE(d.amount_fen, 0)",
    ),
    Invariant(
        "unpaid_order_has_no_voucher",
        _("Only paid orders have vouchers."),
        "SELECT 'order ' || o.number, 0, COUNT(*) FROM orders_order o"
        " JOIN vouchers_voucher v ON v.order_number = o.number"
        " WHERE o.state <> 'paid' GROUP BY o.number",
    ),
    Invariant(
        "payment_booked",
        _("Every successful payment is in the ledger once, with its amount."),
        "SELECT 'payment ' || p.number, p.amount_fen, COALESCE(e.amount_fen, 0)"
        " FROM payments_payment p LEFT JOIN payments_ledgertransaction t"
        " ON t.key = 'pay:' || p.number LEFT JOIN payments_ledgerentry e"
        " ON e.transaction_id = t.id AND e.account = 'gateway'"
        " WHERE p.state = 'succeeded' AND p.amount_fen <> COALESCE(e.amount_fen, 0)",
    ),
    Invariant(
        "refunded_counted",
        _("A payment's refunded amount is the sum of its refunds and never above it."),
        "SELECT 'payment ' || p.number, p.refunded_fen, COALESCE(SUM(r.amount_fen), 0)"
        " FROM payments_payment p LEFT JOIN payments_refund r ON r.payment_id = p.id"
        " GROUP BY p.id, p.number, p.refunded_fen, p.amount_fen"
        " HAVING p.refunded_fen <> COALESCE(SUM(r.amount_fen), 0)"
        " OR p.refunded_fen > p.amount_fen",
    ),
    Invariant(
        "refund_due",
        _("What is owed back to customers is the sum of the refunds not confirmed yet."),
        "SELECT 'account refund_due', want, have FROM"
        " (SELECT COALESCE(SUM(amount_fen), 0) AS want FROM payments_refund"
        " WHERE state <> 'succeeded') w, (SELECT COALESCE(-SUM(amount_fen), 0) AS have"
        " FROM payments_ledgerentry WHERE account = 'refund_due') h WHERE want <> have",
    ),
    Invariant(
        "unclaimed",
        _("No late payment waits without its automatic refund."),
        "SELECT 'account unclaimed', 0, SUM(amount_fen) FROM payments_ledgerentry"
        " WHERE account = 'unclaimed' HAVING SUM(amount_fen) <> 0",
    ),
    Invariant(
        "statement_net",
        _("A statement's amount is the sum of its lines."),
        "SELECT 'statement ' || s.number, s.net_fen, COALESCE(-SUM(e.amount_fen), 0)"
        " FROM payments_statement s LEFT JOIN payments_settlementline l ON l.statement_id = s.id"
        " LEFT JOIN payments_ledgerentry e ON e.id = l.entry_id"
        " GROUP BY s.id, s.number, s.net_fen HAVING s.net_fen <> COALESCE(-SUM(e.amount_fen), 0)"
        " OR s.net_fen <> s.gross_fen - s.commission_fen - s.returns_fen",
    ),
    Invariant(
        "settled_once",
        _("Each payable entry is on at most one statement."),
        "SELECT 'ledger entry ' || entry_id, 1, COUNT(*) FROM payments_settlementline"
        " GROUP BY entry_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "settled",
        _("What is settled and not paid out is the sum of the statements without a payout."),
        "SELECT 'merchant ' || m.id, COALESCE(w.want, 0), COALESCE(h.have, 0)"
        " FROM stores_merchant m LEFT JOIN (SELECT merchant_id, SUM(net_fen) AS want"
        " FROM payments_statement WHERE state = 'issued' GROUP BY merchant_id) w"
        " ON w.merchant_id = m.id LEFT JOIN (SELECT merchant_id, -SUM(amount_fen) AS have"
        " FROM payments_ledgerentry WHERE account = 'settled' GROUP BY merchant_id) h"
        " ON h.merchant_id = m.id WHERE COALESCE(w.want, 0) <> COALESCE(h.have, 0)",
    ),
    Invariant(
        "own_merchant",
        _("A redemption, its voucher and its store belong to one merchant."),
        "SELECT 'redemption ' || r.id, v.merchant_id, s.merchant_id FROM vouchers_redemption r"
        " JOIN vouchers_voucher v ON v.id = r.voucher_id JOIN stores_store s ON s.id = r.store_id"
        " WHERE r.merchant_id <> v.merchant_id OR r.merchant_id <> s.merchant_id",
    ),
    Invariant(
        "stock_not_negative",
        _("Stock is never negative."),
        "SELECT 'variant ' || variant_id, 0, available FROM catalog_stock WHERE available < 0",
    ),
    Invariant(
        "quota_kept",
        _("Never more is sold at a price than its quota."),
        "SELECT 'offer ' || id, quota, quota_sold FROM catalog_offer WHERE quota_sold > quota",
    ),
    Invariant(
        "sold_counted",
        _("A product's count of sold pieces is what was bought and not given back."),
        "SELECT 'product ' || p.id, COALESCE(s.sold, 0), p.sales_count"  # noqa: S608
        " FROM catalog_product p"
        f" LEFT JOIN ({SOLD} JOIN payments_payment y ON y.id = v.payment_id AND y.sales_counted"
        " GROUP BY v.product_id) s ON s.product_id = p.id"
        " WHERE p.sales_count <> COALESCE(s.sold, 0)",
    ),
    Invariant(
        "outbox_moves",
        _("No outbox event has been due for a day without being handed out, tried or given up."),
        "SELECT 'outbox event ' || id || ' ' || topic, 0, attempts FROM outbox_outboxevent"
        " WHERE done_at IS NULL AND (due_at < now() - interval '1 day'"
        " OR (attempts > 0 AND created_at < now() - interval '1 day'))"
        " UNION ALL"
        " SELECT 'outbox event ' || e.id || ' ' || e.topic || ' ' || d.consumer, 0, d.attempts"
        " FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id"
        " WHERE d.done_at IS NULL AND d.parked_at IS NULL"
        " AND d.due_at < now() - interval '1 day'",
    ),
    Invariant(
        "orders_time_out",
        _("No unpaid order is an hour past its deadline."),
        "SELECT 'order ' || number, 0, 1 FROM orders_order"
        " WHERE state = 'pending' AND expires_at < now() - interval '1 hour'",
    ),
)
