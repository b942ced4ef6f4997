"""Gateways with the troubles of real ones, around the sandbox."""

from __future__ import annotations

from payments.errors import GatewayUnavailable
from payments.gateways.base import (
    OpenedPayment,
    PaymentRequest,
    RefundAnswer,
    RefundRequest,
)
from payments.gateways.sandbox import SandboxGateway
from payments.models import Payment
from payments.services.payments import close_payments


class SlowGateway(SandboxGateway):
    """While it opens a payment, the customer cancels the order."""

    def open_payment(self, request: PaymentRequest) -> OpenedPayment:
        opened = super().open_payment(request)
        close_payments(reference=Payment.objects.get(number=request.number).reference)
        return opened


class CutOffGateway(SandboxGateway):
    """It does what it was asked, but its answer never reaches us."""

    def refund(self, request: RefundRequest) -> RefundAnswer:
        super().refund(request)
        raise GatewayUnavailable

    def query_refund(self, *, number: str, payment_number: str) -> RefundAnswer:
        raise GatewayUnavailable
