"""Every reaction across rooms, in one table: outbox topic → its consumers and their lanes.

Each consumer of an event gets a delivery of its own: one that fails is tried again alone. They
run in any order, also at the same time in several processes; what must come after another
reaction's effect is published by that one as an event of its own. A new release may add and
move consumers; one it drops or renames leaves its waiting deliveries to be parked.
"""

from __future__ import annotations

from campaigns.messages import tell_business_of_stop
from campaigns.notices import tell_coupon_granted, tell_coupon_revoked
from campaigns.services.codes import make_codes
from catalog.reactions import (
    follow_category_rename,
    follow_city_rename,
    follow_merchant_rename,
    tell_business_of_stock,
)
from catalog.services.prices import follow_stock
from insights.services.results import refresh_of_redemption
from kernel.outbox.lanes import Consumer, Consumers, Lane
from members.invitations import send_invitation
from members.services.consent import forget_member
from members.services.emails import send_email_link
from members.services.recovery import send_password_reset
from messages.reactions import (
    tell_applicant_of_decision,
    tell_business_of_acceptance,
    tell_operators_of_application,
)
from messages.services.email import send_email
from orders.reactions import (
    follow_paid_order,
    follow_paid_orders,
    tell_business_of_sale,
    tell_business_of_sales,
    tell_businesses_of_sales,
    tell_late_refund,
)
from orders.services.cancel import finish_deposit, finish_sent_back
from orders.services.coupons import follow_refund, follow_sent_back
from orders.services.pay import close_payment
from payments.notices import tell_business_of_payout, tell_business_of_statement
from payments.services.refunds import send_refund
from reviews.reactions import (
    invite_review,
    plan_invitation,
    tell_author_of_reply,
    tell_business_of_review,
    withdraw_review,
)
from vouchers.notices import (
    follow_redemption,
    tell_business_refunded,
    tell_owner_expired,
    tell_owner_granted,
    tell_owner_opened,
    tell_owner_redeemed,
    tell_owner_refund_requested,
    tell_owner_revoked,
    tell_owner_undone,
    tell_payer_refunded,
)
from vouchers.services.refund import finish_refund

MONEY, SIGN_IN, MESSAGES, INSIGHT = Lane.MONEY, Lane.SIGN_IN, Lane.MESSAGES, Lane.INSIGHT

CONSUMERS: Consumers = {
    "campaign.started": (Consumer("make_codes", make_codes, INSIGHT),),
    "campaign.stopped": (Consumer("tell_business_of_stop", tell_business_of_stop, MESSAGES),),
    "category.renamed": (Consumer("index_products", follow_category_rename, INSIGHT),),
    "city.renamed": (Consumer("index_stores", follow_city_rename, INSIGHT),),
    "consent.withdrawn": (Consumer("forget_member", forget_member, INSIGHT),),
    "coupon.granted": (Consumer("tell_coupon_granted", tell_coupon_granted, MESSAGES),),
    "coupon.revoked": (Consumer("tell_coupon_revoked", tell_coupon_revoked, MESSAGES),),
    "email.asked": (Consumer("send_email_link", send_email_link, SIGN_IN),),
    "invitation.accepted": (
        Consumer("tell_business_of_acceptance", tell_business_of_acceptance, MESSAGES),
    ),
    "merchant.applied": (Consumer("tell_operators", tell_operators_of_application, MESSAGES),),
    "merchant.decided": (Consumer("tell_applicant", tell_applicant_of_decision, MESSAGES),),
    "merchant.renamed": (Consumer("index_business", follow_merchant_rename, INSIGHT),),
    "notification.created": (Consumer("send_email", send_email, MESSAGES),),
    "order.sent_back": (Consumer("give_coupons_back", follow_sent_back, MONEY),),
    "order.paid": (
        Consumer("follow_paid_order", follow_paid_order, MESSAGES, follow_paid_orders),
        Consumer(
            "tell_business_of_sale", tell_business_of_sale, MESSAGES, tell_businesses_of_sales
        ),
    ),
    "password.forgotten": (Consumer("send_password_reset", send_password_reset, SIGN_IN),),
    "payment.close": (Consumer("close_payment", close_payment, MONEY),),
    "payout.sent": (Consumer("tell_business_of_payout", tell_business_of_payout, MESSAGES),),
    "redemption.undone": (
        Consumer("withdraw_review", withdraw_review, MESSAGES),
        Consumer("tell_owner_undone", tell_owner_undone, MESSAGES),
        Consumer("refresh_results", refresh_of_redemption, INSIGHT),
    ),
    "refund.requested": (
        Consumer("send_refund", send_refund, MONEY),
        Consumer("finish_sent_back", finish_sent_back, MONEY),
        Consumer("give_coupons_back", follow_refund, MONEY),
        Consumer("tell_owner_refund_requested", tell_owner_refund_requested, MESSAGES),
    ),
    "refund.succeeded": (
        Consumer("finish_refund", finish_refund, MONEY),
        Consumer("tell_payer_refunded", tell_payer_refunded, MESSAGES),
        Consumer("tell_late_refund", tell_late_refund, MESSAGES),
        Consumer("tell_business_refunded", tell_business_refunded, MESSAGES),
    ),
    "review.invite": (Consumer("invite_review", invite_review, MESSAGES),),
    "review.replied": (Consumer("tell_author_of_reply", tell_author_of_reply, MESSAGES),),
    "review.written": (Consumer("tell_managers_of_review", tell_business_of_review, MESSAGES),),
    "sales.gathered": (Consumer("tell_business_of_sales", tell_business_of_sales, MESSAGES),),
    "staff.invited": (Consumer("send_invitation", send_invitation, MESSAGES),),
    "statement.issued": (
        Consumer("tell_managers_of_statement", tell_business_of_statement, MESSAGES),
    ),
    "stock.low": (Consumer("tell_business_of_stock", tell_business_of_stock, MESSAGES),),
    "stock.turned": (Consumer("follow_stock", follow_stock, INSIGHT),),
    "voucher.expired": (Consumer("tell_owner_expired", tell_owner_expired, MESSAGES),),
    "voucher.granted": (Consumer("tell_owner_granted", tell_owner_granted, MESSAGES),),
    "voucher.revoked": (Consumer("tell_owner_revoked", tell_owner_revoked, MESSAGES),),
    "voucher.opened": (
        Consumer("finish_deposit", finish_deposit, MONEY),
        Consumer("tell_owner_opened", tell_owner_opened, MESSAGES),
    ),
    "voucher.redeemed": (
        Consumer("tell_owner_redeemed", tell_owner_redeemed, MESSAGES),
        Consumer("tell_business_of_redemption", follow_redemption, MESSAGES),
        Consumer("plan_invitation", plan_invitation, MESSAGES),
    ),
}
