"""Every reaction across rooms, in one table: outbox topic → handler.

Handlers take the payload as keyword arguments and may be called again at any time.
"""

from __future__ import annotations

from typing import Any

from catalog.reactions import follow_category_rename, follow_merchant_rename
from members.reactions import tell_applicant_of_decision, tell_operators_of_application
from members.services.notify import send_email
from members.services.recovery import send_password_reset
from o2o.outbox.services import Handler
from orders.reactions import follow_paid_order, tell_late_refund
from orders.services.pay import close_payment
from payments.notices import tell_managers_of_statement
from payments.services.refunds import send_refund
from reviews.reactions import (
    invite_review,
    plan_invitation,
    tell_author_of_reply,
    tell_managers_of_review,
    withdraw_review,
)
from vouchers.notices import (
    tell_owner_expired,
    tell_owner_redeemed,
    tell_owner_refund_requested,
    tell_owner_undone,
    tell_payer_refunded,
)
from vouchers.services.refund import finish_refund


def both(*handlers: Handler) -> Handler:
    """Several handlers for one topic, in order; a failing one is tried again with the others."""

    def handle(**payload: Any) -> None:
        for handler in handlers:
            handler(**payload)

    return handle


HANDLERS: dict[str, Handler] = {
    "category.renamed": follow_category_rename,
    "merchant.applied": tell_operators_of_application,
    "merchant.decided": tell_applicant_of_decision,
    "merchant.renamed": follow_merchant_rename,
    "notification.created": send_email,
    "order.paid": follow_paid_order,
    "password.forgotten": send_password_reset,
    "payment.close": close_payment,
    "redemption.undone": both(withdraw_review, tell_owner_undone),
    "refund.requested": both(tell_owner_refund_requested, send_refund),
    "refund.succeeded": both(finish_refund, tell_payer_refunded, tell_late_refund),
    "review.invite": invite_review,
    "review.replied": tell_author_of_reply,
    "review.written": tell_managers_of_review,
    "statement.issued": tell_managers_of_statement,
    "voucher.expired": tell_owner_expired,
    "voucher.redeemed": both(tell_owner_redeemed, plan_invitation),
}
