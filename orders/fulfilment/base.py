"""What a way of handing over does, and the registry of those that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from catalog.models import Offer
from catalog.services.stock import Wanted
from orders.models import Fulfilment, Order


class Piece(NamedTuple):
    """So many pieces of an offer that is bought.

    ``store_id`` is the store that the buyer chose for it (None: none), ``any_store`` the one that
    the whole order is wanted from, where that takes it.
    """

    offer: Offer
    quantity: int
    store_id: int | None = None
    any_store: int | None = None


class Planned(NamedTuple):
    """What a method will hand over: the store of each variant that it promises one for."""

    method: str
    stores: Mapping[int, int]


class Method(Protocol):
    """A way of handing over."""

    code: str

    def plan(self, pieces: Sequence[Piece], *, strict: bool) -> Planned:
        """Say where ``pieces`` are handed over; refuse what cannot be. Writes and locks nothing.

        Not ``strict``: who has chosen no store yet is not refused.
        """

    def commit(
        self, order: Order, planned: Planned, pieces: Sequence[Piece]
    ) -> dict[int, Fulfilment]:
        """Write what was promised, in the transaction of the order: by variant, none without a promise."""

    def cancel(self, lines: Sequence[Any]) -> list[Wanted]:
        """Say where the pieces of these lines, which are its own, go back when the order comes to nothing.

        The caller writes it for the whole order, whose stock is locked in one sequence.
        """


def back(line: Any, store_id: int | None) -> Wanted:
    """The pieces of an order's line, on their way back to a store, or to the one number."""
    return Wanted(line.offer_id, line.variant_id, line.quantity, store_id)


_methods: dict[str, Method] = {}


def register_method(method: Method) -> None:
    """Add a way of handing over; called once for each, when the apps are ready."""
    _methods[method.code] = method


def all_methods() -> tuple[Method, ...]:
    """Those that there are, as they were registered."""
    return tuple(_methods.values())
