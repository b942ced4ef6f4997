"""Invariants of what campaigns and channels brought: every order once, every sum that of its rows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant
from insights.models.sums import OF_PARTS

# What the worker has surely read; what is newer is read within a minute.
_READ = "(SELECT COALESCE(max(done), 0) FROM insights_mark WHERE \"table\" = '{table}')"
_ORDERS = _READ.format(table="orders_order")
_LEDGER = _READ.format(table="payments_ledgertransaction")
_COUPONS = _READ.format(table="campaigns_coupon")
_FIGURES = {
    "orders": "1",
    "paid": "(p.state = 'paid')::int",
    "came": "(p.came_at IS NOT NULL)::int",
    "sent_back": "(p.refunded_fen > 0)::int",
    "new": "p.is_new::int",
    "new_came": "(p.is_new AND p.came_at IS NOT NULL)::int",
    "again": "p.came_again::int",
}


def _sums(given: str) -> str:
    """Each column of a day as its parts have it."""
    columns = [
        f"SUM({given if name == 'given_fen' else _FIGURES.get(name, f'p.{name}')}) AS {name}"
        for name in OF_PARTS
    ]
    return ", ".join(columns)


_DAYS = (
    "SELECT p.merchant_id, NULL::bigint AS campaign_id, p.day, p.code_id,"  # noqa: S608 - of ours
    f" {_sums('p.given_fen')} FROM insights_orderpart p GROUP BY 1, 2, 3, 4"
    " UNION ALL"
    f" SELECT p.merchant_id, c.campaign_id, p.day, p.code_id, {_sums('c.given_fen')}"
    " FROM insights_orderpart p JOIN insights_partcampaign c ON c.part_id = p.id GROUP BY 1, 2, 3, 4"
)
_EACH = "ROW(" + ", ".join(f"COALESCE({{table}}.{name}, 0)" for name in OF_PARTS) + ")"
_KEPT, _TRUE = _EACH.format(table="d"), _EACH.format(table="s")

RESULTS: tuple[Invariant, ...] = (
    Invariant(
        "attributed_and_none",
        _("Orders that came by a code and those that came by none are all orders."),
        "SELECT 'order ' || o.number, 1, 0 FROM orders_order o"  # noqa: S608 - texts of ours
        " JOIN orders_orderline l ON l.order_id = o.id AND l.kind = 'item'"
        " LEFT JOIN orders_ordersource s ON s.order_id = o.id AND s.merchant_id = l.merchant_id"
        f" WHERE o.id <= {_ORDERS} AND NOT EXISTS (SELECT FROM insights_orderpart p"
        " WHERE p.order_id = o.id AND p.merchant_id = l.merchant_id"
        " AND p.code_id IS NOT DISTINCT FROM s.last_id)",
    ),
    Invariant(
        "results_of_days",
        _("What a day brought is the sum of its orders, with and without a campaign."),
        "SELECT 'merchant ' || COALESCE(d.merchant_id, s.merchant_id) || ' '"  # noqa: S608
        " || COALESCE(d.day, s.day), s.orders, d.orders FROM insights_resultday d"
        f" FULL JOIN ({_DAYS}) s ON s.merchant_id = d.merchant_id AND s.day = d.day"
        " AND COALESCE(s.campaign_id, 0) = COALESCE(d.campaign_id, 0)"
        " AND COALESCE(s.code_id, 0) = COALESCE(d.code_id, 0)"
        f" WHERE {_KEPT} IS DISTINCT FROM {_TRUE}",
    ),
    Invariant(
        "results_of_ledger",
        _("What an order earned, and what was taken of it, is what the ledger says."),
        "SELECT 'order ' || o.number, e.fen, p.earned_fen - p.commission_fen - p.reward_fen"  # noqa: S608
        " FROM insights_orderpart p JOIN orders_order o ON o.id = p.order_id"
        " JOIN (SELECT v.order_number, v.merchant_id, -SUM(e.amount_fen) AS fen,"
        " MAX(e.transaction_id) AS last FROM vouchers_voucher v"
        " JOIN payments_ledgerentry e ON e.voucher_ref = v.id AND e.account = 'payable'"
        " AND e.merchant_id = v.merchant_id AND e.purpose IN ('value', 'commission', 'referral')"
        " GROUP BY 1, 2) e ON e.order_number = o.number AND e.merchant_id = p.merchant_id"
        f" WHERE e.last <= {_LEDGER}"
        " AND e.fen <> p.earned_fen - p.commission_fen - p.reward_fen",
    ),
    Invariant(
        "claims_of_days",
        _("The claims of a campaign's days are its claimed coupons."),
        "SELECT 'campaign ' || c.id, k.claims, COALESCE(d.claims, 0) FROM campaigns_campaign c"  # noqa: S608
        " JOIN (SELECT campaign_id, COUNT(*) AS claims, MAX(id) AS last FROM campaigns_coupon"
        " WHERE owner_id IS NOT NULL GROUP BY campaign_id) k ON k.campaign_id = c.id"
        " LEFT JOIN (SELECT campaign_id, SUM(claims) AS claims FROM insights_resultday"
        " WHERE campaign_id IS NOT NULL GROUP BY campaign_id) d ON d.campaign_id = c.id"
        f" WHERE k.last <= {_COUPONS} AND k.claims <> COALESCE(d.claims, 0)",
    ),
)
