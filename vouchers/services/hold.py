"""Held vouchers: issued, and not usable before something has happened."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from kernel.clock import now
from kernel.outbox.services import publish
from vouchers.models import Voucher


def open_voucher(*, voucher_id: int) -> bool:
    """What a held voucher waits for has happened: it can be used. False when it is not held.

    One compare-and-set, held → active, safe to repeat; a voucher past its last moment stays held
    and expires as such, and one whose balance is missing is opened by the balance alone
    (vouchers/services/balance.py). Publishes "voucher.opened" {voucher_id}.
    """
    with transaction.atomic():
        held = Voucher.objects.filter(
            pk=voucher_id,
            state=Voucher.State.HELD,
            valid_until__gt=now(),
            received_fen=F("paid_fen"),
        )
        if not held.update(state=Voucher.State.ACTIVE, held_for=""):
            return False
        publish("voucher.opened", voucher_id=voucher_id)
    return True
