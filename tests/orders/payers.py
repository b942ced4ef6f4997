"""Orders that several pay: discounts with their funders, deposits. Frozen as checkout will freeze them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import F, Sum

from insights.invariants import INVARIANTS
from orders.models import Order, OrderDiscount
from orders.pricing.rules import FeeLine
from orders.services.paid import pay_nothing
from payments.models import LedgerEntry
from tests.factories import make_order, pay_order
from vouchers.models import Voucher


def discounted(order: Order, *discounts: tuple[str, int]) -> Order:
    """The pending ``order`` with ``(funder, fen)`` taken off its first line."""
    line = order.lines.earliest("pk")
    off = sum(fen for _funder, fen in discounts)
    for number, (funder, fen) in enumerate(discounts):
        OrderDiscount.objects.create(
            line=line, layer="test", source=f"rule:{number}", funder=funder, amount_fen=fen
        )
    order.lines.filter(pk=line.pk).update(
        discount_fen=F("discount_fen") + off, payable_fen=F("payable_fen") - off
    )
    Order.objects.filter(pk=order.pk).update(total_fen=F("total_fen") - off)
    order.refresh_from_db()
    return order


def buy(*discounts: tuple[str, int], quantity: int = 1, **order: Any) -> list[Voucher]:
    """Buy with discounts and pay what is left, even if that is nothing; the vouchers."""
    placed = discounted(make_order(quantity=quantity, **order), *discounts)
    if placed.total_fen:
        pay_order(placed)
    else:
        assert pay_nothing(placed)
    return vouchers_of(placed)


def broken() -> list[tuple[Any, ...]]:
    """What breaks an invariant now, inside the test's own transaction."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            if invariant.code not in ("orders_time_out", "outbox_moves"):  # by the wall clock
                cursor.execute(invariant.sql)
                found += [(invariant.code, *row) for row in cursor.fetchall()]
    return found


def vouchers_of(order: Order) -> list[Voucher]:
    return list(Voucher.objects.filter(order_number=order.number).order_by("pk"))


def accounts(*vouchers: Voucher) -> dict[str, int]:
    """What the vouchers' entries add up to per account, "payable merchant:7"; debits positive."""
    rows = LedgerEntry.objects.filter(voucher_ref__in=[row.pk for row in vouchers]).order_by()
    sums = rows.values_list("account", "party").annotate(fen=Sum("amount_fen"))
    return {
        account if party == "platform" else f"{account} {party}": fen
        for account, party, fen in sums
        if fen
    }


def delivery(payee: str, fen: int) -> FeeLine:
    """A fee that an order is placed with."""
    return FeeLine(payee, "Delivery", "配送费", fen)


def with_fee(order: Order, payee: str, fen: int) -> Order:
    """The pending ``order`` with a fee of ``fen`` for ``payee``, beside what was taken off it since."""
    order.lines.create(
        kind="fee",
        payee=payee,
        title_en="Delivery",
        title_zh="配送费",
        quantity=1,
        list_price_fen=fen,
        unit_price_fen=fen,
        gross_fen=fen,
        payable_fen=fen,
        commission_rate=0,
    )
    Order.objects.filter(pk=order.pk).update(total_fen=F("total_fen") + fen)
    order.refresh_from_db()
    return order
