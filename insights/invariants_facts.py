"""Invariants of what is counted: facts against the books, touches against their counts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

# From the first paid fact that is kept: what was paid before anything was recorded has none.
_SINCE = "(SELECT min(at) FROM facts_fact WHERE kind = 'paid')"

FACTS = (
    Invariant(
        "paid_facts",
        _("Every item of an order that was paid since facts are kept is a fact, and no other."),
        "SELECT 'order line ' || l.id, 1, 0 FROM orders_orderline l"  # noqa: S608 - texts of ours
        " JOIN orders_order o ON o.id = l.order_id"
        f" WHERE l.kind = 'item' AND o.state = 'paid' AND o.paid_at >= {_SINCE}"
        " AND NOT EXISTS (SELECT FROM facts_fact f WHERE f.key = 'paid:' || l.id)"
        " UNION ALL"
        " SELECT 'fact ' || f.key, 1, 0 FROM facts_fact f WHERE f.kind = 'paid'"
        " AND NOT EXISTS (SELECT FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
        " WHERE o.state = 'paid' AND l.id::text = split_part(f.key, ':', 2))",
    ),
    Invariant(
        "touches_counted",
        _("A day's count of a code is its touches of that day, for every month that is kept."),
        "SELECT 'code ' || d.code_id || ' ' || d.day, d.scans, COALESCE(t.scans, 0)"
        " FROM codes_codeday d LEFT JOIN (SELECT code_id, day, count(*) AS scans"
        " FROM codes_touch GROUP BY code_id, day) t ON t.code_id = d.code_id AND t.day = d.day"
        " WHERE d.scans <> COALESCE(t.scans, 0) AND d.day >"
        " (SELECT COALESCE(min(month), 'infinity'::date) FROM codes_touch)"
        " UNION ALL"
        " SELECT 'code ' || t.code_id || ' ' || t.day, 0, count(*) FROM codes_touch t"
        " WHERE NOT EXISTS (SELECT FROM codes_codeday d WHERE d.code_id = t.code_id"
        " AND d.day = t.day) GROUP BY t.code_id, t.day",
    ),
    Invariant(
        "source_of_its_merchant",
        _("A code counts for orders of its own business alone; one of the platform for all."),
        "SELECT 'order source ' || s.id, s.merchant_id, c.merchant_id FROM orders_ordersource s"
        " JOIN codes_code c ON c.id IN (s.first_id, s.last_id)"
        " WHERE c.merchant_id <> s.merchant_id",
    ),
    Invariant(
        "source_before_order",
        _("No order comes from a code that was touched after it."),
        "SELECT 'order ' || o.number, 0, 1 FROM orders_ordersource s"
        " JOIN orders_order o ON o.id = s.order_id WHERE s.last_at > o.created_at",
    ),
)
