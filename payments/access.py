"""The ways in to payments. Whoever calls has already judged the order it belongs to."""

from __future__ import annotations

from typing import Any

from kernel.db.prepared import Prepared
from kernel.errors import NotFound
from payments.models import Payment, Statement
from stores.access import lacking_row
from stores.rights import Right, may

_by_id = Prepared(lambda payment_id: Payment.objects.filter(pk=payment_id), int)
_locked = Prepared(
    lambda gateway, number: Payment.objects.select_for_update(of=("self",), no_key=True).filter(
        gateway=gateway, number=number
    ),
    *(str, str),
)


def find_payment_by_id(*, payment_id: int) -> Payment:
    """Return the payment, unlocked. Raises NotFound."""
    payment = _by_id.first(payment_id)
    if payment is None:
        raise NotFound
    return payment


def lock_payment(*, gateway: str, number: str) -> Payment:
    """Return the payment that ``gateway`` calls by our ``number``, locked until the transaction ends.

    Lock its order before it. Raises NotFound.
    """
    payment = _locked.first(gateway, number)
    if payment is None:
        raise NotFound
    return payment


def refuse_without_payouts(*, user: Any, statement_id: int) -> None:
    """Raise `lacking_row` of the statement unless ``user`` records payouts."""
    if not may(user, Right.PAY_OUT):
        raise lacking_row(user, Right.PAY_OUT, model=Statement, pk=statement_id)
