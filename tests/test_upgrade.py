"""A shop that the release 70a7ad2 kept, with the rows it let in, is upgraded and goes on trading.

tests/older/70a7ad2.sql.gz is a database which that release filled by its own services and ``pg_dump``
wrote down, at SOLD and on the day after: a purchase of seven vouchers (one released, reviewed,
settled and paid out, one returned after its release, one used with its undo window open, one
refunded, three fresh), an order that waits for its payment, a limited-time offer. What that release
let in beyond that is written by SQL; then ``migrate`` runs as in an upgrade.
"""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.db.migrations.recorder import MigrationRecorder

from catalog.models import Offer, Product, Stock
from catalog.services.products import check_product
from insights.invariants import INVARIANTS
from kernel.bounds import FIRST_MOMENT, LAST_MOMENT
from kernel.clock import at
from kernel.watch.models import Incident
from orders.services.cancel import time_out_due
from payments.models import Statement
from payments.services.settlement import settle_merchant
from stores.models import Store
from tests.databases import address, manage
from tests.factories import redeem
from tests.template import restore
from tools.bench.older_shop import OLDER
from vouchers.models import Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_due

SOLD = dt.datetime(2026, 8, 3, 2, 0, tzinfo=dt.UTC)
KEPT = Path(__file__).parent / "older" / "70a7ad2.sql.gz"


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
    """The connection leads to the older release's database, which is dropped afterwards."""
    with django_db_blocker.unblock():
        ours = connection.settings_dict["NAME"]
        older = f"{ours}_upgrade"
        connection.close()
        manage(f'DROP DATABASE IF EXISTS "{older}"', f'CREATE DATABASE "{older}"')
        restore(gzip.decompress(KEPT.read_bytes()), address(older))
        connection.settings_dict["NAME"] = older
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = ours
            manage(f'DROP DATABASE "{older}" WITH (FORCE)')


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def open_shop() -> Shop:
    """Who and what is in the older database; its tables are upgraded by now."""
    used = Voucher.objects.get(state="used", redemptions__released_at=None)
    vouchers = Voucher.objects.filter(order_number=used.order_number).order_by("id")
    redemption = used.redemptions.get()
    return Shop(
        buyer=used.owner,
        store=redemption.store,
        clerk=redemption.staff,
        product=used.product,
        fresh=list(vouchers.filter(state="active")),
        used=used,
        refunded=vouchers.get(state="refunded"),
    )


def let_in() -> None:
    """What that release took from a merchant (the audit's examples of each kind)."""
    sql("UPDATE catalog_offer SET starts_at = '0001-01-01 00:00 BC' WHERE kind = 'flash'")
    sql("UPDATE stores_store SET time_zone = 'localtime', district_en = E'Old\\x1fTown'")
    sql("UPDATE catalog_stock SET available = 2147483647")
    blackout = '[{"from": "2026-01-01", "to": "9999-12-31"}]'
    sql("UPDATE catalog_product SET blackout = %s", blackout)
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


def test_an_older_shop_is_upgraded_and_goes_on_trading(scratch: None, drain: Any) -> None:
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    assert {app: dict(applied).get(app) for app in OLDER} == OLDER
    let_in()
    assert list(found_by_the_audit(older=True)) == ["orders_time_out"]  # it slept since SOLD

    call_command("migrate", verbosity=0)

    assert time_out_due() == 1
    assert found_by_the_audit() == {}
    healed = Offer.objects.get(kind="limited")
    assert FIRST_MOMENT <= healed.starts_at < healed.ends_at < LAST_MOMENT
    shop = open_shop()
    assert (shop.store.time_zone, shop.store.district_en) == ("Asia/Shanghai", "Old Town")
    check_product(shop.product)
    kinds = set(Incident.objects.values_list("kind", flat=True))
    assert {"catalog.healed", "stores.healed"} <= kinds

    with at(SOLD + dt.timedelta(days=1, hours=1)):
        goes_on_trading(shop)
        drain()
    with at(SOLD + dt.timedelta(days=2)):
        settles(shop)
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


def settles(shop: Shop) -> None:
    """What was used before the upgrade and what is used since stand on one statement."""
    assert release_due() == 2
    statement = settle_merchant(
        merchant_id=shop.store.merchant_id,
        day=(SOLD + dt.timedelta(days=2)).date(),
        cutoff_at=SOLD + dt.timedelta(days=2, hours=12),
    )
    assert statement is not None
    older = Statement.objects.get(day=SOLD.date())
    assert statement.net_fen == 2 * older.net_fen > 0


@pytest.mark.django_db
def test_the_older_release_s_migrations_are_still_there() -> None:
    """Squashing one away would leave shops of that release without a way forward."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    assert {pair for pair in OLDER.items() if pair[1]} <= applied
