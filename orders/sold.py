"""What was sold for a store in a span of time: what its staff can expect to be asked for."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet, Sum, Value

from catalog.models import Product
from kernel.bilingual import pick
from orders.models import OrderLine
from orders.net import sold_lines, with_net, with_pieces
from stores.models import Store
from vouchers.selectors import TakesAt

LINES_SHOWN = 50


class SoldLine(NamedTuple):
    """One product: in how many orders, pieces sold and not given back, what buyers pay after refunds."""

    product_id: int
    title: str
    kind: str
    orders: int
    pieces: int
    net_fen: int

    @property
    def is_collected(self) -> bool:
        """Whether guests come to collect it; else they come to use it."""
        return self.kind == Product.Kind.GOODS


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
    """What was paid in the span of what this store hands over, after refunds; two queries.

    An order counts when it is paid in full. What several stores take counts at each of them: the
    guest chooses. The amounts are those of `orders.net`, which the ledger's audit proves.
    """
    lines = with_pieces(with_net(_lines_for(store, since, until))).order_by()
    sums = lines.aggregate(
        pieces=Sum("net_pieces", default=0),
        to_collect=Sum("net_pieces", filter=Q(product__kind=Product.Kind.GOODS), default=0),
        fen=Sum("net_fen", default=0),
    )
    found = (
        lines.values_list("product_id", "title_en", "title_zh", "product__kind")
        .annotate(
            orders=Count("order", distinct=True, filter=Q(net_pieces__gt=0)),
            pieces=Sum("net_pieces"),
            fen=Sum("net_fen"),
        )
        .filter(pieces__gt=0)
        .order_by("-fen", "product_id", "title_en")[: LINES_SHOWN + 1]
    )
    rows = [
        SoldLine(product_id, pick(title_en, title_zh), *rest)
        for product_id, title_en, title_zh, *rest in found
    ]
    return Sold(
        since,
        until,
        sums["pieces"],
        sums["to_collect"],
        sums["fen"],
        rows[:LINES_SHOWN],
        len(rows) > LINES_SHOWN,
    )


def _lines_for(store: Store, since: dt.datetime, until: dt.datetime) -> QuerySet[OrderLine]:
    """By when they were paid, which has an index: few were, however long the merchant sells."""
    return sold_lines().filter(
        TakesAt(F("terms__body"), Value(store.pk)),
        merchant=store.merchant_id,
        order__paid_at__gte=since,
        order__paid_at__lt=until,
    )
