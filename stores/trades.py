"""Which trades a business may ask for: catalog's top categories, registered from above.

``stores`` knows no categories; `CatalogConfig.ready` says where they are (docs/map.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from stores.models import Merchant


class Trade(NamedTuple):
    """A trade: its slug and its name in the language of the reader."""

    slug: str
    name: str


class Trades(Protocol):
    """What the room with the categories offers."""

    def offered(self) -> list[Trade]:
        """All trades that a business can ask for."""

    def opened(self, merchant: Merchant) -> list[str]:
        """The names of the categories that are open for ``merchant``."""

    def open_for(self, merchant: Merchant, slugs: Iterable[str]) -> None:
        """Open trades, in the caller's transaction; unknown slugs are passed over."""


_registered: list[Trades] = []


def register_trades(trades: Trades) -> None:
    """Say where trades come from; the last one counts."""
    _registered[:] = [trades]


def offered_trades() -> list[Trade]:
    """All trades that a business can ask for, in the order of the shop."""
    return [trade for source in _registered for trade in source.offered()]


def opened_trades(merchant: Merchant) -> list[str]:
    """The names of what is open for ``merchant``."""
    return [name for source in _registered for name in source.opened(merchant)]


def open_trades(merchant: Merchant, slugs: Iterable[str]) -> None:
    """Let ``merchant`` sell in these trades; those it has already stay."""
    wanted = list(slugs)
    for source in _registered:
        source.open_for(merchant, wanted)
