"""What happens when a voucher's last moment has passed."""

from __future__ import annotations

from django.db import transaction

from kernel.money import apply_rate
from kernel.outbox.services import publish
from kernel.watch.sweeps import sweep
from payments.models import Refund
from payments.services import postings
from vouchers.models import Voucher
from vouchers.services.refund import lock_payment, pays_back_on_expiry, write_refund
from vouchers.terms import terms_of


def expire_voucher(*, voucher_id: int) -> bool:
    """Expire one voucher whose validity is over; False when it is not (any more) open.

    Locks: payment, voucher, then stock and offer. Writes: active or held → expired by
    compare-and-set, and for the unused value either a refund (terms with ``refund_on_expiry``,
    refund days that still run, or held to the end, so that it never could be used: expired →
    refunding, ledger ``refund:NUMBER``, stock given back) or its forfeit to the merchant (ledger
    ``forfeit:VOUCHER`` with commission); outbox "voucher.expired" {voucher_id}.
    See docs/adr/0005-forfeit-to-merchant.md.
    """
    due = Voucher.objects.due_to_expire().filter(pk=voucher_id)
    found = due.values_list("payment_id").first()
    if found is None:
        return False
    with transaction.atomic():
        lock_payment(found[0])
        voucher = (
            Voucher.objects.with_custodian()
            .select_related("terms")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=voucher_id)
        )
        if not due.filter(state=voucher.state).update(state=Voucher.State.EXPIRED):
            return False
        never_usable = voucher.state == Voucher.State.HELD
        voucher.state = Voucher.State.EXPIRED
        _settle_unused(voucher, never_usable=never_usable)
        publish("voucher.expired", voucher_id=voucher_id)
    return True


def expire_due(*, limit: int = 10_000) -> int:
    """Expire up to ``limit`` vouchers whose validity is over; return how many.

    Each in its own transaction: one that fails is reported and keeps nobody waiting.
    """
    return sum(
        sweep(
            Voucher.objects.due_to_expire(),
            lambda voucher_id: expire_voucher(voucher_id=voucher_id),
            by="valid_until",
            kind="vouchers.expire",
            noun="voucher",
            limit=limit,
        )
    )


def _settle_unused(voucher: Voucher, *, never_usable: bool) -> None:
    if voucher.unused_fen == 0:
        return
    if never_usable or pays_back_on_expiry(voucher, terms_of(voucher)):
        write_refund(voucher, reason=Refund.Reason.EXPIRED, from_state=Voucher.State.EXPIRED)
    else:
        _forfeit(voucher)


def _forfeit(voucher: Voucher) -> None:
    unused_fen = voucher.unused_fen
    postings.forfeit(
        voucher_id=voucher.pk,
        merchant_id=voucher.merchant_id,
        custodian=voucher.custodian,
        unused_fen=unused_fen,
        commission_fen=apply_rate(unused_fen, voucher.commission_rate),
    )
