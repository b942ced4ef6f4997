"""What is still missing on held vouchers: the balance that makes them usable, a rebate that lowers it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from kernel.clock import now
from kernel.errors import NotFound
from kernel.outbox.services import publish
from payments.models import Payment, Refund
from payments.services import postings
from vouchers.components import Portion, components_of, missing_of
from vouchers.errors import RebateTooLate
from vouchers.models import Component, Rebate, Voucher, VoucherComponent
from vouchers.services.money_back import (
    PartBack,
    ask_for_refunds,
    close_balance,
    lock_payments,
    lock_vouchers,
)
from vouchers.services.validity import time_of


def held_for_balance(order_number: str, *, lock: bool = False) -> list[Voucher]:
    """The vouchers of an order that wait for its balance, ascending; locked when asked to.

    Whoever held a lock before us may have sent a voucher back, made it cheaper or usable: what
    was found is looked at again once it is locked.
    """
    rows = Voucher.objects.filter(
        order_number=order_number, state=Voucher.State.HELD, received_fen__lt=F("paid_fen")
    ).order_by("pk")
    if lock:
        locked = lock_vouchers(rows.values_list("pk", flat=True))
        return [row for row in locked if row.state == row.State.HELD and missing_of(row)]
    return list(rows.with_components())


def receive_balance(vouchers: Sequence[Voucher], *, payment: Payment) -> bool:
    """The balance of held ``vouchers`` has arrived with ``payment``: they can be used.

    False, with nothing written, when one of them is not held any more. Runs in the caller's
    transaction, which holds the locks of payment and vouchers and posts ``pay:PAYMENT``. Their
    time begins now, as if they had been bought now.
    """
    try:
        with transaction.atomic():
            for voucher in vouchers:
                _make_usable(voucher)
    except _NotHeld:
        return False
    VoucherComponent.objects.filter(
        voucher__in=vouchers, kind=VoucherComponent.Kind.TENDER, payment__isnull=True
    ).update(payment=payment, custodian=payment.gateway)
    return True


class _NotHeld(Exception):
    """Somebody else has moved the voucher on."""


def _make_usable(voucher: Voucher) -> None:
    """Nothing is missing any more on a voucher that was held for its balance. Raises _NotHeld."""
    time = time_of(voucher, now())
    won = Voucher.objects.filter(pk=voucher.pk, state=Voucher.State.HELD).update(
        received_fen=F("paid_fen"),
        state=Voucher.State.ACTIVE,
        held_for="",
        valid_from=time.start,
        valid_until=time.end,
        time_zone=time.zone,
    )
    if not won:
        raise _NotHeld


def rebate_voucher(*, voucher_id: int, amount_fen: int) -> list[Rebate]:
    """Make a sold voucher cheaper by ``amount_fen``, as a price ladder does; one row per tender.

    Only while no use is taken and its time is not over. It lowers a balance that is not paid yet first, then goes back
    out of the tenders, the last one first. What the buyer pays, what has been received of it
    and what the merchant is owed fall together. Locks: payments, voucher. Writes: components and
    voucher, rebates, a refund request per payment, ledger ``rebate:REBATE`` (escrow to
    refund_due); an open payment of the balance is closed, for it asks too much. Where nothing is
    left to pay on it, the voucher can be used: "voucher.opened" {voucher_id}. Raises NotFound,
    RebateTooLate, ValueError for an amount that is not positive.
    """
    if amount_fen <= 0:
        raise ValueError(f"a rebate of {amount_fen} fen takes nothing off")
    with transaction.atomic():
        lock_payments([voucher_id], waiting=True)
        voucher = next(iter(lock_vouchers([voucher_id])), None)
        if voucher is None:
            raise NotFound
        taken = _take_off(voucher, amount_fen)
        if any(not row.component.is_received for row in taken):
            close_balance(voucher)
        return _write(voucher, taken)


def _take_off(voucher: Voucher, amount_fen: int) -> list[Portion]:
    """What the rebate takes from each tender, last things first; RebateTooLate when it can't."""
    running = voucher.state in Voucher.OPEN and voucher.valid_until > now()
    if not running or voucher.uses_used or voucher.paid_fen < amount_fen:
        raise RebateTooLate(state=voucher.state, paid_fen=voucher.paid_fen)
    left, taken = amount_fen, []
    for part in _last_first(voucher):
        fen = min(left, part.amount_fen)
        left -= fen
        if fen:
            taken.append(Portion(part, fen))
    return taken


def _last_first(voucher: Voucher) -> list[Component]:
    """What has not arrived, then the tenders in the reverse of their order."""
    last_first = [part for part in reversed(components_of(voucher)) if part.is_tender]
    missing = [part for part in last_first if not part.is_received]
    return [*missing, *(part for part in last_first if part.is_received)]


def _write(voucher: Voucher, taken: Sequence[Portion]) -> list[Rebate]:
    for part, fen in taken:
        VoucherComponent.objects.filter(pk=part.pk).update(amount_fen=F("amount_fen") - fen)
    whole = sum(row.amount_fen for row in taken)
    received = sum(row.amount_fen for row in taken if row.component.is_received)
    Voucher.objects.filter(pk=voucher.pk).update(
        paid_fen=F("paid_fen") - whole,
        value_fen=F("value_fen") - whole,
        received_fen=F("received_fen") - received,
    )
    if voucher.held_for == Voucher.Wait.BALANCE and missing_of(voucher) == whole - received:
        _make_usable(voucher)
        publish("voucher.opened", voucher_id=voucher.pk)
    back = [PartBack(voucher, row) for row in taken if row.component.is_received]
    refunds = ask_for_refunds(back, reason=Refund.Reason.REBATE)
    rebates = []
    for part, fen in taken:
        refund = refunds[part.payment_id] if part.payment_id else None
        rebate = Rebate.objects.create(component_id=part.pk, refund=refund, amount_fen=fen)
        if refund:
            postings.rebate(
                rebate_id=rebate.pk,
                voucher_id=voucher.pk,
                merchant_id=voucher.merchant_id,
                custodian=part.custodian,
                amount_fen=fen,
                refund_number=refund.number,
            )
        rebates.append(rebate)
    return rebates
