"""Close unpaid orders, by their buyer or by the clock, and give their stock back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.services.stock import Wanted, give_back_stock
from kernel.clock import now
from kernel.watch.sweeps import sweep
from members.models import User
from orders.access import access_order_for_buyer
from orders.errors import OrderAlreadyPaid, OrderClosed
from orders.models import Order, OrderLine
from payments.services.payments import close_payments
from vouchers.models import Voucher


def cancel_order(*, buyer: User, number: str) -> Order:
    """Cancel the buyer's unpaid order and give its stock back; cancelling twice is harmless.

    Locks: order, then its payments (closed, with an outbox row each so that a worker closes
    them at the gateway), stock, offers, offer purchases. Money that still arrives is a late
    payment and is refunded automatically. Raises NotFound, OrderAlreadyPaid, OrderClosed (the
    order had timed out).
    """
    with transaction.atomic():
        order = access_order_for_buyer(user=buyer, number=number, lock=True)
        if order.state == Order.State.CANCELLED:
            return order
        require_pending(order)
        _close(order, Order.State.CANCELLED)
    return order


def require_pending(order: Order) -> None:
    """Raise OrderAlreadyPaid or OrderClosed unless the order waits for its payment."""
    if order.state in (Order.State.PAID, Order.State.DEPOSIT):
        raise OrderAlreadyPaid(state=order.state)
    if order.state != Order.State.PENDING:
        raise OrderClosed(state=order.state)


def time_out_order(*, order_id: int) -> bool:
    """Close an order whose time to pay is over; False when there is nothing to do.

    Locks and writes as `cancel_order`. Safe to run twice and beside a payment.
    """
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=order_id, state=Order.State.PENDING, expires_at__lte=now())
            .first()
        )
        if order is None:
            return False
        _close(order, Order.State.TIMED_OUT)
    return True


def end_balance(*, order_id: int) -> bool:
    """Close an order whose balance was not paid in time; False when there is nothing to do.

    Where rebates have left nothing to pay on a voucher, the order is paid.

    Locks: order, payments of it. Its vouchers, held until then, expire by themselves at the same
    moment: their terms say whether the deposit goes back or is the merchant's.
    """
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=order_id, state=Order.State.DEPOSIT, balance_until__lte=now())
            .first()
        )
        if order is None:
            return False
        usable = (Voucher.State.ACTIVE, Voucher.State.USED)
        if Voucher.objects.filter(order_number=order.number, state__in=usable).exists():
            changed: dict[str, Any] = {"state": Order.State.PAID, "paid_at": now()}
        else:
            changed = {"state": Order.State.TIMED_OUT, "closed_at": now()}
        Order.objects.filter(pk=order.pk, state=Order.State.DEPOSIT).update(**changed)
        close_payments(reference=order.number)
    return True


def end_balances_due(limit: int = 10_000) -> int:
    """Close at most ``limit`` orders whose balance is overdue, oldest first; return how many."""
    return sum(
        sweep(
            Order.objects.filter(state=Order.State.DEPOSIT, balance_until__lte=now()),
            lambda order_id: end_balance(order_id=order_id),
            by="balance_until",
            kind="orders.time_out",
            noun="order",
            limit=limit,
        )
    )


def time_out_due(limit: int = 10_000) -> int:
    """Time out at most ``limit`` overdue orders, oldest first; return how many.

    Each has its own transaction: one that fails is reported and tried again next time.
    """
    return sum(
        sweep(
            Order.objects.filter(state=Order.State.PENDING, expires_at__lte=now()),
            lambda order_id: time_out_order(order_id=order_id),
            by="expires_at",
            kind="orders.time_out",
            noun="order",
            limit=limit,
        )
    )


def _close(order: Order, state: Order.State) -> None:
    """Move a locked pending order to a closed ``state``, in the caller's transaction."""
    moment = now()
    moved = Order.objects.filter(pk=order.pk, state=Order.State.PENDING).update(
        state=state, closed_at=moment
    )
    if not moved:
        raise OrderClosed(state=order.state)
    order.state, order.closed_at = state, moment
    close_payments(reference=order.number)
    items: Any = order.lines.filter(kind=OrderLine.Kind.ITEM)  # fees have no offer
    give_back_stock(
        buyer_id=order.buyer_id,
        returned=[
            Wanted(offer_id=line.offer_id, variant_id=line.variant_id, quantity=line.quantity)
            for line in items
        ],
    )
