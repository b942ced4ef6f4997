"""Where somebody has ordered before: what a discount for a first order asks."""

from __future__ import annotations

from collections.abc import Collection

from orders.models import Order, OrderLine

COUNTED = (Order.State.PENDING, Order.State.DEPOSIT, Order.State.PAID)
"""One that waits for its payment counts, and one that was refunded: buying and sending back brings
no second first order."""


def merchants_ordered_at(
    *, buyer_id: int, merchant_ids: Collection[int], but: int | None = None
) -> set[int]:
    """The merchants, of these, at which the buyer has an order, ``but`` not that one; one statement."""
    lines = OrderLine.objects.filter(
        order__buyer=buyer_id, order__state__in=COUNTED, merchant__in=merchant_ids
    ).exclude(order=but)
    return set(lines.values_list("merchant_id", flat=True).distinct())  # type: ignore[arg-type]


def has_ordered(*, buyer_id: int, but: int | None = None) -> bool:
    """Whether the buyer has an order at any merchant, ``but`` not that one; one statement."""
    rows = Order.objects.filter(buyer=buyer_id, state__in=COUNTED)
    if but is not None:
        rows = rows.exclude(pk=but)
    return rows.exists()
