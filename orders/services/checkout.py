"""Order what stands in the basket, exactly as the buyer saw it."""

from __future__ import annotations

from django.db import transaction

from members.models import User
from orders.basket_view import basket_view
from orders.errors import BasketChanged
from orders.models import Basket, Order
from orders.services.basket import take_out
from orders.services.pay import prepare_payment
from orders.services.place import place_order
from orders.services.rules import SHOP
from payments.models import Payment


def check_out(
    *, buyer: User, basket: Basket, seen: str, gateway: str, only: int | None = None
) -> tuple[Order, Payment]:
    """Place an order of the basket's buyable lines, empty them out, and prepare its payment.

    One transaction; the caller opens the payment at its gateway afterwards
    (orders.services.pay.open_payment). ``seen`` is `BasketView.seen` of the page that the
    buyer confirmed; ``only`` is the one offer of "buy now". Raises BasketChanged when a price, a
    quantity or a line has changed since, also when another tab ordered the same basket a moment
    ago: its lines are taken out by compare-and-set, so only one of any number of tabs orders.
    Raises also what `place_order` and `prepare_payment` raise. Locks as they do, and the
    basket last.
    """
    view = basket_view(basket, only=only)
    if view.seen != seen:
        raise BasketChanged
    lines = [(line.offer.pk, line.quantity) for line in view.buyable]
    with transaction.atomic():
        order = place_order(buyer=buyer, lines=lines, limits=SHOP)
        if order.total_fen != view.total_fen:
            raise BasketChanged
        payment = prepare_payment(buyer=buyer, number=order.number, gateway=gateway)
        take_out(basket=basket, bought=lines)
    return order, payment
