"""The commission rate of a merchant: changed by two people, never by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from kernel.errors import NotFound
from stores.access import refuse_without
from stores.commission_rates import read_rate
from stores.models import Merchant
from stores.rights import Right
from stores.services.approvals import refuse_alone


@transaction.atomic
def change_commission(
    *, merchant_id: int, rate: Decimal, by: Any = None, approved_by: Any = None
) -> Merchant:
    """Set the rate of orders placed from now on; placed ones keep theirs.

    ``by`` asked and ``approved_by`` agreed (stores.services.approvals); ``by`` None is a
    command. Locks the merchant. Raises NotFound, SecondPersonNeeded, InvalidInput.
    """
    if by is not None:
        refuse_without(user=by, right=Right.SET_COMMISSION, merchant_id=merchant_id)
    refuse_alone(by=by, approved_by=approved_by)
    exact = read_rate(str(rate))
    merchant = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    merchant.commission_rate = exact
    merchant.save(update_fields=["commission_rate"])
    return merchant
