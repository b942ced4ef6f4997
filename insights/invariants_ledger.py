"""The published invariants of single entries: what each says, and that what it names is there.

The sums of `invariants_money` compare what vouchers, refunds and statements should have moved; an
entry that is about something else altogether would be in none of them.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from insights.invariant import Invariant

# account: (custodian: subject: purposes). Where the money is: a gateway, the bank, the books.
_CHART = {
    "gateway": ("gateway: payment refund: value", "gateway: bill: fee"),
    "bank": ("bank: payout statement: net",),
    "escrow": ("gateway: voucher line: value",),
    "pending": ("gateway books: voucher: value",),
    "payable": (
        "gateway books: voucher: value",
        "books: voucher: commission dues referral",
        "gateway books: statement: net",
    ),
    "settled": ("books: statement: net",),
    "loss": ("books: statement: net",),
    "receivable": ("books: voucher: value dues",),
    "promotions": ("books: voucher: value",),
    "points_liability": ("books: voucher: value",),
    "commission": ("books: voucher: commission",),
    "refund_due": ("gateway: refund: value",),
    "unclaimed": ("gateway: payment: value",),
    "fees": ("gateway: bill: fee",),
    "clearing": ("gateway bank books: statement payout: net",),
}
CHART = sorted(
    (account, custodian, noun, purpose)
    for account, rows in _CHART.items()
    for custodians, nouns, purposes in (row.split(": ") for row in rows)
    for custodian in custodians.split()
    for noun in nouns.split()
    for purpose in purposes.split()
)
"""What an entry may say: its account, what holds its money, what kind of thing it is about, and why."""

_ROWS = ", ".join(f"('{account}', '{at}', '{noun}', '{why}')" for account, at, noun, why in CHART)
_PLACE = "CASE WHEN e.custodian IN ('bank', 'books') THEN e.custodian ELSE 'gateway' END"

# noun: where its rows are (with what is wrong for an entry e), and the key that a subject names.
_THINGS = {
    # By number, for PostgreSQL: millions of texts would be sorted first.
    "voucher": ("vouchers_voucher t", "t.id = e.voucher_ref AND t.id::text", "false"),
    "line": ("orders_orderline t", "t.id::text", "e.voucher_ref IS NOT NULL"),
    "payment": ("payments_payment t", "t.number", "e.custodian <> t.gateway"),
    "refund": (
        "(payments_refund t JOIN payments_payment p ON p.id = t.payment_id)",
        "t.number",
        "e.custodian <> p.gateway OR e.voucher_ref IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM vouchers_refundpart r WHERE r.refund_id = t.id"
        " AND r.voucher_id = e.voucher_ref)",
    ),
    "statement": (
        "payments_statement t",
        "t.number",
        "e.account IN ('payable', 'settled') AND e.merchant_id IS DISTINCT FROM t.merchant_id",
    ),
    "payout": ("payments_payout t", "t.number", "false"),
    "bill": (
        "payments_gatewaybill t",
        "t.gateway || ':' || t.day",
        "e.custodian <> t.gateway",
    ),
}


def _wrong(noun: str, rows: str, key: str, wrong: str) -> str:
    """Entries about a ``noun`` that there is not, or that is not theirs."""
    return (
        f"SELECT e.id, e.subject FROM payments_ledgerentry e LEFT JOIN {rows}"  # noqa: S608
        f" ON {key} = substr(e.subject, {len(noun) + 2})"
        f" WHERE e.subject LIKE '{noun}:%' AND (t.id IS NULL OR {wrong})"
    )


ENTRIES: tuple[Invariant, ...] = (
    Invariant(
        "entry_chart",
        _("An entry says where its money is, what it is about and why, as its account has it."),
        f"SELECT 'ledger entry ' || e.id, {_PLACE} || ' ' || e.account,"  # noqa: S608
        " e.custodian || ' ' || e.subject || ' ' || e.purpose FROM payments_ledgerentry e"
        f" LEFT JOIN (VALUES {_ROWS}) chart (account, place, noun, purpose)"
        f" ON chart.account = e.account AND chart.place = {_PLACE}"
        " AND chart.noun = split_part(e.subject, ':', 1) AND chart.purpose = e.purpose"
        " WHERE chart.account IS NULL",
    ),
    Invariant(
        "own_subjects",
        _("What an entry is about is there, and is its party's."),
        "SELECT 'ledger entry ' || id, 'its own', subject FROM ("  # noqa: S608
        + " UNION ALL ".join(_wrong(noun, *rest) for noun, rest in _THINGS.items())
        + ") wrong",
    ),
    Invariant(
        "component_custodian",
        _("A component's money is at the gateway of its payment."),
        "SELECT 'component ' || c.id, p.gateway, c.custodian FROM vouchers_vouchercomponent c"
        " JOIN payments_payment p ON p.id = c.payment_id WHERE p.gateway <> c.custodian",
    ),
    Invariant(
        "commission_frozen",
        _("A voucher's commission is that of its order line."),
        "SELECT 'voucher ' || v.id, l.commission_rate::text || ' ' || l.commission_fixed_fen,"
        " v.commission_rate::text || ' ' || v.commission_fixed_fen FROM vouchers_voucher v"
        " JOIN orders_orderline l ON l.id = v.order_line_ref WHERE (v.commission_rate,"
        " v.commission_fixed_fen) IS DISTINCT FROM (l.commission_rate, l.commission_fixed_fen)",
    ),
)
