"""Everything about money: payments, refunds, the ledger, settlement, bills."""

from payments.models.bills import (
    BillLine,
    GatewayBill,
    ReconciliationException,
    ReconciliationRun,
)
from payments.models.contract import Contract
from payments.models.ledger import (
    BANK,
    BOOKS,
    EARLIER,
    Account,
    LedgerEntry,
    LedgerTransaction,
    Purpose,
)
from payments.models.payment import GatewayEvent, Payment, Refund
from payments.models.sandbox import SandboxRefund, SandboxTrade
from payments.models.settlement import Payout, SettlementLine, Statement

__all__ = [
    "BANK",
    "BOOKS",
    "EARLIER",
    "Account",
    "BillLine",
    "Contract",
    "GatewayBill",
    "GatewayEvent",
    "LedgerEntry",
    "LedgerTransaction",
    "Payment",
    "Payout",
    "Purpose",
    "ReconciliationException",
    "ReconciliationRun",
    "Refund",
    "SandboxRefund",
    "SandboxTrade",
    "SettlementLine",
    "Statement",
]
