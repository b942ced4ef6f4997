"""Order what stands in the basket, exactly as the buyer saw it."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from kernel.facts.traces import NOBODY, Trace
from members.models import User
from orders.errors import BasketChanged
from orders.models import Basket, Order
from orders.pricing.digest import read_digest
from orders.pricing.rules import Ask
from orders.services.basket import take_out
from orders.services.pay import begin_payment
from orders.services.place import place_order
from orders.services.quotes import NO_STORES
from orders.services.rules import SHOP
from payments.models import Payment


def check_out(
    *,
    buyer: User,
    basket: Basket,
    seen: str,
    gateway: str,
    stores: Mapping[int, int] = NO_STORES,
    coupons: tuple[int, ...] | None = None,
    trace: Trace = NOBODY,
) -> tuple[Order, Payment | None]:
    """Place an order of what the buyer saw, take it out of the basket, and prepare its payment.

    One transaction; the caller opens the payment at its gateway afterwards
    (orders.services.pay.open_payment). ``seen`` is the digest of the page that the buyer
    confirmed: its lines are ordered, at its prices, from the ``stores`` and with the ``coupons`` that it
    named (None: the best ones); what was added since stays in the basket.
    No payment comes back for an order that came to nothing.

    Raises BasketChanged when the basket no longer holds these lines, also when another tab
    ordered them a moment ago: they are taken out by compare-and-set, so only one of any number
    of tabs orders. Raises also what `place_order` (QuoteChanged for a price) and `begin_payment`
    raise. Locks as they do, and the basket last.
    """
    lines = _seen_lines(seen)
    with transaction.atomic():
        order = place_order(
            buyer=buyer,
            lines=lines,
            limits=SHOP,
            ask=Ask(coupons=coupons),
            seen=seen,
            stores=stores,
            trace=trace,
        )
        payment = begin_payment(order=order, gateway=gateway) if order.total_fen else None
        take_out(basket=basket, bought=lines)
    return order, payment


def _seen_lines(seen: str) -> list[tuple[int, int]]:
    try:
        return [(int(line.key), line.quantity) for line in read_digest(seen)]
    except ValueError:  # the form of an older page
        raise BasketChanged from None
