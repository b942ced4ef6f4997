"""What an order's state is called: one rule for the buyer's page, the API and the back office."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from orders.models import Order
from vouchers.models import Voucher
from vouchers.outcome import with_sent_back


class OrderState(models.TextChoices):
    """The states of an order, and what became of a paid one."""

    PENDING = "pending", Order.State.PENDING.label
    DEPOSIT = "deposit", Order.State.DEPOSIT.label
    PAID = "paid", Order.State.PAID.label
    COMPLETED = "completed", _("completed")
    REFUNDED = "refunded", pgettext_lazy("order", "refunded")
    CANCELLED = "cancelled", Order.State.CANCELLED.label
    TIMED_OUT = "timed_out", Order.State.TIMED_OUT.label


class DepositOutcome(models.TextChoices):
    """What became of a deposit whose balance was not paid in time."""

    REFUNDED = "refunded", _("went back to the buyer")
    PART_REFUNDED = "part_refunded", _("went back to the buyer in part")
    KEPT = "kept", _("stayed with the merchant")


MAY_BE_REFUNDED = (Order.State.PAID, Order.State.DEPOSIT, Order.State.CANCELLED)
"""Orders of these states that have vouchers read as refunded when all of them were sent back."""


def standing_of(order: Order, *, vouchers: int, usable: int, sent_back: int) -> OrderState:
    """The state of an order that has so many vouchers, of them so many usable and sent back; no query.

    A paid one is refunded when all of its vouchers were sent back whole (`with_sent_back`), and
    completed when none can be used any more and something was used, or expired to the merchant.
    One whose deposit is paid is refunded by the same rule, in its time, and stays so once it is closed.
    One past its time reads as not paid in time even before the sweep has closed it.
    """
    late = order.pay_before is not None and order.pay_before <= now()
    if order.state in MAY_BE_REFUNDED and vouchers and sent_back == vouchers and not late:
        return OrderState.REFUNDED
    if order.state == Order.State.PAID and vouchers and not usable:
        return OrderState.COMPLETED
    if late:
        return OrderState.TIMED_OUT
    return OrderState(order.state)


def with_standing(rows: QuerySet[Any], owner: str = "") -> QuerySet[Any]:
    """Add ``standing``, the `OrderState` of orders, or of the order that ``owner`` leads to
    ("order__"): what `standing_of` says, without a further query."""
    vouchers = Voucher.objects.filter(order_number=OuterRef(f"{owner}number"))
    usable = vouchers.with_usable().filter(is_usable=True)
    kept = with_sent_back(vouchers).filter(is_sent_back=False)
    issued = Q(**{f"{owner}state": Order.State.PAID}) & Exists(vouchers)
    had = Q(**{f"{owner}state__in": MAY_BE_REFUNDED}) & Exists(vouchers)
    late = Q(**{f"{owner}state": Order.State.PENDING, f"{owner}expires_at__lte": now()}) | Q(
        **{f"{owner}state": Order.State.DEPOSIT, f"{owner}balance_until__lte": now()}
    )
    return rows.annotate(
        standing=Case(
            When(late, then=Value(OrderState.TIMED_OUT.value)),
            When(had & ~Exists(kept), then=Value(OrderState.REFUNDED.value)),
            When(issued & ~Exists(usable), then=Value(OrderState.COMPLETED.value)),
            default=F(f"{owner}state"),
            output_field=models.CharField(),
        )
    )
