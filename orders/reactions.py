"""What follows an order's facts; listed in o2o/reactions.py, each safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.urls import reverse

from catalog.usable import named_stores
from kernel.db.prepared import Prepared
from kernel.outbox.lanes import Happening
from kernel.watch.logs import current_request_id
from messages.audience import may_be_heard
from messages.services.gather import tell_gathered
from messages.services.notify import (
    Telling,
    notify,
    notify_each,
    tell_business_of_each,
    tell_stores,
)
from orders.messages import SALES, SALES_HERE
from orders.models import Fulfilment, Order, OrderLine
from orders.net import with_net
from payments.models import Refund
from stores.models import Store
from vouchers.models import Voucher
from vouchers.notices import collected_at_names, title_and_more
from vouchers.services.sold import count_sold

ITEMS_TOLD = 20


_orders = Prepared(lambda ids: Order.objects.filter(pk__any=ids), list[int], most=None)
_lines = Prepared(
    lambda ids: with_net(OrderLine.objects.filter(order__pk__any=ids)), list[int], most=None
)
_vouchers = Prepared(
    lambda numbers: Voucher.objects.filter(order_number__any=numbers).only(
        "order_line_ref", "valid_until", "time_zone"
    ),
    list[str],
    most=None,
)


class Sale(NamedTuple):
    """An order that was paid, as those hear of it who react; ``request_id`` is of who paid."""

    order: Order
    lines: list[Any]
    request_id: str

    @property
    def paid_at(self) -> str | None:
        return self.order.paid_at.isoformat() if self.order.paid_at else None


def _sales_of(happenings: Sequence[Happening]) -> list[Sale]:
    """What "order.paid" tells of; two queries. Raises Order.DoesNotExist."""
    requests = {one.payload["order_id"]: one.request_id for one in happenings}
    orders = {order.pk: order for order in _orders.all(list(requests))}
    if len(orders) < len(requests):
        raise Order.DoesNotExist
    lines: dict[int, list[Any]] = {order_id: [] for order_id in requests}
    for line in _lines.all(list(requests)):
        lines[line.order_id].append(line)
    return [Sale(orders[pk], lines[pk], request_id) for pk, request_id in requests.items()]


def follow_paid_order(*, order_id: int) -> None:
    """Tell the buyer and count the sales ("order.paid"), each once. Locks the payments."""
    follow_paid_orders([Happening({"order_id": order_id}, current_request_id())])


def follow_paid_orders(happenings: Sequence[Happening]) -> None:
    """As `follow_paid_order` for several orders, in as many statements as for one."""
    sales = _sales_of(happenings)
    reduced = [line for sale in sales for line in sale.lines if line.discount_fen]
    prefetch_related_objects(reduced, "discounts")
    numbers = [sale.order.number for sale in sales]
    last_days = {row.order_line_ref: row.last_day.isoformat() for row in _vouchers.all(numbers)}
    with transaction.atomic():
        count_sold(order_numbers=numbers)
        notify_each(
            kinds=["order_paid" if sale.order.total_fen else "order_free" for sale in sales],
            readers=[sale.order.buyer_id for sale in sales],
            tellings=[
                Telling(
                    {
                        "number": sale.order.number,
                        "total_fen": sum(line.received_fen for line in sale.lines),
                        "paid_at": sale.paid_at,
                        "title_en": sale.lines[0].title_en,
                        "title_zh": sale.lines[0].title_zh,
                        "items": _items(sale.lines, last_days),
                        **collected_at_names(_stores_to_collect_at(sale.lines)),
                    },
                    link=reverse("voucher_list"),
                    dedupe_key=f"order.paid:{sale.order.pk}",
                    request_id=sale.request_id,
                )
                for sale in sales
            ],
        )


def _stores_to_collect_at(lines: Sequence[OrderLine]) -> list[Store]:
    """Where pieces of an order were set aside; one query, none where they were not."""
    promised = {line.fulfilment_id for line in lines if line.fulfilment_id}
    if not promised:
        return []
    stores = Store.objects.filter(pk__in=Fulfilment.objects.filter(pk__in=promised).values("store"))
    return list(stores.order_by("pk"))


def tell_business_of_sale(*, order_id: int) -> None:
    """Tell each merchant of an order what it has sold ("order.paid"), once; and its stores, without amounts."""
    tell_businesses_of_sales([Happening({"order_id": order_id}, current_request_id())])


def tell_businesses_of_sales(happenings: Sequence[Happening]) -> None:
    """As `tell_business_of_sale` for several orders: who hears it is asked once for each merchant."""
    sold: dict[int, list[Sale]] = {}
    for sale in _sales_of(happenings):
        by_merchant: dict[int, list[Any]] = {}
        for line in sale.lines:
            if line.merchant_id is not None and line.is_item:
                by_merchant.setdefault(line.merchant_id, []).append(line)
        for merchant_id, lines in by_merchant.items():
            sold.setdefault(merchant_id, []).append(sale._replace(lines=lines))
    with transaction.atomic():
        for merchant_id, sales in sorted(sold.items()):
            tellings = [_told_of_sale(merchant_id, sale) for sale in sales]
            tell_business_of_each("sale_made", merchant_id, tellings)
            if may_be_heard(SALES_HERE, merchant_id=merchant_id):
                for sale in sales:
                    _tell_stores(sale.order.pk, merchant_id, sale.lines)


def _told_of_sale(merchant_id: int, sale: Sale) -> Telling:
    first = sale.lines[0]
    return Telling(
        {
            **title_and_more(first.title_en, first.title_zh, len(sale.lines) - 1),
            "number": sale.order.number,
            "quantity": sum(line.quantity for line in sale.lines),
            "total_fen": sum(line.received_fen for line in sale.lines),
            "paid_at": sale.paid_at,
            **collected_at_names(_stores_to_collect_at(sale.lines)),
        },
        link=reverse("admin:orders_orderline_change", args=[first.pk]),
        dedupe_key=f"sale_made:{sale.order.pk}:{merchant_id}",
        request_id=sale.request_id,
    )


def _tell_stores(order_id: int, merchant_id: int, lines: Sequence[Any]) -> None:
    """Tell who works at the stores of a sale, and hears no amounts, what was sold for them.

    Goods that are set aside concern the store where they are collected; all else the stores that
    take the product.
    """
    places = _places_of(merchant_id, lines)

    def params_for(stores: frozenset[int]) -> dict[str, Any]:
        here = [line for line in lines if places[line.pk] & stores]
        return {
            **title_and_more(here[0].title_en, here[0].title_zh, len(here) - 1),
            "quantity": sum(line.quantity for line in here),
            **collected_at_names(_stores_to_collect_at(here)),
        }

    tell_stores(
        kind="sold_here",
        merchant_id=merchant_id,
        store_ids=frozenset().union(*places.values()),
        params_for=params_for,
        dedupe_key=f"sold_here:{order_id}:{merchant_id}",
    )


def _places_of(merchant_id: int, lines: Sequence[Any]) -> dict[int, frozenset[int]]:
    """The stores that each line of one merchant concerns; three queries."""
    promised = {line.fulfilment_id for line in lines if line.fulfilment_id}
    collected = dict(Fulfilment.objects.filter(pk__in=promised).values_list("pk", "store"))
    named = named_stores({line.product_id for line in lines if line.product_id})
    every = frozenset(Store.objects.filter(merchant=merchant_id).values_list("pk", flat=True))
    return {
        line.pk: frozenset({collected[line.fulfilment_id]})
        if collected.get(line.fulfilment_id)
        else every & frozenset(named.get(line.product_id, every))
        for line in lines
    }


def tell_business_of_sales(*, merchant_id: int, until: str) -> None:
    """Tell who wants it so the sales of an hour or a day together ("sales.gathered"), once."""
    tell_gathered(
        news=SALES,
        merchant_id=merchant_id,
        until=until,
        link=reverse("admin:orders_orderline_changelist"),
        sum_up=_sum_up,
    )


def _sum_up(sales: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One message of many sales; what is not listed by itself is in the last row of its items."""
    whole = {key: sum(sale[key] for sale in sales) for key in ("quantity", "total_fen")}
    listed, others = sales[:ITEMS_TOLD], sales[ITEMS_TOLD:]
    names = ("title_en", "title_zh", "quantity", "total_fen", "collect_en", "collect_zh")
    items = [{name: sale[name] for name in names if name in sale} for sale in listed]
    if others:
        last = items.pop()
        rest = title_and_more(last["title_en"], last["title_zh"], len(others))
        amounts = {key: last[key] + sum(sale[key] for sale in others) for key in whole}
        items.append({**rest, **amounts})
    return {"sales": len(sales), **whole, "items": items}


def _items(lines: Sequence[OrderLine], last_days: Mapping[int | None, str]) -> list[dict[str, Any]]:
    """What was bought and taken off, for the e-mail.

    Never a code, which is shown to its owner alone, nor who bears a discount.
    """
    items = [
        {
            "title_en": line.title_en,
            "title_zh": line.title_zh,
            "quantity": line.quantity if line.is_item else "",
            "total_fen": line.gross_fen,
            "until_on": last_days.get(line.pk, ""),
        }
        for line in lines[:ITEMS_TOLD]
    ]
    taken_off: dict[str, dict[str, Any]] = {}
    reduced = [line for line in lines if line.discount_fen]
    for part in (part for line in reduced for part in line.discounts.all()):
        row = taken_off.setdefault(
            part.source,
            {"title_en": part.label_en, "title_zh": part.label_zh, "quantity": "", "total_fen": 0},
        )
        row["total_fen"] -= part.amount_fen
    return [*items, *taken_off.values()]


def tell_late_refund(*, refund_id: int) -> None:
    """Tell the payer that late or double money is back ("refund.succeeded"); else do nothing."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.reason != Refund.Reason.LATE_PAYMENT:
        return
    payment = refund.payment
    notify(
        user_id=payment.payer_id,
        kind="late_payment_refunded",
        params={"number": payment.reference, "amount_fen": refund.amount_fen},
        link=reverse("order_detail", args=[payment.reference]),
        dedupe_key=f"refund.late:{refund.pk}",
    )
