"""What an order line comes to after refunds: the one definition (docs/money.md).

net = payable − every refund of the line's vouchers, from the moment it is requested: unused
uses sent back, on the buyer's word or on expiry, and uses taken back after sales. A refund that
the gateway holds up counts as well, for the money is the buyer's already. An order that was never
paid in full (it waits, was cancelled, ran out) comes to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from orders.models import OrderLine
from payments.models import Payment
from vouchers.models import RefundPart, Voucher


def with_net(lines: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate order lines with ``refunded_fen`` and ``net_fen``.

    Lines whose payments have no refund are not looked up, so that sums over a month stay cheap.
    """
    vouchers = Voucher.objects.filter(
        order_number=OuterRef(OuterRef("order__number")), order_line_ref=OuterRef(OuterRef("pk"))
    )
    refunds = (
        RefundPart.objects.filter(voucher__in=vouchers.order_by().values("pk"))
        .order_by()
        .values(together=Value(1))
        .annotate(amount=Sum("amount_fen", output_field=BigIntegerField()))
        .values("amount")
    )
    given_back = Payment.objects.filter(reference=OuterRef("order__number"), refunded_fen__gt=0)
    refunded = Case(
        When(Exists(given_back), then=Coalesce(Subquery(refunds), Value(0))),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    net = Case(
        When(order__paid_at__isnull=False, then=F("payable_fen") - refunded),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    return lines.annotate(refunded_fen=refunded, net_fen=net)


def whole(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines of an order placed this moment, with the same attributes: nothing is refunded."""
    found = list(lines)
    for line in found:
        line.refunded_fen = 0  # type: ignore[attr-defined]
        line.net_fen = line.payable_fen if line.order.paid_at else 0  # type: ignore[attr-defined]
    return found
