"""What follows an order's facts; listed in o2o/reactions.py, each safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from members.services.notify import notify
from orders.models import Order, OrderLine
from payments.models import Refund
from vouchers.models import Voucher
from vouchers.services.refund import lock_payment
from vouchers.services.sold import count_sold

ITEMS_TOLD = 20


def follow_paid_order(*, order_id: int) -> None:
    """Tell the buyer and count the sales ("order.paid"), each once. Locks the payment."""
    order = Order.objects.get(pk=order_id)
    lines = list(order.lines.filter(kind=OrderLine.Kind.ITEM))
    with transaction.atomic():
        if order.payment_id is not None:
            lock_payment(order.payment_id)
            count_sold(payment_id=order.payment_id)
        notify(
            user_id=order.buyer_id,
            kind="order_paid",
            params={
                "number": order.number,
                "total_fen": order.total_fen,
                "paid_at": order.paid_at.isoformat() if order.paid_at else None,
                "title_en": lines[0].title_en,
                "title_zh": lines[0].title_zh,
                "items": _items(order, lines),
            },
            link=reverse("voucher_list"),
            dedupe_key=f"order.paid:{order.pk}",
        )


def _items(order: Order, lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    """What was bought, for the e-mail: never a code, which is shown to its owner alone."""
    last_days = {
        voucher.order_line_ref: voucher.last_day.isoformat()
        for voucher in Voucher.objects.filter(order_number=order.number).only(
            "order_line_ref", "valid_until", "time_zone"
        )
    }
    return [
        {
            "title_en": line.title_en,
            "title_zh": line.title_zh,
            "quantity": line.quantity,
            "total_fen": line.payable_fen,
            "until_on": last_days.get(line.pk, ""),
        }
        for line in lines[:ITEMS_TOLD]
    ]


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
