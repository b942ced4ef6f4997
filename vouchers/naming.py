"""Names of vouchers and redemptions in the back office: never a bare number."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from kernel.http.templatetags.fmt import datetime_local
from payments.subjects import REBATE, REDEMPTION, REFUND, RETURN, VOUCHER, register_namer
from vouchers.models import Rebate, Redemption, RefundPart, Voucher, VoucherReturn


def name_voucher(voucher: Voucher) -> str:
    """What was sold and the end of its code: "Flat White •••• 4210"."""
    return f"{voucher.title} {voucher}"


def name_redemption(redemption: Redemption) -> str:
    """The voucher, where it was redeemed and when, in the store's time."""
    store = redemption.store
    at = datetime_local(redemption.occurred_at, store.time_zone)
    return f"{redemption} · {store.name} · {at}"


def _voucher_names(ids: Collection[int]) -> dict[int, str]:
    rows = Voucher.objects.select_related("terms").in_bulk(list(ids))
    return {pk: name_voucher(row) for pk, row in rows.items()}


def _redemption_names(ids: Collection[int]) -> dict[int, str]:
    rows = Redemption.objects.select_related("voucher__terms", "store").in_bulk(list(ids))
    return {pk: name_redemption(row) for pk, row in rows.items()}


def _refund_names(ids: Collection[int]) -> dict[int, str]:
    """A refund by the vouchers that it gives money back for."""
    rows = RefundPart.objects.filter(refund__in=ids).select_related("voucher__terms")
    return _joined((row.refund_id, row.voucher) for row in rows.order_by("voucher_id"))


def _return_names(ids: Collection[int]) -> dict[int, str]:
    rows = VoucherReturn.objects.filter(pk__in=ids)
    return {
        row.pk: name_redemption(row.redemption)
        for row in rows.select_related("redemption__voucher__terms", "redemption__store")
    }


def _rebate_names(ids: Collection[int]) -> dict[int, str]:
    rows = Rebate.objects.filter(pk__in=ids).select_related("component__voucher__terms")
    return _joined((row.pk, row.component.voucher) for row in rows)


def _joined(pairs: Iterable[tuple[int, Voucher]]) -> dict[int, str]:
    """Each id with its vouchers' names, every one once."""
    names: dict[int, dict[str, None]] = {}
    for pk, voucher in pairs:
        names.setdefault(pk, {})[name_voucher(voucher)] = None
    return {pk: ", ".join(own) for pk, own in names.items()}


def register_names() -> None:
    """Tell the books how to call what they know by number only."""
    register_namer(REFUND, _refund_names)
    register_namer(RETURN, _return_names)
    register_namer(REBATE, _rebate_names)
    register_namer(VOUCHER, _voucher_names)
    register_namer(REDEMPTION, _redemption_names)
