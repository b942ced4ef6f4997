"""What payments refuse, one class per rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class UnknownGateway(Refusal):
    """No such way to pay is switched on."""

    code = "unknown_gateway"
    status = 404
    message = _(
        "This payment method is not available here. Nothing was charged; choose another one."
    )


class GatewayUnavailable(Refusal):
    """The gateway did not answer, or answered that it is busy: the same call may be repeated."""

    code = "gateway_unavailable"
    status = 503
    message = _("The payment service does not answer. Nothing was charged; try again in a minute.")


class GatewayRefused(Refusal):
    """The gateway understood and said no: repeating the same call changes nothing."""

    code = "gateway_refused"
    status = 502
    message = _("The payment service refused. Nothing was charged; choose another way to pay.")


class BadSignature(Refusal):
    """A notification that the gateway did not sign, or signed too long ago."""

    code = "bad_signature"
    status = 401
    message = _("The signature of this notification is not valid.")


class BadNotification(Refusal):
    """A signed notification that is not meant for us or cannot be read."""

    code = "bad_notification"
    status = 400
    message = _("This notification cannot be read or is not meant for us.")


class AmountMismatch(Refusal):
    """The gateway reports a different amount or currency than we asked for."""

    code = "amount_mismatch"
    status = 409
    message = _(
        "The amount or the currency of this notification is not that of the payment. "
        "Nothing was changed; an operator must look at it."
    )


class PaymentClosed(Refusal):
    """The payment is not waiting for money any more."""

    code = "payment_closed"
    status = 409
    message = _("This payment is closed. Nothing was charged; start a new payment from the order.")


class RefundTooLarge(Refusal):
    """The payment is not paid, or less than the asked amount is left of it."""

    code = "refund_too_large"
    status = 409
    message = _("More cannot be returned than was paid. Nothing was changed.")


class RefundNotFailed(Refusal):
    """Only a refund that needs attention can be sent again."""

    code = "refund_not_failed"
    status = 409
    message = _("This refund does not need attention.")


class StatementNotIssued(Refusal):
    """The statement is paid out already, or the merchant owes it."""

    code = "statement_already_paid"
    status = 409
    message = _("This statement is already paid out, or it is to be collected. Nothing was sent.")


class PayoutNotAgreed(Refusal):
    """Money leaves the bank only after a second person has agreed to the payout."""

    code = "payout_not_agreed"
    status = 409
    message = _(
        "Nobody has agreed to this payout yet. Nothing was recorded; ask for the payout first, and "
        "make the transfer once a second person has agreed."
    )


class PayoutAgreed(Refusal):
    """A second person has agreed already: the transfer is next, not another request."""

    code = "payout_agreed_already"
    status = 409
    message = _(
        "A second person has agreed to this payout already. Make the transfer at the bank, then "
        "enter the bank's reference here."
    )


class StatementNotOwed(Refusal):
    """There is nothing to collect, carry or write off: the platform owes, or it was done before."""

    code = "statement_not_owed"
    status = 409
    message = _("Nothing is to be collected for this statement. Nothing was recorded.")


class PayoutNotSent(Refusal):
    """The payout was returned before."""

    code = "payout_already_returned"
    status = 409
    message = _("This payout is already marked as returned.")


class BillNotReady(Refusal):
    """The gateway makes a day's bill after the day is over."""

    code = "bill_not_ready"
    status = 409
    message = _("The gateway has no bill for this day yet. Come back when the day is over.")


class BadBill(Refusal):
    """A bill whose lines contradict each other or its totals."""

    code = "bad_bill"
    status = 409
    message = _("The gateway's bill cannot be read. Nothing was compared; download it again.")


class AlreadyResolved(Refusal):
    """Somebody has resolved the exception before."""

    code = "already_resolved"
    status = 409
    message = _("This difference is already resolved.")


class NoteMissing(Refusal):
    """A difference is resolved only with a reason."""

    code = "note_missing"
    status = 400
    field = "note"
    message = _("Explain in a note why this difference is settled.")


class BankReferenceUsed(Refusal):
    """The bank's reference names the transfer of another payout. Details: payout, reference."""

    code = "bank_reference_used"
    status = 409
    message = _(
        "The reference “%(reference)s” is that of payout %(payout)s, %(amount)s to %(merchant)s. "
        "Nothing was recorded; look up the reference of this transfer at the bank."
    )

    def __init__(self, *, reference: str, payout: str, amount: str, merchant: str) -> None:
        details = {"reference": reference, "payout": payout}
        words = {**details, "amount": amount, "merchant": merchant}
        super().__init__(self.message % words, **details)


class CollectionReferenceUsed(Refusal):
    """The bank's reference names a transfer that paid another statement. Details: statement, reference."""

    code = "collection_reference_used"
    status = 409
    message = _(
        "The reference “%(reference)s” is that of the transfer for statement %(statement)s. "
        "Nothing was recorded; look up the reference of this transfer at the bank."
    )

    def __init__(self, *, reference: str, statement: str) -> None:
        details = {"reference": reference, "statement": statement}
        super().__init__(self.message % details, **details)


class BankReferenceNeeded(Refusal):
    """A payout names the transfer by which it can be found at the bank. Details: max_length."""

    code = "bank_reference_needed"
    status = 400
    message = _(
        "Enter the bank's reference of this transfer, 3 to 80 characters. Nothing was recorded."
    )


class ContractExists(Refusal):
    """A merchant has this very contract already. Details: contract."""

    code = "contract_exists"
    message = _(
        "This merchant has exactly this contract already: the same rate, for the same sales, from "
        "and until the same moment. Nothing was changed."
    )
