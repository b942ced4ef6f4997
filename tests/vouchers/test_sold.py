"""“Sold” counts pieces that were bought and not given back, whoever comes first."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from catalog.models import Product
from insights.invariants import INVARIANTS
from orders.services.paid import pay_nothing
from payments.models import Payment
from tests.factories import (
    make_order,
    make_paid_order,
    make_product,
    make_user,
    offer_of,
    owner_of,
    pay_order,
    redeem,
)
from tests.orders.payers import discounted, vouchers_of
from vouchers.models import Voucher
from vouchers.services.expire import expire_voucher
from vouchers.services.refund import refund_voucher, return_redeemed

pytestmark = pytest.mark.django_db
(AUDIT,) = (entry for entry in INVARIANTS if entry.code == "sold_counted")


def sold(product: Product) -> int:
    product.refresh_from_db()
    return product.sales_count


def wrong() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(AUDIT.sql)
        return cursor.fetchall()


def bought(product: Product, quantity: int) -> list[Voucher]:
    order = make_paid_order(offer=offer_of(product), quantity=quantity)
    return list(Voucher.objects.filter(order_number=order.number).order_by("pk"))


def test_a_refund_takes_its_piece_off_the_count(drain) -> None:
    product = make_product()
    vouchers = bought(product, 3)
    drain()
    assert sold(product) == 3
    refund_voucher(owner=vouchers[0].owner, voucher_id=vouchers[0].pk)
    assert (sold(product), wrong()) == (2, [])
    drain()
    assert (sold(product), wrong()) == (2, [])


def test_a_refund_before_the_count_is_counted_once(drain) -> None:
    product = make_product()
    vouchers = bought(product, 2)
    refund_voucher(owner=vouchers[0].owner, voucher_id=vouchers[0].pk)
    assert (sold(product), wrong()) == (0, [])
    drain()
    assert (sold(product), wrong()) == (1, [])


def test_a_card_counts_until_all_of_its_uses_are_given_back(drain) -> None:
    product = make_product(kind="times_card", uses=3)
    store = product.merchant.stores.get()
    (card,) = bought(product, 1)
    drain()
    first = redeem(card, store=store, staff=owner_of(product.merchant))
    refund_voucher(owner=card.owner, voucher_id=card.pk)
    assert (sold(product), wrong()) == (1, []), "one use was had"
    return_redeemed(redemption_id=first.pk, uses=1, requested_by=make_user("operator"))
    assert (sold(product), wrong()) == (0, [])


def test_what_lapses_without_a_refund_stays_sold(drain) -> None:
    product = make_product(refund_rule="none", refund_on_expiry=False)
    (voucher,) = bought(product, 1)
    drain()
    Voucher.objects.filter(pk=voucher.pk).update(valid_until=voucher.created_at)
    assert expire_voucher(voucher_id=voucher.pk)
    assert (sold(product), wrong()) == (1, [])


def test_what_an_expiry_pays_back_is_not_sold(drain) -> None:
    product = make_product(refund_rule="none", refund_on_expiry=True)
    (voucher,) = bought(product, 1)
    drain()
    Voucher.objects.filter(pk=voucher.pk).update(valid_until=voucher.created_at)
    assert expire_voucher(voucher_id=voucher.pk)
    assert (sold(product), wrong()) == (0, [])


def test_what_ends_together_comes_off_together(drain) -> None:
    product = make_product(refund_rule="none", refund_on_expiry=True)
    vouchers = bought(product, 3)
    drain()
    Voucher.objects.filter(order_number=vouchers[0].order_number).update(
        valid_until=vouchers[0].created_at
    )
    assert expire_voucher(voucher_id=vouchers[0].pk) == 3
    assert (sold(product), wrong()) == (0, [])


def test_a_deposit_is_no_sale_yet_and_the_balance_makes_it_one(drain) -> None:
    product = make_product()
    order = pay_order(make_order(offer=offer_of(product), quantity=2, deposit_fen=100))
    drain()
    assert (sold(product), wrong()) == (0, [])
    pay_order(order)
    drain()
    assert (sold(product), wrong()) == (2, [])


def test_what_nobody_paid_for_was_never_sold(drain) -> None:
    product = make_product()
    order = make_order(offer=offer_of(product))
    assert pay_nothing(discounted(order, ("platform", order.total_fen)))
    drain()
    (voucher,) = vouchers_of(order)
    assert (voucher.state, sold(product), wrong()) == ("active", 0, [])
    refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)
    assert (sold(product), wrong()) == (0, [])


def test_an_upgrade_counts_what_an_older_release_left_standing(drain) -> None:
    product, never_sold = make_product(), make_product()
    vouchers = bought(product, 3)
    refund_voucher(owner=vouchers[0].owner, voucher_id=vouchers[0].pk)
    Product.objects.filter(pk=product.pk).update(sales_count=3)
    Product.objects.filter(pk=never_sold.pk).update(sales_count=7)
    Payment.objects.update(sales_counted=True)
    assert len(wrong()) == 2
    older = import_module("vouchers.migrations.0006_parts_back").OLD_VOUCHERS
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE vouchers_voucher ADD COLUMN payment_id bigint")
        cursor.execute(older)
        cursor.execute(import_module("orders.migrations.0003_sold_counted").RECOUNT)
        cursor.execute("ALTER TABLE vouchers_voucher DROP COLUMN payment_id")
    drain()
    assert (sold(product), sold(never_sold), wrong()) == (2, 0, [])
