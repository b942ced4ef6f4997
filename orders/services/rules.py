"""How much one order may hold, checked in one place for pages, API and imports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from catalog.models import Offer, Product
from kernel.bounds import MAX_PIECES
from kernel.money import MAX_AMOUNT_FEN
from orders.errors import AmountTooLarge, EmptyOrder, QuantityOutOfRange, TooManyLines
from orders.refusals import explain


class Limits(NamedTuple):
    """The most lines of an order, pieces of a line, and pieces of a line of goods."""

    lines: int
    quantity: int
    goods_quantity: int


SHOP = Limits(lines=50, quantity=MAX_PIECES, goods_quantity=MAX_PIECES)
"""People at pages and integrators at the API."""

BULK = Limits(lines=2000, quantity=MAX_PIECES, goods_quantity=100_000)
"""Trusted callers inside the house: imports that replay a wholesaler's invoices."""


def sum_up(lines: Iterable[tuple[int, int]], *, limits: Limits) -> dict[int, int]:
    """Return offer id → quantity, equal offers added up, offers ascending.

    Raises EmptyOrder, TooManyLines, QuantityOutOfRange (below one).
    """
    wanted: dict[int, int] = {}
    for offer_id, quantity in lines:
        if quantity < 1:
            raise QuantityOutOfRange(offer=offer_id, limit=limits.quantity)
        wanted[offer_id] = wanted.get(offer_id, 0) + quantity
    if not wanted:
        raise EmptyOrder
    if len(wanted) > limits.lines:
        raise TooManyLines(limit=limits.lines)
    return dict(sorted(wanted.items()))


def check_quantity(offer: Offer, quantity: int, *, limits: Limits) -> None:
    """Raise QuantityOutOfRange when one order cannot take ``quantity`` of ``offer``."""
    goods = offer.product.kind == Product.Kind.GOODS
    limit = limits.goods_quantity if goods else limits.quantity
    if not 1 <= quantity <= limit:
        refusal = QuantityOutOfRange(offer=offer.pk, limit=limit)
        raise QuantityOutOfRange(explain(refusal, offer.product.title), **refusal.extra)


def check_total(total_fen: int) -> None:
    """Raise AmountTooLarge above money.MAX_AMOUNT_FEN."""
    if total_fen > MAX_AMOUNT_FEN:
        raise AmountTooLarge(limit_fen=MAX_AMOUNT_FEN)
