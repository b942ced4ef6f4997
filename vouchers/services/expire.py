"""What happens when a voucher's last moment has passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from kernel.outbox.services import publish
from kernel.watch.sweeps import sweep
from payments.models import Refund
from payments.services import postings
from vouchers.components import commission_on_unused, unused_portions
from vouchers.models import Voucher
from vouchers.services.money_back import lock_payments, lock_vouchers
from vouchers.services.refund import pays_back_on_expiry, write_refund
from vouchers.terms import terms_of


def expire_voucher(*, voucher_id: int, alone: bool = False) -> int:
    """Expire a voucher whose validity is over, and with it all of its order's that end, too.

    What ends together is one refund of each payment; ``alone`` leaves the others. How many: 0
    when the voucher is not (any more) one that can expire. Locks: payments, vouchers, products
    (when money goes back), then stock and offer. Writes: active
    or held → expired by compare-and-set, and for the unused uses either a refund (terms with
    ``refund_on_expiry``, refund days that still run, or held to the end for something that was
    not up to the buyer: expired → refunding, ledger ``refund:VOUCHER``, stock given back) or
    their forfeit to the merchant (ledger ``forfeit:VOUCHER`` with commission); outbox
    "voucher.expired" {voucher_id} each. See docs/adr/0005-forfeit-to-merchant.md.
    """
    due = Voucher.objects.due_to_expire()
    number = due.filter(pk=voucher_id).values_list("order_number", flat=True).first()
    if number is None:
        return 0
    own = alone or not number
    together = due.filter(pk=voucher_id) if own else due.filter(order_number=number)
    with transaction.atomic():
        ids = list(together.values_list("pk", flat=True))
        lock_payments(ids)
        ended = [_expire(voucher) for voucher in lock_vouchers(ids)]
        _close_unused([end for end in ended if end is not None])
        expired = [end.voucher for end in ended if end is not None]
        for voucher in expired:
            publish("voucher.expired", voucher_id=voucher.pk)
    return len(expired)


def _expire_due(voucher_id: int) -> int:
    """With its order's others, or alone when one of them can't be expired: nobody waits for it.

    Whatever stopped them, a refusal too; what stops the one alone is the sweep's to report.
    """
    try:
        return expire_voucher(voucher_id=voucher_id)
    except Exception:
        return expire_voucher(voucher_id=voucher_id, alone=True)


class _Ended(NamedTuple):
    """A voucher that has just expired; ``never_usable`` when it waited for others to the end."""

    voucher: Voucher
    never_usable: bool


def _expire(voucher: Voucher) -> _Ended | None:
    due = Voucher.objects.due_to_expire().filter(pk=voucher.pk, state=voucher.state)
    if not due.update(state=Voucher.State.EXPIRED):
        return None
    held = voucher.state == Voucher.State.HELD
    voucher.state = Voucher.State.EXPIRED
    return _Ended(voucher, held and voucher.held_for != Voucher.Wait.BALANCE)


def expire_due(*, limit: int = 10_000) -> int:
    """Expire up to ``limit`` vouchers whose validity is over; return how many.

    Each in its own transaction: one that fails is reported and keeps nobody waiting.
    """
    return sum(
        sweep(
            Voucher.objects.due_to_expire(),
            _expire_due,
            by="valid_until",
            kind="vouchers.expire",
            noun="voucher",
            limit=limit,
        )
    )


def _close_unused(ended: Sequence[_Ended]) -> None:
    """Send the unused part back or forfeit it to the merchant, as the terms say.

    Of one order, so of one owner: what goes back goes back together. A gift is nobody's money.
    """
    sold = [end for end in ended if end.voucher.grant_id is None]
    back: list[Voucher] = []
    kept: list[Voucher] = []
    for voucher, never_usable in sold:
        pays_back = never_usable or pays_back_on_expiry(voucher, terms_of(voucher))
        (back if pays_back else kept).append(voucher)
    if back:
        write_refund(back, reason=Refund.Reason.EXPIRED)
    for voucher in kept:
        _forfeit(voucher)


def _forfeit(voucher: Voucher) -> None:
    postings.forfeit(
        voucher_id=voucher.pk,
        merchant_id=voucher.merchant_id,
        parts=[portion.posted for portion in unused_portions(voucher)],
        commission_fen=commission_on_unused(voucher),
    )
