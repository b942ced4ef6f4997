"""What an order line comes to after refunds: the one definition (docs/money.md).

net = received − every refund of the line's vouchers, from the moment it is requested: unused
uses sent back, on the buyer's word or on expiry, and uses taken back after sales. A refund that
the gateway holds up counts as well, for the money is the buyer's already. Received is what was to
pay, once it is paid; of an order with a deposit, what has come for its vouchers: one that was sent
back or got cheaper before the balance was never paid in full.
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

from orders.models import Order, OrderLine
from payments.models import Payment
from vouchers.models import Voucher
from vouchers.outcome import rebated_of, received_of, refunded_of
from vouchers.services.sold import with_pieces_back


def sold_lines() -> QuerySet[OrderLine]:
    """What was sold and paid in full; fees are nobody's sales."""
    return OrderLine.objects.filter(order__state=Order.State.PAID, kind=OrderLine.Kind.ITEM)


def with_net(lines: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate order lines with ``received_fen``, ``refunded_fen`` and ``net_fen``."""
    vouchers = _vouchers_of_line(lambda column: OuterRef(OuterRef(column)))
    refunded = Case(
        When(_has_refunds(), then=refunded_of(vouchers, rebates=True)),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    received = Case(
        When(
            order__deposit_fen__isnull=False,
            kind=OrderLine.Kind.ITEM,
            then=received_of(_vouchers_of_line()) + rebated_of(vouchers),
        ),
        When(order__paid_at__isnull=False, then=F("payable_fen")),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    return lines.annotate(received_fen=received, refunded_fen=refunded).annotate(
        net_fen=F("received_fen") - F("refunded_fen")
    )


def with_pieces(lines: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate lines of paid orders with ``net_pieces``: the pieces sold and not given back."""
    back = with_pieces_back(_vouchers_of_line()).order_by().values(together=Value(1))
    sums = back.annotate(pieces=Sum("pieces_back", output_field=BigIntegerField()))
    given_back = Case(
        When(_has_refunds(), then=Coalesce(Subquery(sums.values("pieces")), Value(0))),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    return lines.annotate(net_pieces=F("quantity") - given_back)


def _vouchers_of_line(depth: Any = OuterRef) -> QuerySet[Voucher]:
    return Voucher.objects.filter(order_number=depth("order__number"), order_line_ref=depth("pk"))


def _has_refunds() -> Exists:
    """Of lines whose payments have no refund nothing is looked up: sums over a month stay cheap."""
    return Exists(Payment.objects.filter(reference=OuterRef("order__number"), refunded_fen__gt=0))


def whole(lines: Iterable[OrderLine]) -> list[OrderLine]:
    """The lines of an order placed this moment, with the same attributes: nothing is refunded."""
    found = list(lines)
    for line in found:
        line.refunded_fen = 0  # type: ignore[attr-defined]
        line.received_fen = line.payable_fen if line.order.paid_at else 0  # type: ignore[attr-defined]
        line.net_fen = line.received_fen  # type: ignore[attr-defined]
    return found
