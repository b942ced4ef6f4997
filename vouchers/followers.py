"""Who follows a gift that is handed over at the counter, in the same transaction: rooms above, registered.

``vouchers`` knows no coupons; `CampaignsConfig.ready` says who keeps them (docs/map.md). What was
sold asks nobody: redeeming it costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable

from vouchers.models import Redemption

Follow = Callable[[Redemption], None]
_redeemed: list[Follow] = []
_undone: list[Follow] = []


def register_gifts(*, redeemed: Follow, undone: Follow) -> None:
    """Say who follows, told of each redemption with its voucher; called once for each, when the apps are ready."""
    _redeemed.append(redeemed)
    _undone.append(undone)


def follow_redeemed(redemption: Redemption) -> None:
    """Tell everybody who follows that a gift was handed over; the caller holds its voucher."""
    for follow in _redeemed:
        follow(redemption)


def follow_undone(redemption: Redemption) -> None:
    """Tell everybody who follows that it was taken back again; the caller holds its voucher."""
    for follow in _undone:
        follow(redemption)
