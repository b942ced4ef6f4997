"""Who follows a store that closes or opens again, in the same transaction: rooms above, registered.

``stores`` knows no goods; `CatalogConfig.ready` says who keeps their number (docs/map.md).
"""

from __future__ import annotations

from collections.abc import Callable

from stores.models import Store

_followers: list[Callable[[Store], None]] = []


def register_opening(follow: Callable[[Store], None]) -> None:
    """Say who follows; called once for each, when the apps are ready."""
    _followers.append(follow)


def follow_opening(store: Store) -> None:
    """Tell everybody who follows that ``store`` has closed or opened; in the caller's transaction."""
    for follow in _followers:
        follow(store)
