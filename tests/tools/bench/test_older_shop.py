"""The older shop of the benchmark is a real one: upgraded, its books are exact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from insights.services.audit import find_violations
from payments.models import EARLIER, LedgerEntry, SettlementLine, Statement
from tools.bench.older_shop import make_older_shop
from tools.bench.upgrade import own_database
from vouchers.models import Voucher

VOUCHERS = 400


@pytest.fixture
def upgraded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), own_database(f"{connection.settings_dict['NAME']}_older"):
        make_older_shop(VOUCHERS)
        call_command("migrate", verbosity=0)
        yield


def test_an_older_shop_with_statements_and_returns_is_exact_after_the_upgrade(
    upgraded: None,
) -> None:
    assert find_violations() == []
    assert Voucher.objects.count() == VOUCHERS
    kinds = set(LedgerEntry.objects.values_list("transaction__kind", flat=True))
    assert kinds == {
        *("pay", "redeem", "release", "forfeit", "refund", "return", "refunded"),
        *("settle", "payout"),
    }
    assert set(LedgerEntry.objects.values_list("month", flat=True)) == {EARLIER}
    assert set(SettlementLine.objects.values_list("entry_month", flat=True)) == {EARLIER}
    assert Statement.objects.filter(state="paid").exists()
    newest = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('payments_ledgerentry', 'id'))")
        assert cursor.fetchone()[0] == newest + 1
