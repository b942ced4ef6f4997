"""What follows an order's facts; listed in o2o/reactions.py, each safe to repeat."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.urls import reverse

from catalog.services.products import add_sales
from members.services.notify import notify
from orders.models import Order
from payments.models import Refund


def follow_paid_order(*, order_id: int) -> None:
    """Tell the buyer and count the sales ("order.paid").

    One transaction; the message's dedupe key is what makes the count happen once.
    """
    order = Order.objects.get(pk=order_id)
    lines = list(order.lines.all())
    with transaction.atomic():
        told = notify(
            user_id=order.buyer_id,
            kind="order_paid",
            params={
                "number": order.number,
                "total_fen": order.total_fen,
                "title_en": lines[0].title_en,
                "title_zh": lines[0].title_zh,
            },
            link=reverse("voucher_list"),
            dedupe_key=f"order.paid:{order.pk}",
        )
        if told is None:
            return
        sold: Counter[int] = Counter()
        for line in lines:
            sold[line.product_id] += line.quantity
        for product_id, quantity in sorted(sold.items()):
            add_sales(product_id=product_id, quantity=quantity)


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
