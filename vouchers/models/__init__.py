"""Vouchers, their frozen terms and their money, redemptions and returns."""

from vouchers.models.component import Component, VoucherComponent
from vouchers.models.grant import BY_HAND, Grant
from vouchers.models.money_back import Rebate, RefundPart, ReturnPart
from vouchers.models.redemption import Redemption, VoucherReturn
from vouchers.models.terms import VoucherTerms
from vouchers.models.voucher import Voucher

__all__ = [
    "BY_HAND",
    "Component",
    "Grant",
    "Rebate",
    "Redemption",
    "RefundPart",
    "ReturnPart",
    "Voucher",
    "VoucherComponent",
    "VoucherReturn",
    "VoucherTerms",
]
