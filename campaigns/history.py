"""What a business has sold: asked here, answered by the room of orders, registered from above.

``campaigns`` knows no orders; `OrdersConfig.ready` says where they are (docs/map.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple, Protocol


class Sales(NamedTuple):
    """What guests have ordered and paid at one business in a time.

    ``fitting`` are the orders with as much as a minimum of the items that count, ``fitting_fen`` what
    these items came to in them; ``first`` are the orders that were their buyer's first there.
    """

    orders: int = 0
    paid_fen: int = 0
    fitting: int = 0
    fitting_fen: int = 0
    first: int = 0


class Hours(NamedTuple):
    """Weekdays, 1 is Monday, and from which hour to which, 24 for midnight."""

    weekdays: tuple[int, ...]
    begins: int
    ends: int


class Outcome(NamedTuple):
    """What came of a campaign: paid orders that it lowered, their guests, how many were new, the money.

    ``paid_fen`` is what the lines at the campaign's business come to after all discounts.
    """

    orders: int = 0
    guests: int = 0
    new_guests: int = 0
    paid_fen: int = 0


class History(Protocol):
    """What the room with the orders knows."""

    def sales(
        self,
        *,
        merchant_id: int,
        since: dt.datetime,
        until: dt.datetime,
        minimum_fen: int,
        products: Collection[int],
        categories: Collection[int],
        hours: Hours | None,
    ) -> Sales:
        """Orders paid in a time; products and categories say which items count, none means all.

        Of ``hours`` only orders fit that were paid on these weekdays between these hours.
        """

    def weekly(
        self, *, merchant_id: int, since: dt.datetime, until: dt.datetime
    ) -> dict[dt.date, int]:
        """Paid orders per week, by its Monday; weeks without one are missing."""

    def pieces(self, *, merchant_id: int, since: dt.datetime) -> dict[int, int]:
        """Pieces sold since then, by variant."""

    def outcome(self, *, merchant_id: int, campaign_id: int) -> Outcome:
        """What came of a campaign so far."""


_registered: list[History] = []


def register_history(history: History) -> None:
    """Say who knows what was sold; the last one counts."""
    _registered[:] = [history]


def history() -> History:
    """Who knows what was sold."""
    return _registered[0]
