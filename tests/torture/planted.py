"""Errors that a bug could leave in the books, put in past every trigger and constraint."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction


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
ERRORS: dict[str, Callable[[], None]] = {
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
    "a statement of another sum": _plant(
        "UPDATE payments_statement SET net_fen = net_fen + 1 WHERE id ="
        " (SELECT min(id) FROM payments_statement)",
    ),
    "an order that charges more than its vouchers": _plant(
        "UPDATE orders_order SET total_fen = total_fen + 1 WHERE id ="
        " (SELECT min(id) FROM orders_order WHERE state = 'paid')",
    ),
}
