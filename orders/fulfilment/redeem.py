"""Used in store: the voucher is all that is promised, and it is used wherever its terms say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.services.stock import Wanted
from orders.fulfilment.base import Piece, Planned, back
from orders.models import Fulfilment, Order


class Redeem:
    code = Fulfilment.Method.REDEEM.value

    def plan(self, pieces: Sequence[Piece], *, strict: bool) -> Planned:
        """No place is promised."""
        return Planned(self.code, {})

    def commit(
        self, order: Order, planned: Planned, pieces: Sequence[Piece]
    ) -> dict[int, Fulfilment]:
        """Nothing to write: what became of it is read off the vouchers (orders/parts.py)."""
        return {}

    def cancel(self, lines: Sequence[Any]) -> list[Wanted]:
        """They go back to the one number of the web."""
        return [back(line, None) for line in lines]
