"""The published invariants of money (docs/money.md): components, parties, custodians, statements.

Each is one query over whole tables that yields (subject, expected, actual) for what breaks the
rule. Accounts are debit-positive, so what is owed stands with a minus sign in the ledger.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant
from payments.parties import MERCHANT, MERCHANT_PATTERN, PERSON, PERSON_PATTERN

# One row per component: what it is worth, what of it is used, still pending, returned.
_PENDING = (
    "SELECT c.id, SUM(c.amount_fen * (d.first_use + d.uses) / v.uses_total"
    " - c.amount_fen * d.first_use / v.uses_total) AS fen FROM vouchers_redemption d"
    " JOIN vouchers_voucher v ON v.id = d.voucher_id"
    " JOIN vouchers_vouchercomponent c ON c.voucher_id = v.id"
    " WHERE d.undone_at IS NULL AND d.released_at IS NULL GROUP BY c.id"
)
_PARTS = (
    "SELECT v.id AS voucher_id, v.state, v.merchant_id, c.kind, c.payment_id, c.custodian,"  # noqa: S608
    " c.party, c.in_base, c.amount_fen AS amount,"
    " c.amount_fen * v.uses_used / v.uses_total AS used,"
    " COALESCE(p.fen, 0) AS pending, COALESCE(r.fen, 0) AS returned"
    " FROM vouchers_vouchercomponent c JOIN vouchers_voucher v ON v.id = c.voucher_id"
    f" LEFT JOIN ({_PENDING}) p ON p.id = c.id"
    " LEFT JOIN (SELECT component_id, SUM(amount_fen) AS fen FROM vouchers_returnpart"
    " GROUP BY component_id) r ON r.component_id = c.id"
)
_BASE = (
    "SELECT d.id, SUM(c.amount_fen * (d.first_use + d.uses) / v.uses_total"
    " - c.amount_fen * d.first_use / v.uses_total) AS value,"
    " COALESCE(SUM(c.amount_fen * (d.first_use + d.uses) / v.uses_total"
    " - c.amount_fen * d.first_use / v.uses_total) FILTER (WHERE c.in_base), 0) AS base"
    " FROM vouchers_redemption d JOIN vouchers_voucher v ON v.id = d.voucher_id"
    " LEFT JOIN vouchers_vouchercomponent c ON c.voucher_id = v.id"
    " WHERE d.undone_at IS NULL GROUP BY d.id"
)


def _compared(subject: str, on: str, want: str, have: str) -> str:
    """What two sides of a rule say: ``want`` and ``have`` yield the columns ``on`` and ``fen``."""
    return (
        f"SELECT {subject}, COALESCE(w.fen, 0), COALESCE(h.fen, 0) FROM ({want}) w"  # noqa: S608
        f" FULL JOIN ({have}) h USING ({on}) WHERE COALESCE(w.fen, 0) <> COALESCE(h.fen, 0)"
    )


def _of_vouchers(sign: str, where: str, by: str = "custodian") -> str:
    """What the ledger holds for each voucher, by another column."""
    return (
        f"SELECT voucher_ref AS voucher_id, {by}, {sign}SUM(amount_fen) AS fen"  # noqa: S608
        f" FROM payments_ledgerentry WHERE voucher_ref IS NOT NULL AND {where}"
        f" GROUP BY voucher_ref, {by}"
    )


_AT = "'voucher ' || voucher_id || ' at ' || custodian"
_BY_CUSTODIAN = "voucher_id, custodian"
_BY_PARTY = "voucher_id, party"
_OF_PARTY = "'voucher ' || voucher_id || ', ' || party"

# Who an entry must name; a person only where no merchant is named.
_A_PERSON = (
    f"CASE WHEN party ~ '{PERSON_PATTERN}' THEN EXISTS (SELECT FROM members_user u"
    f" WHERE u.id = substr(party, {len(PERSON) + 2})::bigint) ELSE false END"
)
_A_MERCHANT = (
    f"CASE WHEN party ~ '{MERCHANT_PATTERN}' THEN EXISTS (SELECT FROM stores_merchant m"
    f" WHERE m.id = substr(party, {len(MERCHANT) + 2})::bigint) ELSE false END"
)

PARTIES: tuple[Invariant, ...] = (
    Invariant(
        "entry_parties",
        _("An entry names its party as it is called: its merchant, a person, or the platform."),
        "SELECT 'ledger entry ' || id, COALESCE('merchant:' || merchant_id, 'platform'), party"  # noqa: S608
        " FROM payments_ledgerentry WHERE party <> COALESCE('merchant:' || merchant_id, 'platform')"
        f" AND NOT (merchant_id IS NULL AND {_A_PERSON})",
    ),
    Invariant(
        "payers_parties",
        _("Who funds a discount or is paid a fee is a party that there is."),
        "SELECT subject, 'a party', party FROM ("  # noqa: S608
        "SELECT 'component ' || id AS subject, party, false AS person"
        " FROM vouchers_vouchercomponent WHERE kind = 'funder'"
        " UNION ALL SELECT 'discount ' || id, funder, true FROM orders_orderdiscount"
        " UNION ALL SELECT 'order line ' || id, payee, true FROM orders_orderline"
        " WHERE payee <> '') named WHERE party NOT IN ('platform', 'points')"
        f" AND NOT {_A_MERCHANT} AND NOT (person AND {_A_PERSON})",
    ),
)

COMPONENTS: tuple[Invariant, ...] = (
    Invariant(
        "voucher_sums",
        _("What a voucher cost, is worth and has received are the sums of its components."),
        "SELECT 'voucher ' || v.id, v.paid_fen + v.value_fen + v.received_fen,"
        " COALESCE(c.paid + c.value + c.received, 0) FROM vouchers_voucher v LEFT JOIN"
        " (SELECT voucher_id, SUM(amount_fen) AS value,"
        " COALESCE(SUM(amount_fen) FILTER (WHERE kind = 'tender'), 0) AS paid,"
        " COALESCE(SUM(amount_fen) FILTER (WHERE payment_id IS NOT NULL), 0) AS received"
        " FROM vouchers_vouchercomponent GROUP BY voucher_id) c ON c.voucher_id = v.id"
        " WHERE (v.paid_fen, v.value_fen, v.received_fen) IS DISTINCT FROM"
        " (COALESCE(c.paid, 0), COALESCE(c.value, 0), COALESCE(c.received, 0))",
    ),
    Invariant(
        "voucher_held",
        _("A voucher whose money has not all arrived can't be used."),
        "SELECT 'voucher ' || id, paid_fen, received_fen FROM vouchers_voucher"
        " WHERE received_fen < paid_fen AND (state IN ('active', 'used') OR uses_used > 0)",
    ),
    Invariant(
        "voucher_escrow",
        _(
            "Escrow holds exactly the unused value of each voucher that is neither refunded nor forfeited."
        ),
        _compared(
            _AT,
            _BY_CUSTODIAN,
            "SELECT voucher_id, custodian, SUM(amount - used) AS fen"  # noqa: S608
            f" FROM ({_PARTS}) c WHERE payment_id IS NOT NULL"
            " AND state IN ('held', 'active', 'used') GROUP BY voucher_id, custodian",
            _of_vouchers("-", "account = 'escrow'"),
        ),
    ),
    Invariant(
        "merchant_credit",
        _(
            "The merchant's credit is the value of the uses redeemed and not returned, component by component."
        ),
        _compared(
            _AT,
            _BY_CUSTODIAN,
            "SELECT voucher_id, custodian, SUM(used - returned + CASE WHEN state = 'expired'"  # noqa: S608
            " AND payment_id IS NOT NULL THEN amount - used ELSE 0 END) AS fen"
            f" FROM ({_PARTS}) c GROUP BY voucher_id, custodian",
            _of_vouchers("-", "account IN ('pending', 'payable') AND purpose = 'value'"),
        ),
    ),
    Invariant(
        "pending_credit",
        _("What is pending is the value of the redemptions whose undo window is open."),
        _compared(
            _AT,
            _BY_CUSTODIAN,
            "SELECT voucher_id, custodian, SUM(pending) AS fen"  # noqa: S608
            f" FROM ({_PARTS}) c GROUP BY voucher_id, custodian",
            _of_vouchers("-", "account = 'pending'"),
        ),
    ),
    Invariant(
        "own_accounts",
        _("A voucher's money is in its own merchant's accounts."),
        "SELECT 'ledger entry ' || e.id, v.merchant_id, e.merchant_id FROM payments_ledgerentry e"
        " JOIN vouchers_voucher v ON v.id = e.voucher_ref WHERE e.merchant_id <> v.merchant_id"
        " AND (e.account IN ('escrow', 'pending')"
        " OR e.account = 'payable' AND e.purpose IN ('value', 'commission'))",
    ),
    Invariant(
        "funders",
        _("What the platform and its points pay is their part of the uses redeemed."),
        _compared(
            "'voucher ' || voucher_id || ', ' || account",
            "voucher_id, account",
            "SELECT voucher_id, CASE party WHEN 'points' THEN 'points_liability'"  # noqa: S608
            " ELSE 'promotions' END AS account, SUM(used - returned) AS fen"
            f" FROM ({_PARTS}) c WHERE kind = 'funder' AND party NOT LIKE 'merchant:%'"
            " GROUP BY 1, 2",
            _of_vouchers("", "account IN ('promotions', 'points_liability')", "account"),
        ),
    ),
    Invariant(
        "partners_dues",
        _("What a partner owes is its part of the uses redeemed."),
        _compared(
            _OF_PARTY,
            _BY_PARTY,
            "SELECT voucher_id, party, SUM(used - returned) AS fen"  # noqa: S608
            f" FROM ({_PARTS}) c WHERE party LIKE 'merchant:%' GROUP BY voucher_id, party",
            _of_vouchers(
                "", "(account = 'receivable' OR account = 'payable' AND purpose = 'dues')", "party"
            ),
        ),
    ),
    Invariant(
        "partners_receivable",
        _("A partner's part is on its account once the undo window is over."),
        _compared(
            _OF_PARTY,
            _BY_PARTY,
            "SELECT voucher_id, party, SUM(pending) AS fen"  # noqa: S608
            f" FROM ({_PARTS}) c WHERE party LIKE 'merchant:%' GROUP BY voucher_id, party",
            _of_vouchers("", "account = 'receivable'", "party"),
        ),
    ),
    Invariant(
        "redeemed_value",
        _("A redemption is worth the sum of its shares of each component."),
        "SELECT 'redemption ' || d.id, COALESCE(b.value, 0), d.value_fen FROM vouchers_redemption d"  # noqa: S608
        f" JOIN ({_BASE}) b ON b.id = d.id WHERE COALESCE(b.value, 0) <> d.value_fen",
    ),
    Invariant(
        "commission_rate",
        _("Commission is the rate on its base and the fixed part per use."),
        "SELECT 'redemption ' || d.id,"  # noqa: S608
        " round(b.base * v.commission_rate) + v.commission_fixed_fen * d.uses, d.commission_fen"
        " FROM vouchers_redemption d JOIN vouchers_voucher v ON v.id = d.voucher_id"
        f" JOIN ({_BASE}) b ON b.id = d.id WHERE d.released_at IS NOT NULL AND d.commission_fen"
        " <> round(b.base * v.commission_rate) + v.commission_fixed_fen * d.uses",
    ),
    Invariant(
        "commission_booked",
        _("The commission of each voucher is in the ledger, less what was given back."),
        _compared(
            "'voucher ' || voucher_id",
            "voucher_id",
            "SELECT voucher_id, SUM(fen) AS fen FROM (SELECT voucher_id, commission_fen AS fen"  # noqa: S608
            " FROM vouchers_redemption WHERE released_at IS NOT NULL"
            " UNION ALL SELECT d.voucher_id, -r.commission_fen FROM vouchers_voucherreturn r"
            " JOIN vouchers_redemption d ON d.id = r.redemption_id"
            " UNION ALL SELECT c.voucher_id, round(SUM(c.amount - c.used) * v.commission_rate)"
            f" FROM ({_PARTS}) c JOIN vouchers_voucher v ON v.id = c.voucher_id"
            " WHERE c.state = 'expired' AND c.in_base AND c.payment_id IS NOT NULL"
            " GROUP BY c.voucher_id, v.commission_rate) all_of_it GROUP BY voucher_id",
            "SELECT voucher_ref AS voucher_id, -SUM(amount_fen) AS fen FROM payments_ledgerentry"
            " WHERE account = 'commission' AND voucher_ref IS NOT NULL GROUP BY voucher_ref",
        ),
    ),
    Invariant(
        "referral_fees",
        _("A referral fee follows the uses redeemed and not returned."),
        _compared(
            "'voucher ' || voucher_id || ', merchant ' || merchant_id",
            "voucher_id, merchant_id",
            "SELECT voucher_id, merchant_id, SUM(fen) AS fen FROM (SELECT v.id AS voucher_id,"
            " side.merchant_id, side.sign * (whole - whole * d.returned_uses / d.uses) AS fen"
            " FROM vouchers_redemption d JOIN vouchers_voucher v ON v.id = d.voucher_id"
            " CROSS JOIN LATERAL (SELECT v.referral_fen * (d.first_use + d.uses) / v.uses_total"
            " - v.referral_fen * d.first_use / v.uses_total AS whole) s"
            " CROSS JOIN LATERAL (VALUES (v.merchant_id, 1), (v.referrer_id, -1))"
            " AS side (merchant_id, sign) WHERE d.released_at IS NOT NULL AND v.referral_fen > 0"
            ") fees GROUP BY voucher_id, merchant_id",
            _of_vouchers("", "account = 'payable' AND purpose = 'referral'", "merchant_id"),
        ),
    ),
)

BACK: tuple[Invariant, ...] = (
    Invariant(
        "returns_add_up",
        _("A return is the sum of what it takes from each component."),
        "SELECT 'return ' || r.id, r.value_fen, COALESCE(SUM(p.amount_fen), 0)"
        " FROM vouchers_voucherreturn r LEFT JOIN vouchers_returnpart p ON p.taken_back_id = r.id"
        " GROUP BY r.id, r.value_fen HAVING r.value_fen <> COALESCE(SUM(p.amount_fen), 0)",
    ),
    Invariant(
        "refunds_add_up",
        _("A refund is the sum of what it gives back for each voucher."),
        "SELECT 'refund ' || r.number, r.amount_fen, COALESCE(SUM(p.amount_fen), 0)"
        " FROM payments_refund r LEFT JOIN vouchers_refundpart p ON p.refund_id = r.id"
        " WHERE r.reason <> 'late_payment' GROUP BY r.id, r.number, r.amount_fen"
        " HAVING r.amount_fen <> COALESCE(SUM(p.amount_fen), 0)",
    ),
    Invariant(
        "refunded_received",
        _("Never more goes back of a tender than has arrived, and to where it came from."),
        "SELECT 'component ' || c.id, c.amount_fen + COALESCE(b.fen, 0), SUM(p.amount_fen)"
        " FROM vouchers_refundpart p JOIN vouchers_vouchercomponent c ON c.id = p.component_id"
        " JOIN payments_refund r ON r.id = p.refund_id LEFT JOIN (SELECT component_id,"
        " SUM(amount_fen) AS fen FROM vouchers_rebate WHERE refund_id IS NOT NULL"
        " GROUP BY component_id) b ON b.component_id = c.id"
        " GROUP BY c.id, c.amount_fen, b.fen HAVING bool_or(r.payment_id <> c.payment_id)"
        " OR SUM(p.amount_fen) > c.amount_fen + COALESCE(b.fen, 0)",
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
        _compared(
            "subject || ' at ' || custodian",
            "subject, custodian",
            "SELECT 'refund:' || r.number AS subject, p.gateway AS custodian, r.amount_fen AS fen"
            " FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id"
            " WHERE r.state <> 'succeeded'",
            "SELECT subject, custodian, -SUM(amount_fen) AS fen FROM payments_ledgerentry"
            " WHERE account = 'refund_due' GROUP BY subject, custodian",
        ),
    ),
    Invariant(
        "unclaimed",
        _("No late payment waits without its automatic refund."),
        "SELECT 'account unclaimed', 0, SUM(amount_fen) FROM payments_ledgerentry"
        " WHERE account = 'unclaimed' HAVING SUM(amount_fen) <> 0",
    ),
)

# What a payment of a paid order brings in for its fees.
_FEES = (
    "SELECT o.number, o.payment_id, SUM(l.payable_fen) AS fen FROM orders_orderline l"
    " JOIN orders_order o ON o.id = l.order_id JOIN payments_payment p ON p.id = o.payment_id"
    " WHERE l.kind = 'fee' AND o.state = 'paid' AND p.purpose <> 'deposit'"
    " GROUP BY o.number, o.payment_id"
)

PAID: tuple[Invariant, ...] = (
    Invariant(
        "order_paid_exactly",
        _(
            "A paid order, its vouchers and fees come to the same amount, and all of it has arrived."
        ),
        "SELECT 'order ' || o.number, o.total_fen, COALESCE(s.total, 0) + COALESCE(f.fen, 0)"
        " FROM orders_order o LEFT JOIN (SELECT order_id, SUM(payable_fen) AS fen"
        " FROM orders_orderline WHERE kind = 'fee' GROUP BY order_id) f ON f.order_id = o.id"
        " LEFT JOIN (SELECT v.order_number, SUM(v.paid_fen + COALESCE(b.fen, 0)) AS total,"
        " SUM(v.paid_fen - v.received_fen) FILTER (WHERE v.state IN ('active', 'used'))"
        " AS missing, MAX(v.valid_until) FILTER (WHERE v.state = 'held'"
        " AND v.received_fen < v.paid_fen) AS waits FROM vouchers_voucher v LEFT JOIN"
        " (SELECT c.voucher_id, SUM(r.amount_fen) AS fen FROM vouchers_rebate r"
        " JOIN vouchers_vouchercomponent c ON c.id = r.component_id GROUP BY c.voucher_id) b"
        " ON b.voucher_id = v.id WHERE v.order_number <> '' GROUP BY v.order_number) s"
        " ON s.order_number = o.number WHERE o.state IN ('paid', 'deposit')"
        " AND (COALESCE(s.total, 0) + COALESCE(f.fen, 0) <> o.total_fen"
        # One whose time to be paid was over by then only waits for the sweep that ends it.
        " OR o.state = 'paid' AND (s.missing > 0 OR s.waits > o.paid_at))",
    ),
    Invariant(
        "fees_held",
        _("Escrow holds the fees of paid orders, line by line, in the account of the payee."),
        _compared(
            "subject || ', ' || party",
            "subject, party",
            "SELECT 'line:' || l.id AS subject, COALESCE(NULLIF(l.payee, ''),"  # noqa: S608
            " 'merchant:' || l.merchant_id) AS party, l.payable_fen AS fen FROM orders_orderline l"
            f" JOIN orders_order o ON o.id = l.order_id JOIN ({_FEES}) f ON f.number = o.number"
            " WHERE l.kind = 'fee' AND l.payable_fen > 0",
            "SELECT subject, party, -SUM(amount_fen) AS fen FROM payments_ledgerentry"
            " WHERE account = 'escrow' AND voucher_ref IS NULL GROUP BY subject, party",
        ),
    ),
    Invariant(
        "payment_spent",
        _(
            "What a payment brought in is what its vouchers and fees received, or goes back in full."
        ),
        "SELECT 'payment ' || p.number, p.amount_fen,"  # noqa: S608
        " COALESCE(c.fen, 0) + COALESCE(b.fen, 0) + COALESCE(f.fen, 0)"
        " FROM payments_payment p LEFT JOIN (SELECT payment_id, SUM(amount_fen) AS fen"
        " FROM vouchers_vouchercomponent WHERE payment_id IS NOT NULL GROUP BY payment_id) c"
        " ON c.payment_id = p.id LEFT JOIN (SELECT c.payment_id, SUM(r.amount_fen) AS fen"
        " FROM vouchers_rebate r JOIN vouchers_vouchercomponent c ON c.id = r.component_id"
        " WHERE r.refund_id IS NOT NULL GROUP BY c.payment_id) b ON b.payment_id = p.id"
        f" LEFT JOIN ({_FEES}) f ON f.payment_id = p.id"
        " WHERE p.amount_fen * (p.state = 'succeeded')::int <>"
        " COALESCE(c.fen, 0) + COALESCE(b.fen, 0) + COALESCE(f.fen, 0)"
        " AND NOT (c.fen IS NULL AND p.refunded_fen = p.amount_fen)",
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
        "discounts_funded",
        _("What others fund of an order line's discount is on its vouchers, party by party."),
        _compared(
            "'order line ' || line_id || ', ' || party",
            "line_id, party",
            "SELECT d.line_id, d.funder AS party, SUM(d.amount_fen) AS fen"
            " FROM orders_orderdiscount d JOIN orders_orderline l ON l.id = d.line_id"
            " JOIN orders_order o ON o.id = l.order_id WHERE (o.state IN ('paid', 'deposit')"
            # A deposit whose balance was not paid in time has had its vouchers, too.
            " OR EXISTS (SELECT FROM vouchers_voucher v WHERE v.order_number = o.number))"
            " AND l.kind = 'item' AND d.funder <> 'merchant:' || l.merchant_id GROUP BY 1, 2",
            "SELECT v.order_line_ref AS line_id, c.party, SUM(c.amount_fen) AS fen"
            " FROM vouchers_vouchercomponent c JOIN vouchers_voucher v ON v.id = c.voucher_id"
            " WHERE c.kind = 'funder' AND v.order_line_ref IS NOT NULL GROUP BY 1, 2",
        ),
    ),
    Invariant(
        "unpaid_order_has_no_voucher",
        _("Only paid orders have vouchers."),
        "SELECT 'order ' || o.number, 0, COUNT(*) FROM orders_order o"
        " JOIN vouchers_voucher v ON v.order_number = o.number WHERE o.state NOT IN"
        " ('paid', 'deposit') AND (v.state IN ('active', 'used') OR v.state = 'held'"
        # One that was held for a balance until then only waits for the sweep that ends it.
        " AND (o.closed_at IS NULL OR v.valid_until > o.closed_at)) GROUP BY o.number",
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
        "gateway_holds",
        _("A gateway holds what was paid there, less what went back and its fees."),
        _compared(
            "'gateway ' || custodian",
            "custodian",
            "SELECT custodian, SUM(fen) AS fen FROM (SELECT gateway AS custodian,"
            " amount_fen AS fen FROM payments_payment WHERE state = 'succeeded'"
            " UNION ALL SELECT p.gateway, -r.amount_fen FROM payments_refund r"
            " JOIN payments_payment p ON p.id = r.payment_id WHERE r.state = 'succeeded'"
            " UNION ALL SELECT custodian, -amount_fen FROM payments_ledgerentry"
            " WHERE account = 'fees') moves GROUP BY custodian",
            "SELECT custodian, SUM(amount_fen) AS fen FROM payments_ledgerentry"
            " WHERE account = 'gateway' GROUP BY custodian",
        ),
    ),
    Invariant(
        "payment_once",
        _("An order has one payment at most that waits for the same purpose."),
        "SELECT 'order ' || reference, 1, COUNT(*) FROM payments_payment WHERE state = 'created'"
        " GROUP BY reference, purpose HAVING COUNT(*) > 1",
    ),
)

SETTLED: tuple[Invariant, ...] = (
    Invariant(
        "statement_net",
        _("A statement's amount is the sum of its lines."),
        "SELECT 'statement ' || s.number, s.net_fen, COALESCE(-SUM(e.amount_fen), 0)"
        " FROM payments_statement s LEFT JOIN payments_settlementline l ON l.statement_id = s.id"
        " LEFT JOIN payments_ledgerentry e ON e.id = l.entry_id AND e.month = l.entry_month"
        " GROUP BY s.id, s.number, s.net_fen HAVING s.net_fen <> COALESCE(-SUM(e.amount_fen), 0)"
        " OR s.net_fen <> s.gross_fen - s.commission_fen - s.returns_fen - s.dues_fen"
        " + s.referral_fen - s.carried_fen",
    ),
    Invariant(
        "settled_once",
        _("Each payable entry is on at most one statement."),
        "SELECT 'ledger entry ' || entry_id, 1, COUNT(*) FROM payments_settlementline"
        " GROUP BY entry_month, entry_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "settled_own",
        _("A statement holds entries of its own merchant's payable account only."),
        "SELECT 'statement ' || s.number, s.merchant_id, e.merchant_id FROM payments_statement s"
        " JOIN payments_settlementline l ON l.statement_id = s.id JOIN payments_ledgerentry e"
        " ON e.id = l.entry_id AND e.month = l.entry_month WHERE e.account <> 'payable'"
        " OR e.merchant_id IS DISTINCT FROM s.merchant_id",
    ),
    Invariant(
        "settled",
        _(
            "What is settled is the sum of the statements neither paid out nor collected, merchant by merchant."
        ),
        _compared(
            "'merchant ' || merchant_id",
            "merchant_id",
            "SELECT merchant_id, SUM(net_fen) AS fen FROM payments_statement"
            " WHERE state = 'issued' GROUP BY merchant_id",
            "SELECT merchant_id, -SUM(amount_fen) AS fen FROM payments_ledgerentry"
            " WHERE account = 'settled' GROUP BY merchant_id",
        ),
    ),
)

MONEY = (*PARTIES, *COMPONENTS, *BACK, *PAID, *SETTLED)
