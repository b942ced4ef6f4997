"""When the undo window closes, redeemed money becomes the merchant's."""

from __future__ import annotations

from django.db import transaction

from kernel.clock import now
from kernel.watch.sweeps import sweep
from payments.services import postings
from vouchers.components import commission_of, fee_of_uses, portions_of
from vouchers.models import Redemption


def release_redemption(*, redemption_id: int) -> bool:
    """Make a redemption payable once its undo window is over; False when it is not (any more).

    One transaction, compare-and-set on the redemption (no other lock): ``released_at`` and
    the commission (rate of the voucher × what is in its base, half a fen up, and the fixed
    part per use), ledger ``release:ID``.
    Safe to call again.
    """
    redemption = (
        Redemption.objects.select_related("voucher")
        .filter(pk=redemption_id, undo_until__lte=now())
        .first()
    )
    if redemption is None:
        return False
    with transaction.atomic():
        return write_release(redemption)


def write_release(redemption: Redemption) -> bool:
    """Release ``redemption`` (voucher joined) whatever the clock says; False when it was before.

    Runs in the caller's transaction. A return calls it inside the undo window: taking goods
    back ends the chance to undo.
    """
    moment = now()
    commission_fen = commission_of(redemption)
    won = Redemption.objects.filter(
        pk=redemption.pk, released_at__isnull=True, undone_at__isnull=True
    ).update(released_at=moment, commission_fen=commission_fen)
    if not won:
        return False
    redemption.released_at, redemption.commission_fen = moment, commission_fen
    postings.release(
        redemption_id=redemption.pk,
        merchant_id=redemption.merchant_id,
        voucher_id=redemption.voucher_id,
        parts=[portion.posted for portion in portions_of(redemption)],
        commission_fen=commission_fen,
        fee=fee_of_uses(redemption, 0, redemption.uses),
    )
    return True


def release_due(*, limit: int = 10_000) -> int:
    """Release up to ``limit`` redemptions whose undo window is over; return how many.

    Each in its own transaction: one that fails is reported and keeps nobody waiting.
    """
    return sum(
        sweep(
            Redemption.objects.filter(
                undone_at__isnull=True, released_at__isnull=True, undo_until__lte=now()
            ),
            lambda redemption_id: release_redemption(redemption_id=redemption_id),
            by="undo_until",
            kind="vouchers.release",
            noun="redemption",
            limit=limit,
        )
    )
