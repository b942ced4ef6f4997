"""What every way back has in common: payments locked first, one refund per payment, its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q

from payments.models import Payment, Refund
from payments.services.moves import Back
from payments.services.payments import close_payments
from payments.services.refunds import request_refund
from vouchers.components import Portion
from vouchers.models import RefundPart, Voucher, VoucherComponent

_BALANCES = Payment.objects.filter(
    purpose=Payment.Purpose.BALANCE, state=Payment.State.CREATED
).order_by()


class PartBack(NamedTuple):
    """A tender's money of one voucher that goes back."""

    voucher: Voucher
    portion: Portion


def lock_payments(voucher_ids: Iterable[int], *, waiting: bool = False) -> None:
    """Take the payments behind the vouchers: before the vouchers (docs/locking.md), ascending.

    With ``waiting`` also the one that their order's balance waits for: a statement more. What the
    caller changes makes it ask too much, and `close_balance` comes when the vouchers are locked.
    """
    ids = list(voucher_ids)
    paid_by = VoucherComponent.objects.filter(voucher__in=ids).order_by()
    wanted = Q(pk__in=paid_by.values("payment_id"))
    if waiting:
        numbers = Voucher.objects.filter(pk__in=ids, received_fen__lt=F("paid_fen"))
        asked = _BALANCES.filter(reference__in=list(numbers.values_list("order_number", flat=True)))
        wanted |= Q(pk__in=list(asked.values_list("pk", flat=True)))
    list(
        Payment.objects.filter(wanted)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk", flat=True)
    )


def close_balance(voucher: Voucher) -> None:
    """Close the payment that the balance of the voucher's order waits for: it asks too much now.

    The caller holds its lock (`lock_payments` with ``waiting``) and has locked the voucher.
    """
    if voucher.order_number:
        close_payments(reference=voucher.order_number, purpose=Payment.Purpose.BALANCE)


def lock_vouchers(voucher_ids: Iterable[int]) -> list[Voucher]:
    """Take the vouchers, ascending, with their terms and components."""
    return list(
        Voucher.objects.with_components()
        .select_related("terms")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=list(voucher_ids))
        .order_by("pk")
    )


def ask_for_refunds(
    parts: Sequence[PartBack], *, reason: str, requested_by: Any = None
) -> dict[int, Refund]:
    """Request one refund per payment for all ``parts`` of it; payment id → refund.

    The caller holds the locks of payments and vouchers and posts the ledger's entries. Parts
    of 0 fen, and of funders, carry nothing back. Raises RefundTooLarge.
    """
    of_payment: dict[int, list[PartBack]] = defaultdict(list)
    for part in parts:
        payment_id = part.portion.component.payment_id
        if payment_id is not None and part.portion.amount_fen:
            of_payment[payment_id].append(part)
    refunds = {
        payment_id: request_refund(
            payment_id=payment_id,
            amount_fen=sum(part.portion.amount_fen for part in own),
            reason=reason,
            requested_by_id=getattr(requested_by, "pk", None),
        )
        for payment_id, own in sorted(of_payment.items())
    }
    RefundPart.objects.bulk_create(
        RefundPart(
            refund=refunds[payment_id],
            voucher=voucher,
            component_id=portion.component.pk,
            amount_fen=portion.amount_fen,
        )
        for payment_id, own in sorted(of_payment.items())
        for voucher, portion in own
    )
    return refunds


def as_back(portion: Portion, refunds: dict[int, Refund]) -> Back:
    """A portion on its way back, as the ledger's rows take it."""
    part = portion.component
    refund = refunds.get(part.payment_id) if part.payment_id else None
    number = refund.number if refund else ""
    return Back(part.custodian, portion.amount_fen, part.party, number)
