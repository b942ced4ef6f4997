"""The third side of the reconciliation: what a payment has paid for, told by the room of orders.

``payments`` knows no orders; `OrdersConfig.ready` says who does (docs/map.md).
"""

from __future__ import annotations

from payments.services.differences import VoucherTotals

_registered: list[VoucherTotals] = []


def register_voucher_totals(totals: VoucherTotals) -> None:
    """Say who maps payment ids to Σ fen of vouchers and fees; the last one counts."""
    _registered[:] = [totals]


def voucher_totals() -> VoucherTotals | None:
    """Who was registered; None without a room of orders: bills and payments are compared alone."""
    return _registered[0] if _registered else None
