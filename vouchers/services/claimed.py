"""Vouchers of what a campaign promises: claimed by the guest, handed over in the store without a purchase."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from catalog.models import Product
from kernel.bounds import MAX_DAYS
from kernel.clock import now
from stores.models import Merchant
from vouchers.models import Grant, Voucher
from vouchers.services.grants import insert_gift, zone_of
from vouchers.services.terms import Gift, freeze_gift

DAY = dt.timedelta(days=1)


class Promised(NamedTuple):
    """One piece of a ``product`` of the merchant, until a moment, at these stores (none: where it is sold)."""

    merchant: Merchant
    product: Product
    until: dt.datetime
    stores: Sequence[int] = ()


def issue_claimed(*, owner_id: int, promised: Promised) -> Voucher:
    """Issue the voucher of a coupon that ``owner_id`` claims now; usable at once.

    Runs in the caller's transaction, which has judged the claim. Costs nothing, takes no stock, moves
    no money. Locks nothing. Writes the grant, whose giver is nobody, and the voucher.
    """
    product, moment = promised.product, now()
    days = min(MAX_DAYS, max(1, -(-(promised.until - moment) // DAY)))
    terms = freeze_gift(Gift(product, "", "", 1, days, sorted(promised.stores)))
    grant = Grant.objects.create(
        merchant=promised.merchant,
        recipient_id=owner_id,
        issuer=None,
        reason=Grant.Reason.CAMPAIGN,
    )
    return insert_gift(
        grant=grant,
        product=product,
        terms=terms,
        uses=1,
        valid_until=promised.until,
        zone=zone_of(promised.merchant),
    )


def revoke_claimed(*, voucher_id: int, by: Any) -> bool:
    """Take the voucher of a coupon back, with it; False where it was handed over or is over.

    Runs in the caller's transaction. Locks the voucher. Writes active → revoked by compare-and-set,
    and the end of its grant.
    """
    unused = Voucher.objects.filter(pk=voucher_id, uses_used=0, valid_until__gt=now())
    if not unused.filter(state=Voucher.State.ACTIVE).update(state=Voucher.State.REVOKED):
        return False
    Grant.objects.filter(vouchers=voucher_id).update(revoked_at=now(), revoked_by=by)
    return True
