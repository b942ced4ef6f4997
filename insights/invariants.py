"""The published invariants of docs/money.md, each as one query that finds the rows that break it.

A query returns ``(subject, expected, actual)`` rows; a healthy database returns none. All of
them run in one REPEATABLE READ snapshot, so a shop that is open while it is audited does not
look broken.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant
from insights.invariants_campaigns import CAMPAIGNS
from insights.invariants_facts import FACTS
from insights.invariants_ledger import ENTRIES
from insights.invariants_listing import LISTING
from insights.invariants_money import MONEY
from insights.invariants_results import RESULTS
from insights.invariants_stock import STOCK
from payments.models import EARLIER

_LIVE = (
    "SELECT voucher_id, SUM(uses) AS uses, MIN(first_use) AS first,"
    " MAX(first_use + uses) AS last FROM vouchers_redemption WHERE undone_at IS NULL"
    " GROUP BY voucher_id"
)

# Pieces bought and not given back, by product; a caller adds its joins and GROUP BY v.product_id.
SOLD = (
    "SELECT v.product_id, SUM(v.units - v.units::bigint * (COALESCE(t.uses, 0) + CASE"
    " WHEN v.state IN ('refunding', 'refunded') THEN v.uses_total - v.uses_used ELSE 0 END)"
    " / v.uses_total) AS sold FROM vouchers_voucher v"
    " LEFT JOIN (SELECT voucher_id, SUM(returned_uses) AS uses FROM vouchers_redemption"
    " WHERE returned_uses > 0 AND undone_at IS NULL GROUP BY voucher_id) t ON t.voucher_id = v.id"
)

INVARIANTS: tuple[Invariant, ...] = (
    *MONEY,
    *ENTRIES,
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
        "ledger_entries",
        _("Every ledger transaction has at least two entries."),
        "SELECT t.key, 2, COUNT(e.id) FROM payments_ledgertransaction t"
        " LEFT JOIN payments_ledgerentry e ON e.transaction_id = t.id"
        " GROUP BY t.id, t.key HAVING COUNT(e.id) < 2",
    ),
    Invariant(
        "ledger_months",
        _("A ledger entry is in the month of its transaction; those from before months share one."),
        # The release before leaves the month to the database's clock, which is not its own.
        "SELECT 'ledger entry ' || e.id, (t.occurred_at AT TIME ZONE 'UTC')::date, e.month"  # noqa: S608
        " FROM payments_ledgerentry e JOIN payments_ledgertransaction t ON t.id = e.transaction_id"
        # Entries share the month of all before months only where none has one before them.
        f" WHERE (e.month <> '{EARLIER}' OR e.transaction_id >= (SELECT min(transaction_id)"
        f" FROM payments_ledgerentry WHERE month <> '{EARLIER}'))"
        " AND e.month <> ALL (ARRAY[date_trunc('month',"
        " (t.occurred_at - interval '1 minute') AT TIME ZONE 'UTC')::date, date_trunc('month',"
        " (t.occurred_at + interval '1 minute') AT TIME ZONE 'UTC')::date])",
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
        "own_merchant",
        _("A redemption, its voucher and its store belong to one merchant."),
        "SELECT 'redemption ' || r.id, v.merchant_id, s.merchant_id FROM vouchers_redemption r"
        " JOIN vouchers_voucher v ON v.id = r.voucher_id JOIN stores_store s ON s.id = r.store_id"
        " WHERE r.merchant_id <> v.merchant_id OR r.merchant_id <> s.merchant_id",
    ),
    *STOCK,
    *FACTS,
    *LISTING,
    *CAMPAIGNS,
    *RESULTS,
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
        f" LEFT JOIN ({SOLD} WHERE EXISTS (SELECT FROM vouchers_vouchercomponent c"
        " JOIN payments_payment y ON y.id = c.payment_id AND y.sales_counted"
        " WHERE c.voucher_id = v.id) GROUP BY v.product_id) s ON s.product_id = p.id"
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
