"""What an order leaves behind for those who ask whence guests come, and how far they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kernel.db.prepared import insert_rows
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import Trace
from kernel.outbox.services import publish
from orders.models import Order, OrderLine, OrderSource
from stores.codes.sources import Source, sources_of


def freeze_sources(order: Order, lines: Sequence[OrderLine], *, trace: Trace) -> None:
    """Write whence each merchant's part of an order comes, and that its items were ordered.

    Runs in the transaction that places it. One statement for the facts; two more where a code was followed
    by somebody of whom anything is known.
    """
    items = [line for line in lines if line.is_item]
    merchants = {line.merchant_id for line in items if line.merchant_id}
    sources = sources_of(trace=trace, merchant_ids=merchants, moment=order.created_at)
    if sources:
        insert_rows([_row(order, key, source) for key, source in sorted(sources.items())])
    record(
        Kind.CHECKOUT,
        [_ordered(line, sources.get(line.merchant_id or 0)) for line in items],
        trace=trace,
    )


def tell_paid(*, order_id: int, lines: Iterable[OrderLine]) -> None:
    """Say that an order is paid, in the transaction that makes it so: a fact of each of its items, and
    outbox "order.paid" {order_id}. Two statements.
    """
    record(
        Kind.PAID,
        [_bought(line) for line in lines if line.is_item],
    )
    publish("order.paid", order_id=order_id)


def _row(order: Order, merchant_id: int, source: Source) -> OrderSource:
    return OrderSource(
        order=order,
        merchant_id=merchant_id,
        first_id=source.first.code_id,
        last_id=source.last.code_id,
        store_id=source.store_id,
        first_at=source.first.at,
        last_at=source.last.at,
    )


def _ordered(line: OrderLine, source: Source | None) -> About:
    return About(
        key=str(line.pk),
        merchant_id=line.merchant_id,
        store_id=source.store_id if source else None,
        product_id=line.product_id,
        code_id=source.last.code_id if source else None,
        campaign=source.last.campaign if source else "",
        number=line.quantity,
    )


def _bought(line: OrderLine) -> About:
    return About(
        key=str(line.pk),
        merchant_id=line.merchant_id,
        product_id=line.product_id,
        number=line.quantity,
        follows=f"{Kind.CHECKOUT.value}:{line.pk}",
    )
