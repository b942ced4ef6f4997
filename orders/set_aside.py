"""What stores keep for guests: pieces of orders that wait for payment, and those that are paid and not collected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.db.models import F, Sum

from orders.models import Fulfilment, Order, OrderLine
from vouchers.models import Voucher


def pieces_set_aside(variant_ids: Collection[int]) -> Counter[tuple[int, int]]:
    """By variant and store; two statements.

    Of a paid order its vouchers say how many are left, of one that waits for payment its lines do.
    """
    waiting = (
        Voucher.objects.filter(
            variant__in=variant_ids,
            kind=Voucher.Kind.PICKUP,
            state__in=Voucher.OPEN,
            terms__body__collect_at__isnull=False,
        )
        .order_by()
        .values_list("variant_id", "terms__body__collect_at")
        .annotate(pieces=Sum(F("uses_total") - F("uses_used")))
    )
    unpaid = (
        OrderLine.objects.filter(
            order__state=Order.State.PENDING,
            variant__in=variant_ids,
            fulfilment__method=Fulfilment.Method.PICKUP,
        )
        .order_by()
        .values_list("variant_id", "fulfilment__store_id")
        .annotate(pieces=Sum("quantity"))
    )
    found: Counter[tuple[int, int]] = Counter()
    for variant_id, store_id, pieces in [*waiting, *unpaid]:
        found[variant_id, int(store_id)] += pieces
    return found
