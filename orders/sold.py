"""What was sold for a store in a span of time and is still to come: what its staff will be asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from kernel.bilingual import pick
from kernel.clock import now
from orders.models import Order
from stores.models import Store
from vouchers.models import Voucher, VoucherComponent
from vouchers.selectors import TakesAt

LINES_SHOWN = 50


class SoldLine(NamedTuple):
    """One product: in how many orders, pieces still to come, what buyers paid for these."""

    product_id: int
    title: str
    kind: str
    orders: int
    pieces: int
    net_fen: int

    @property
    def is_collected(self) -> bool:
        """Whether guests come to collect it; else they come to use it."""
        return self.kind == Voucher.Kind.PICKUP


class Sold(NamedTuple):
    """What was sold from ``since`` on and before ``until``; ``lines`` are the LINES_SHOWN largest."""

    since: dt.datetime
    until: dt.datetime
    pieces: int
    to_collect: int
    net_fen: int
    lines: list[SoldLine]
    more: bool

    @property
    def to_use(self) -> int:
        """The pieces that guests come to use."""
        return self.pieces - self.to_collect


def sold_for_store(*, store: Store, since: dt.datetime, until: dt.datetime) -> Sold:
    """What was paid in the span and is still to be used or collected at this store; two queries.

    An order counts when it is paid in full. What several stores take counts at each of them: the
    guest chooses. Pieces are those that `orders.set_aside` counts of goods; a card is one until its
    last use. The amount is what buyers paid for the uses that are left, shared out as at redemption.
    """
    vouchers = _still_to_come(store, since, until).order_by()
    sums = vouchers.aggregate(
        all=Sum("pieces", default=0),
        to_collect=Sum("pieces", filter=Q(kind=Voucher.Kind.PICKUP), default=0),
        fen=Sum("left_fen", default=0),
    )
    found = (
        vouchers.values_list(
            "product_id",
            KeyTextTransform("title_en", "terms__body"),
            KeyTextTransform("title_zh", "terms__body"),
            "kind",
        )
        .annotate(
            orders=Count("order_number", distinct=True), all=Sum("pieces"), fen=Sum("left_fen")
        )
        .order_by("-fen", "product_id", "kind")[: LINES_SHOWN + 1]
    )
    rows = [
        SoldLine(product_id, pick(title_en, title_zh), *rest)
        for product_id, title_en, title_zh, *rest in found
    ]
    return Sold(
        since,
        until,
        sums["all"],
        sums["to_collect"],
        sums["fen"],
        rows[:LINES_SHOWN],
        len(rows) > LINES_SHOWN,
    )


def _still_to_come(store: Store, since: dt.datetime, until: dt.datetime) -> QuerySet[Any]:
    """Vouchers with ``pieces`` and ``left_fen``, by when their orders were paid, which has an index."""
    paid = Order.objects.filter(
        state=Order.State.PAID, paid_at__gte=since, paid_at__lt=until
    ).order_by()
    tenders = VoucherComponent.objects.filter(
        voucher=OuterRef("pk"), kind=VoucherComponent.Kind.TENDER, payment__isnull=False
    ).order_by()
    used_fen = F("amount_fen") * OuterRef("uses_used") / OuterRef("uses_total")
    sums = tenders.values("voucher").annotate(
        fen=Sum(F("amount_fen") - used_fen, output_field=BigIntegerField())
    )
    return Voucher.objects.filter(
        TakesAt(F("terms__body"), Value(store.pk)),
        order_number__in=paid.values("number"),
        merchant=store.merchant_id,
        state__in=Voucher.OPEN,
        valid_until__gt=now(),
    ).annotate(
        pieces=F("units") - F("units") * F("uses_used") / F("uses_total"),
        left_fen=Coalesce(Subquery(sums.values("fen")), Value(0), output_field=BigIntegerField()),
    )
