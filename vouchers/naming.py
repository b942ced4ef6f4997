"""Vouchers and redemptions in the books of the back office: their names, their pages, how they are found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from kernel.http.templatetags.fmt import datetime_local
from payments.ledger_search import register_voucher_finder
from payments.subjects import REBATE, REDEMPTION, REFUND, RETURN, VOUCHER, Named, register_namer
from vouchers.access import find_by_code
from vouchers.codes import CODE_LENGTH, typed_digits
from vouchers.models import Rebate, Redemption, RefundPart, Voucher, VoucherReturn


def name_voucher(voucher: Voucher) -> str:
    """What was sold and the end of its code: "Flat White •••• 4210"."""
    return f"{voucher.title} {voucher}"


def name_redemption(redemption: Redemption) -> str:
    """The voucher, where it was redeemed and when, in the store's time."""
    store = redemption.store
    at = datetime_local(redemption.occurred_at, store.time_zone)
    return f"{redemption} · {store.name} · {at}"


def _of_voucher(voucher: Voucher) -> Named:
    return Named(name_voucher(voucher), "vouchers_voucher", voucher.pk)


def _of_redemption(redemption: Redemption) -> Named:
    return Named(name_redemption(redemption), "vouchers_redemption", redemption.pk)


def _voucher_names(ids: Collection[int]) -> dict[int, Named]:
    rows = Voucher.objects.select_related("terms").in_bulk(list(ids))
    return {pk: _of_voucher(row) for pk, row in rows.items()}


def _redemption_names(ids: Collection[int]) -> dict[int, Named]:
    rows = Redemption.objects.select_related("voucher__terms", "store").in_bulk(list(ids))
    return {pk: _of_redemption(row) for pk, row in rows.items()}


def _refund_names(ids: Collection[int]) -> dict[int, Named]:
    """A refund by the vouchers that it gives money back for."""
    rows = RefundPart.objects.filter(refund__in=ids).select_related("voucher__terms")
    names = _joined((row.refund_id, row.voucher) for row in rows.order_by("voucher_id"))
    return {pk: Named(text, "payments_refund", pk) for pk, (text, _first) in names.items()}


def _return_names(ids: Collection[int]) -> dict[int, Named]:
    rows = VoucherReturn.objects.filter(pk__in=ids)
    return {
        row.pk: _of_redemption(row.redemption)
        for row in rows.select_related("redemption__voucher__terms", "redemption__store")
    }


def _rebate_names(ids: Collection[int]) -> dict[int, Named]:
    rows = Rebate.objects.filter(pk__in=ids).select_related("component__voucher__terms")
    names = _joined((row.pk, row.component.voucher) for row in rows)
    return {pk: Named(text, "vouchers_voucher", first) for pk, (text, first) in names.items()}


def _joined(pairs: Iterable[tuple[int, Voucher]]) -> dict[int, tuple[str, int]]:
    """Each id with its vouchers' names, every one once, and the first voucher's id."""
    names: dict[int, dict[str, int]] = {}
    for pk, voucher in pairs:
        names.setdefault(pk, {}).setdefault(name_voucher(voucher), voucher.pk)
    return {pk: (", ".join(own), next(iter(own.values()))) for pk, own in names.items()}


def find_vouchers(term: str, person: Any, merchants: Collection[int] | None) -> list[int]:
    """Vouchers of an order's number or a whole code, of ``merchants`` (None: of all).

    A wrong code counts as a guess. Raises TryLater.
    """
    rows = Voucher.objects.all()
    if merchants is not None:
        rows = rows.filter(merchant__in=merchants)
    found = [*rows.filter(order_number=term).values_list("pk", flat=True)]
    if not found and len(digits := typed_digits(term)) == CODE_LENGTH:
        found = [*find_by_code(rows, digits, person=person).values_list("pk", flat=True)]
    return found


def register_names() -> None:
    """Tell the books how to call what they know by number only."""
    register_namer(REFUND, _refund_names)
    register_namer(RETURN, _return_names)
    register_namer(REBATE, _rebate_names)
    register_namer(VOUCHER, _voucher_names)
    register_namer(REDEMPTION, _redemption_names)
    register_voucher_finder(find_vouchers)
