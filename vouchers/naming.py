"""Names of vouchers and redemptions in the back office: never a bare number."""

from __future__ import annotations

from collections.abc import Collection

from kernel.http.templatetags.fmt import datetime_local
from payments.subjects import REDEMPTION, VOUCHER, register_namer
from vouchers.models import Redemption, Voucher


def name_voucher(voucher: Voucher) -> str:
    """What was sold and the end of its code: "Flat White •••• 4210"."""
    return f"{voucher.title} {voucher}"


def name_redemption(redemption: Redemption) -> str:
    """The voucher, where it was redeemed and when, in the store's time."""
    store = redemption.store
    at = datetime_local(redemption.redeemed_at, store.time_zone)
    return f"{redemption} · {store.name} · {at}"


def _voucher_names(ids: Collection[int]) -> dict[int, str]:
    rows = Voucher.objects.select_related("terms").in_bulk(list(ids))
    return {pk: name_voucher(row) for pk, row in rows.items()}


def _redemption_names(ids: Collection[int]) -> dict[int, str]:
    rows = Redemption.objects.select_related("voucher__terms", "store").in_bulk(list(ids))
    return {pk: name_redemption(row) for pk, row in rows.items()}


def register_names() -> None:
    """Tell the books how to call what they know by number only."""
    register_namer(VOUCHER, _voucher_names)
    register_namer(REDEMPTION, _redemption_names)
