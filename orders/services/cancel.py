"""Close unpaid orders, by their buyer or by the clock, and give their stock back."""

from __future__ import annotations

from django.db import transaction

from catalog.services.stock import give_back_stock
from kernel.clock import now
from kernel.watch.sweeps import sweep
from members.models import User
from orders.access import access_order_for_buyer
from orders.errors import DepositPaid, OrderAlreadyPaid, OrderClosed
from orders.models import Order, OrderLine
from orders.services.coupons import give_back_discounts
from orders.services.places import places_given_up
from orders.services.tenders import is_due, keeps_vouchers, lines_of, take_fees_off
from orders.services.trail import tell_paid
from payments.models import Payment
from payments.services.payments import close_payments
from vouchers.models import Voucher
from vouchers.services.money_back import lock_vouchers


def cancel_order(*, buyer: User, number: str) -> Order:
    """Cancel the buyer's unpaid order and give its stock back; cancelling twice is harmless.

    Locks: order, then its payments (closed, with an outbox row each so that a worker closes
    them at the gateway), stock, offers, offer purchases, coupons, budgets. Money that still arrives is a late
    payment and is refunded automatically. Raises NotFound, OrderAlreadyPaid, DepositPaid, OrderClosed (the
    order had timed out).
    """
    with transaction.atomic():
        order = access_order_for_buyer(user=buyer, number=number, lock=True)
        if order.state == Order.State.CANCELLED:
            return order
        require_pending(order)
        close_pending(order, Order.State.CANCELLED)
    return order


def require_pending(order: Order) -> None:
    """Raise OrderAlreadyPaid, DepositPaid or OrderClosed unless the order waits for its payment."""
    if order.state == Order.State.DEPOSIT:
        raise DepositPaid(state=order.state)
    if order.state == Order.State.PAID:
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
        close_pending(order, Order.State.TIMED_OUT)
    return True


def end_balance(*, order_id: int) -> bool:
    """Close an order whose balance was not paid in time; False when there is nothing to do.

    Where rebates have left nothing to pay on a voucher, the order is paid ("order.paid"
    {order_id}); its fees, which come with the balance, are taken off.

    Locks: order, payments of it, vouchers of it. Those that are held until then expire by themselves at
    the same moment: their terms say whether the deposit goes back or is the merchant's.
    """
    with transaction.atomic():
        order = (
            Order.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=order_id, state=Order.State.DEPOSIT, balance_until__lte=now())
            .first()
        )
        if order is None:
            return False
        close_payments(reference=order.number)
        # A rebate of this very moment makes one usable: whoever holds it is waited for.
        lock_vouchers(
            Voucher.objects.filter(order_number=order.number).values_list("pk", flat=True)
        )
        if keeps_vouchers(order):
            take_fees_off(order)
            _end_deposit(order)
        else:
            Order.objects.filter(pk=order.pk, state=Order.State.DEPOSIT).update(
                state=Order.State.TIMED_OUT, closed_at=now()
            )
    return True


def finish_deposit(*, voucher_id: int) -> bool:
    """The order of a voucher that became usable without its balance is paid, if nothing is due any more.

    Handler of "voucher.opened": a rebate can take off all that was still to pay. Locks: order,
    payments of it. Safe to repeat; outbox "order.paid" {order_id}.
    """
    number = Voucher.objects.filter(pk=voucher_id).values_list("order_number", flat=True).first()
    return _finish(number or "")


def finish_sent_back(*, refund_id: int) -> bool:
    """An order whose deposit is paid is over when a refund has left nothing to pay.

    Handler of "refund.requested". What can be used of it makes it paid ("order.paid" {order_id});
    where all was sent back it is cancelled, and reads as refunded. Locks: order, payments of it.
    Safe to repeat.
    """
    number = Payment.objects.filter(refunds=refund_id).values_list("reference", flat=True).first()
    return _finish(number or "")


def _finish(number: str) -> bool:
    """Close the order of that number if its deposit is paid and nothing is due any more."""
    waiting = Order.objects.filter(number=number, state=Order.State.DEPOSIT)
    with transaction.atomic():
        order = waiting.select_for_update(of=("self",), no_key=True).first()
        if order is None or is_due(order):
            return False
        vouchers = Voucher.objects.filter(order_number=order.number)
        keeps = keeps_vouchers(order)
        late = order.pay_before is None or order.pay_before <= now()
        if not keeps and (late or vouchers.exclude(state__in=Voucher.SENT_BACK).exists()):
            return False  # not paid in time: the sweep closes the order (`end_balance`)
        close_payments(reference=order.number)
        if keeps:
            _end_deposit(order)
        else:
            Order.objects.filter(pk=order.pk, state=Order.State.DEPOSIT).update(
                state=Order.State.CANCELLED, closed_at=now()
            )
    return True


def _end_deposit(order: Order) -> None:
    """The locked order waits for no balance any more."""
    Order.objects.filter(pk=order.pk, state=Order.State.DEPOSIT).update(
        state=Order.State.PAID, paid_at=now()
    )
    tell_paid(order_id=order.pk, lines=lines_of(order))


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


def close_pending(order: Order, state: Order.State) -> None:
    """Move a locked pending order to a closed ``state``, in the caller's transaction."""
    moment = now()
    moved = Order.objects.filter(pk=order.pk, state=Order.State.PENDING).update(
        state=state, closed_at=moment
    )
    if not moved:
        raise OrderClosed(state=order.state)
    order.state, order.closed_at = state, moment
    close_payments(reference=order.number)
    found = order.lines.filter(kind=OrderLine.Kind.ITEM)  # fees have no offer
    items = list(found.select_related("fulfilment"))
    give_back_stock(
        buyer_id=order.buyer_id, returned=places_given_up(items), reference=order.number
    )
    give_back_discounts(order, items)
