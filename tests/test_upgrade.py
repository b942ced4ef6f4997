"""A shop that the release 70a7ad2 kept, with the rows it let in, is upgraded and goes on trading.

The scratch database is a copy of the tests' own. Rows that trade are written by the services,
the tables are taken back to that release's last migrations, and what it let in is written by
SQL; then ``migrate`` runs as in an upgrade.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.recorder import MigrationRecorder

from catalog.models import Offer, Product, Stock
from catalog.services.products import check_product
from insights.invariants import INVARIANTS
from kernel.bounds import FIRST_MOMENT, LAST_MOMENT
from kernel.clock import at
from kernel.watch.models import Incident
from stores.models import Store
from tests.databases import manage
from tests.factories import (
    make_limited_offer,
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    redeem,
)
from tools.bench.older_shop import OLDER
from vouchers.models import Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.refund import refund_voucher

NAMED_BY_REFUNDS = """
UPDATE payments_ledgertransaction event SET key = 'refund:' || refund.number
FROM payments_refund refund WHERE event.key = 'refund:' || refund.voucher_ref
"""
"""That release named what goes back by its refund, which was of one voucher."""


class Shop(NamedTuple):
    buyer: Any
    store: Store
    clerk: Any
    product: Product
    fresh: list[Voucher]  # sold, not used
    used: Voucher
    refunded: Voucher


@pytest.fixture
def scratch(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The connection leads to a copy of the tests' database, which is dropped afterwards."""
    with django_db_blocker.unblock():
        ours = connection.settings_dict["NAME"]
        copy = f"{ours}_upgrade"
        connection.close()
        manage(
            f'DROP DATABASE IF EXISTS "{copy}"',
            # What a thread of an earlier test left open: a database in use is not copied.
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{ours}'",
            f'CREATE DATABASE "{copy}" TEMPLATE "{ours}"',
        )
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = ours
            manage(f'DROP DATABASE "{copy}" WITH (FORCE)')


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def open_shop(drain: Any) -> Shop:
    store = make_store()
    product = make_product(stores=[store], stock=100, validity_days=30, refund_on_expiry=True)
    buyer, clerk = make_user(), make_staff(store)
    first = make_voucher(owner=buyer, product=product, quantity=5)
    used, refunded, *fresh = Voucher.objects.filter(order_number=first.order_number).order_by("id")
    redeem(used, store=store, staff=clerk)
    refund_voucher(owner=buyer, voucher_id=refunded.pk)
    drain()
    return Shop(buyer, store, clerk, product, fresh, used, refunded)


def back_to_the_older_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no way back only added to the settled, and this shop has settled nothing."""
    executor = MigrationExecutor(connection)
    for migration in executor.loader.disk_migrations.values():
        for step in migration.operations:
            if isinstance(step, RunSQL) and step.reverse_sql is None:
                monkeypatch.setattr(step, "reverse_sql", RunSQL.noop)
            if isinstance(step, RunPython) and step.reverse_code is None:
                monkeypatch.setattr(step, "reverse_code", RunPython.noop)
    executor.migrate(list(OLDER.items()))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the ledger is append only
        cursor.execute(NAMED_BY_REFUNDS)


def let_in(shop: Shop, offer: Offer) -> None:
    """What that release took from a merchant (the audit's examples of each kind)."""
    sql("UPDATE catalog_offer SET starts_at = '0001-01-01 00:00 BC' WHERE id = %s", offer.pk)
    sql(
        "UPDATE stores_store SET time_zone = 'localtime', district_en = E'Old\\x1fTown'"
        " WHERE id = %s",
        shop.store.pk,
    )
    sql("UPDATE catalog_stock SET available = 2147483647")
    blackout = '[{"from": "2026-01-01", "to": "9999-12-31"}]'
    sql("UPDATE catalog_product SET blackout = %s WHERE id = %s", blackout, shop.product.pk)
    sql("UPDATE vouchers_voucherterms SET body = body || %s", f'{{"blackout": {blackout}}}')


def found_by_the_audit(*, older: bool = False) -> dict[str, list[Any]]:
    """What breaks an invariant; in an ``older`` database as far as it has the columns."""
    found, asked = {}, 0
    for invariant in INVARIANTS:
        try:
            with connection.cursor() as cursor:
                cursor.execute(invariant.sql)
                rows = cursor.fetchall()
        except ProgrammingError:
            if not older:
                raise
            continue
        asked += 1
        if rows:
            found[invariant.code] = rows
    # The older release told a voucher's money in one column: most of its invariants were others.
    assert asked > 10 if older else asked == len(INVARIANTS)
    return found


def test_an_older_shop_is_upgraded_and_goes_on_trading(
    scratch: None, drain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(drain)
    offer = make_limited_offer(make_product(stores=[shop.store]), price_fen=100)
    back_to_the_older_release(monkeypatch)
    assert "watch_incident" not in connection.introspection.table_names()
    let_in(shop, offer)
    assert found_by_the_audit(older=True) == {}

    call_command("migrate", verbosity=0)

    assert found_by_the_audit() == {}
    healed = Offer.objects.get(pk=offer.pk)
    assert FIRST_MOMENT <= healed.starts_at < healed.ends_at < LAST_MOMENT
    shop.store.refresh_from_db()
    assert (shop.store.time_zone, shop.store.district_en) == ("Asia/Shanghai", "Old Town")
    check_product(Product.objects.get(pk=shop.product.pk))
    kinds = set(Incident.objects.values_list("kind", flat=True))
    assert {"catalog.healed", "stores.healed"} <= kinds

    goes_on_trading(shop)
    drain()
    assert found_by_the_audit() == {}


def goes_on_trading(shop: Shop) -> None:
    to_redeem, to_refund, to_expire = shop.fresh
    redeem(to_redeem, store=shop.store, staff=shop.clerk)
    refund_voucher(owner=shop.buyer, voucher_id=to_refund.pk)
    with at(to_expire.valid_until + dt.timedelta(days=1)):
        expire_voucher(voucher_id=to_expire.pk)
    states = {
        voucher.pk: voucher.state
        for voucher in Voucher.objects.filter(order_number=shop.used.order_number)
    }
    assert states[to_redeem.pk] == states[shop.used.pk] == "used"
    for voucher in (to_refund, to_expire, shop.refunded):
        assert states[voucher.pk] in {"refunding", "refunded"}
    assert Stock.objects.get(variant__product=shop.product).available <= 2**31 - 1


@pytest.mark.django_db
def test_the_older_release_s_migrations_are_still_there() -> None:
    """Squashing one away would leave shops of that release without a way forward."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    assert {pair for pair in OLDER.items() if pair[1]} <= applied
