"""The ways in to payments. Whoever calls has already judged the order it belongs to."""

from __future__ import annotations

from kernel.errors import NotFound
from payments.models import Payment


def find_payment(*, gateway: str, number: str) -> Payment:
    """Return the payment that ``gateway`` calls by our ``number``, unlocked. Raises NotFound."""
    payment = Payment.objects.filter(gateway=gateway, number=number).first()
    if payment is None:
        raise NotFound
    return payment


def find_payment_by_id(*, payment_id: int) -> Payment:
    """Return the payment, unlocked. Raises NotFound."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise NotFound
    return payment


def lock_payment(*, payment_id: int) -> Payment:
    """Return the payment, locked until the transaction ends. Lock its order before it."""
    payment = (
        Payment.objects.select_for_update(of=("self",), no_key=True).filter(pk=payment_id).first()
    )
    if payment is None:
        raise NotFound
    return payment
