"""The books of an older release, whose entries said less, become those of this one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction

from payments.models import LedgerEntry, LedgerTransaction
from payments.wording import TRANSACTIONS
from tests.races.conftest import deleted_afterwards  # noqa: F401 - the database is emptied quickly
from tests.torture.machine import Machine

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
UPGRADE = import_module("payments.migrations.0004_entries_say_more")

AS_THEN = (
    "UPDATE payments_ledgertransaction event SET key = 'refund:' || refund.number"
    " FROM vouchers_refundpart part JOIN payments_refund refund ON refund.id = part.refund_id"
    " WHERE event.key = 'refund:' || part.voucher_id AND refund.reason IN ('unused', 'expired')",
    "UPDATE payments_ledgertransaction event SET key = 'return:' || refund.number"
    " FROM vouchers_returnpart part JOIN payments_refund refund ON refund.id = part.refund_id"
    " WHERE event.key = 'return:' || part.taken_back_id",
)
"""Money back was named by its refund, which was of one voucher."""

OLDER = (
    "ALTER TABLE payments_ledgerentry DROP CONSTRAINT ledger_entry_says_what_it_is",
    "DELETE FROM payments_ledgerentry WHERE account = 'clearing'",
    # A statement left payable by one entry.
    "UPDATE payments_ledgerentry entry SET amount_fen = one.fen FROM (SELECT min(e.id) AS id,"
    " SUM(e.amount_fen) AS fen FROM payments_ledgerentry e JOIN payments_ledgertransaction t"
    " ON t.id = e.transaction_id WHERE t.kind = 'settle' AND e.account = 'payable'"
    " GROUP BY t.id) one WHERE one.id = entry.id",
    "DELETE FROM payments_ledgerentry entry USING payments_ledgertransaction t, payments_ledgerentry"
    " first WHERE t.id = entry.transaction_id AND t.kind = 'settle' AND entry.account = 'payable'"
    " AND first.transaction_id = t.id AND first.account = 'payable' AND first.id < entry.id",
    "UPDATE payments_ledgerentry SET party = '', custodian = '', subject = '', purpose = ''",
)
KNOWN = set(TRANSACTIONS) - {"rebate", "collect", "carry", "write-off"}
"""The events of that release."""
SAID = ("transaction__key", "account", "merchant_id", "party", "custodian", "subject", "purpose")


def books() -> dict[tuple[object, ...], int]:
    """What every event moved, and what its entries say."""
    moved: Counter[tuple[object, ...]] = Counter()
    for *said, fen in LedgerEntry.objects.values_list(*SAID, "amount_fen"):
        moved[tuple(said)] += fen
    return {said: fen for said, fen in moved.items() if fen}


def test_old_entries_say_what_new_ones_say(drain: Callable[..., int]) -> None:
    machine = Machine(3, drain, plain=True)
    for _ in range(800):
        machine.step()
        if set(LedgerTransaction.objects.values_list("kind", flat=True)) >= KNOWN:
            break
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in AS_THEN:
            cursor.execute(statement)
        wanted = books()
        for statement in OLDER:
            cursor.execute(statement)
        assert books() != wanted
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        UPGRADE.say_more(apps, connection.schema_editor())
        assert books() == wanted
        transaction.set_rollback(True)
    assert {key.partition(":")[0] for key, *_rest in wanted} >= KNOWN
