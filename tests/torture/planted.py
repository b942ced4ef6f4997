"""Errors that a bug could leave in the books, put in past every trigger and constraint."""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, connection, transaction


def _plant(*statements: str) -> Callable[[], None]:
    """Run ``statements`` with triggers off; each must change a row, or the control is none."""

    def plant() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount, statement

    return plant


_A_REDEMPTION = "(SELECT id FROM vouchers_redemption WHERE undone_at IS NULL ORDER BY id LIMIT 1)"
# A live redemption of a voucher that more than one party pays.
_SHARED = (
    "(SELECT min(d.id) FROM vouchers_redemption d JOIN vouchers_vouchercomponent c"
    " ON c.voucher_id = d.voucher_id AND c.kind = 'funder' WHERE d.undone_at IS NULL"
    " AND d.value_fen > 1)"
)


def _of_event(kind: str, which: str) -> str:
    """The transaction of the newest event of ``kind`` that has an entry ``which``."""
    return (
        "(SELECT max(t.id) FROM payments_ledgertransaction t JOIN payments_ledgerentry e"
        f" ON e.transaction_id = t.id WHERE t.kind = '{kind}' AND {which})"
    )


_FUNDED = _of_event("redeem", "e.account = 'promotions'")
_CALLED_IN = _of_event("release", "e.purpose = 'dues'")
_MIRROR = _of_event("undo", "e.amount_fen > 0")
_HAS_ONE = (
    "EXISTS (SELECT 1 FROM payments_statement same WHERE same.day = payments_statement.day"
    " AND same.merchant_id = stores_merchant.id)"
)
ERRORS: dict[str, Callable[[], None]] = {
    "a share of the sum instead of the sum of shares": _plant(
        f"UPDATE vouchers_redemption SET value_fen = value_fen + 1 WHERE id = {_SHARED}",
    ),
    "a mirror that is missing": _plant(
        f"DELETE FROM payments_ledgerentry WHERE transaction_id = {_MIRROR}",
    ),
    "a funder's part booked where the money is": _plant(
        "UPDATE payments_ledgerentry SET custodian = 'sandbox' WHERE transaction_id ="
        f" {_FUNDED} AND custodian = 'books'",
    ),
    "a partner's part paid by the platform": _plant(
        "UPDATE payments_ledgerentry SET account = 'promotions', merchant_id = NULL,"
        " party = 'platform' WHERE id ="
        " (SELECT max(id) FROM payments_ledgerentry WHERE account = 'receivable'"
        " AND amount_fen > 0)",
    ),
    "dues that were called in twice": _plant(
        "UPDATE payments_ledgerentry SET amount_fen = amount_fen * 2 WHERE transaction_id ="
        f" {_CALLED_IN} AND purpose = 'dues'",
    ),
    "points taken for a use that was undone": _plant(
        "UPDATE payments_ledgerentry SET account = 'promotions' WHERE id ="
        " (SELECT min(id) FROM payments_ledgerentry WHERE account = 'points_liability')",
    ),
    "a tender that shrank": _plant(
        "UPDATE vouchers_vouchercomponent SET amount_fen = amount_fen - 1 WHERE id ="
        " (SELECT min(id) FROM vouchers_vouchercomponent WHERE kind = 'tender'"
        " AND payment_id IS NOT NULL AND amount_fen > 1)",
    ),
    "a voucher used before its balance": _plant(
        "UPDATE vouchers_voucher SET state = 'active', held_for = '' WHERE id ="
        " (SELECT min(id) FROM vouchers_voucher WHERE state = 'held')",
    ),
    "a refund sent to another payment": _plant(
        "UPDATE payments_refund SET payment_id = (SELECT max(id) FROM payments_payment WHERE"
        " state = 'succeeded' AND id <> payments_refund.payment_id) WHERE id ="
        " (SELECT min(refund_id) FROM vouchers_refundpart)",
    ),
    "a fixed part that nobody booked": _plant(
        "UPDATE vouchers_voucher SET commission_fixed_fen = commission_fixed_fen + 1 WHERE id ="
        " (SELECT min(voucher_id) FROM vouchers_redemption WHERE released_at IS NOT NULL)",
    ),
    "a referral fee that one side forgot": _plant(
        "DELETE FROM payments_ledgerentry WHERE id ="
        " (SELECT min(id) FROM payments_ledgerentry WHERE purpose = 'referral')",
    ),
    "an entry on somebody else's statement": _plant(
        "UPDATE payments_statement SET merchant_id = (SELECT max(id) FROM stores_merchant"
        f" WHERE NOT {_HAS_ONE}) WHERE id = (SELECT min(id) FROM payments_statement WHERE"
        f" EXISTS (SELECT 1 FROM stores_merchant WHERE NOT {_HAS_ONE}))",
    ),
    "a rebate that is not in the books": _plant(
        "UPDATE vouchers_rebate SET amount_fen = amount_fen + 1 WHERE id ="
        " (SELECT min(id) FROM vouchers_rebate WHERE refund_id IS NOT NULL)",
    ),
    "a redemption that was never booked": _plant(
        "DELETE FROM payments_ledgerentry WHERE transaction_id IN (SELECT id FROM"
        f" payments_ledgertransaction WHERE key = 'redeem:' || {_A_REDEMPTION})",
    ),
    "an entry of one fen too much": _plant(
        "UPDATE payments_ledgerentry SET amount_fen = amount_fen + 1 WHERE id ="
        " (SELECT min(id) FROM payments_ledgerentry WHERE account = 'escrow')",
    ),
    "a transaction to the wrong merchant": _plant(
        "UPDATE payments_ledgerentry SET merchant_id = (SELECT max(id) FROM stores_merchant WHERE"
        " id <> payments_ledgerentry.merchant_id) WHERE transaction_id = (SELECT t.id FROM"
        " payments_ledgertransaction t WHERE t.kind = 'redeem' ORDER BY t.id DESC LIMIT 1)"
        " AND merchant_id IS NOT NULL",
    ),
    "a use taken twice": _plant(
        "UPDATE vouchers_voucher SET uses_used = uses_used + 1 WHERE id ="
        " (SELECT min(id) FROM vouchers_voucher WHERE uses_used < uses_total)",
    ),
    "a redemption that vanished": _plant(
        "DELETE FROM vouchers_redemption WHERE id = " + _A_REDEMPTION,
    ),
    "a refund that the payment does not know": _plant(
        "UPDATE payments_payment SET refunded_fen = refunded_fen + 1 WHERE id ="
        " (SELECT min(id) FROM payments_payment WHERE state = 'succeeded')",
    ),
    "a refund booked as done that the gateway never made": _plant(
        "DELETE FROM payments_sandboxrefund WHERE id = (SELECT min(s.id) FROM"
        " payments_sandboxrefund s JOIN payments_refund r ON r.number = s.out_refund_no"
        " WHERE r.state = 'succeeded')",
    ),
    "commission at another rate": _plant(
        "UPDATE payments_ledgerentry SET amount_fen = amount_fen - 1 WHERE id = (SELECT min(e.id)"
        " FROM payments_ledgerentry e WHERE e.account = 'commission' AND e.amount_fen < 0)",
        "UPDATE payments_ledgerentry SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(d.id)"
        " FROM payments_ledgerentry d JOIN payments_ledgerentry e ON e.transaction_id ="
        " d.transaction_id WHERE d.account = 'payable' AND d.amount_fen > 0 AND e.id = (SELECT"
        " min(id) FROM payments_ledgerentry WHERE account = 'commission' AND amount_fen < 0))",
    ),
    "an entry at another custodian": _plant(
        "UPDATE payments_ledgerentry SET custodian = 'bank' WHERE id ="
        " (SELECT min(id) FROM payments_ledgerentry WHERE account = 'pending')",
    ),
    "a redemption at another custodian, both sides": _plant(
        "UPDATE payments_ledgerentry SET custodian = 'bank' WHERE transaction_id ="
        " (SELECT max(id) FROM payments_ledgertransaction WHERE kind = 'redeem')",
    ),
    "money that left the books and arrived nowhere": _plant(
        "UPDATE payments_ledgerentry SET account = 'commission' WHERE id ="
        " (SELECT min(id) FROM payments_ledgerentry WHERE account = 'clearing')",
    ),
    "an entry in another month": _plant(
        "UPDATE payments_ledgerentry SET month = '1999-01-01' WHERE id ="
        " (SELECT min(e.id) FROM payments_ledgerentry e WHERE NOT EXISTS (SELECT FROM"
        " payments_settlementline l WHERE l.entry_id = e.id))",
    ),
    "a statement of another sum": _plant(
        "UPDATE payments_statement SET net_fen = net_fen + 1 WHERE id ="
        " (SELECT min(id) FROM payments_statement)",
    ),
    "an order that charges more than its vouchers": _plant(
        "UPDATE orders_order SET total_fen = total_fen + 1 WHERE id ="
        " (SELECT min(id) FROM orders_order WHERE state = 'paid')",
    ),
}


ERRORS |= {
    "an entry of nobody": _plant(
        "UPDATE payments_ledgerentry SET party = 'partner:3' WHERE id ="
        " (SELECT max(id) FROM payments_ledgerentry WHERE account = 'gateway')",
    ),
    "an entry about a payment that there is not": _plant(
        "UPDATE payments_ledgerentry SET subject = 'payment:P0' WHERE id ="
        " (SELECT max(id) FROM payments_ledgerentry WHERE subject LIKE 'payment:%')",
    ),
    "a fee booked as value": _plant(
        "UPDATE payments_ledgerentry SET purpose = 'value' WHERE id ="
        " (SELECT max(id) FROM payments_ledgerentry WHERE purpose = 'net')",
    ),
    "an entry among those from before months": _plant(
        "UPDATE payments_ledgerentry SET month = '2000-01-01' WHERE id = (SELECT max(e.id)"
        " FROM payments_ledgerentry e WHERE NOT EXISTS (SELECT FROM payments_settlementline l"
        " WHERE l.entry_id = e.id))",
    ),
    "a component at another custodian than its payment": _plant(
        "UPDATE vouchers_vouchercomponent SET custodian = 'other' WHERE id ="
        " (SELECT max(id) FROM vouchers_vouchercomponent WHERE kind = 'tender'"
        " AND payment_id IS NOT NULL)",
    ),
    "a rate that its order line did not agree to": _plant(
        "UPDATE vouchers_voucher SET commission_rate = 0.4999 WHERE id ="
        " (SELECT max(id) FROM vouchers_voucher WHERE order_line_ref IS NOT NULL)",
    ),
}


def can_be_planted(plant: Callable[[], None]) -> bool:
    """Whether the books hold what ``plant`` changes; they are left as they are."""
    try:
        with transaction.atomic():
            plant()
            transaction.set_rollback(True)
    except (AssertionError, IntegrityError):
        return False
    return True
