"""The outbox in words: what each event makes happen, and what it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from kernel.outbox.models import OutboxEvent

TOPICS: dict[str, Any] = {
    "campaign.started": _("Make the codes of a campaign"),
    "campaign.stopped": _("Tell the merchant that a campaign has stopped by itself"),
    "category.renamed": _("Follow a category's new name"),
    "city.renamed": _("Follow a city's new name"),
    "merchant.renamed": _("Follow a business's new name"),
    "consent.withdrawn": _("Take a member's name off what they did"),
    "coupon.granted": _("Tell a guest of a coupon that was given"),
    "coupon.revoked": _("Tell a guest that a coupon was taken back"),
    "email.asked": _("Send a link that confirms an e-mail address"),
    "merchant.applied": _("Tell operators of an application"),
    "merchant.decided": _("Tell an applicant of the decision"),
    "notification.created": _("Send a message by e-mail"),
    "order.paid": _("Tell the buyer, count the sales"),
    "order.sent_back": _("Give coupons of an order that was sent back to their owner"),
    "payout.sent": _("Tell the merchant of a payout"),
    "invitation.accepted": _("Tell the merchant of an accepted invitation"),
    "password.forgotten": _("Send a link for a new password"),
    "payment.close": _("Close a payment at its gateway"),
    "redemption.undone": _("Tell the owner, take back the review"),
    "refund.requested": _("Send a refund to its gateway"),
    "refund.succeeded": _("Finish a refund, tell the payer"),
    "review.invite": _("Invite to a review"),
    "review.replied": _("Tell the author of a reply"),
    "review.written": _("Tell the merchant of a review"),
    "sales.gathered": _("Tell the merchant of an hour's or a day's sales"),
    "staff.invited": _("Send an invitation to staff"),
    "statement.issued": _("Tell the merchant of a statement"),
    "stock.low": _("Tell the merchant that few pieces are left"),
    "stock.turned": _("Follow a choice that sold out or came back"),
    "voucher.expired": _("Tell the owner of an expiry"),
    "voucher.granted": _("Tell a guest of a gift"),
    "voucher.opened": _("Tell the owner that a voucher can be used now"),
    "voucher.redeemed": _("Tell the owner of a redemption, plan the invitation"),
    "voucher.revoked": _("Tell a guest that a gift was taken back"),
}

TASKS: dict[str, Any] = {
    "give_coupons_back": TOPICS["order.sent_back"],
    "tell_coupon_granted": TOPICS["coupon.granted"],
    "tell_coupon_revoked": TOPICS["coupon.revoked"],
    "make_codes": TOPICS["campaign.started"],
    "refresh_results": _("Count an order's redemption in what its campaign brought"),
    "tell_business_of_stop": TOPICS["campaign.stopped"],
    "close_payment": TOPICS["payment.close"],
    "finish_refund": _("Mark the voucher as refunded"),
    "follow_paid_order": TOPICS["order.paid"],
    "follow_stock": TOPICS["stock.turned"],
    "index_business": _("Find stores and products by the new name"),
    "index_stores": _("Find stores by the new name of their city"),
    "index_products": _("Find products by the new name"),
    "invite_review": TOPICS["review.invite"],
    "plan_invitation": _("Plan the invitation to a review"),
    "forget_member": TOPICS["consent.withdrawn"],
    "send_email_link": TOPICS["email.asked"],
    "send_invitation": TOPICS["staff.invited"],
    "send_email": TOPICS["notification.created"],
    "send_password_reset": TOPICS["password.forgotten"],
    "send_refund": TOPICS["refund.requested"],
    "tell_applicant": TOPICS["merchant.decided"],
    "tell_author_of_reply": TOPICS["review.replied"],
    "tell_late_refund": _("Tell the payer that a late payment was refunded"),
    "tell_business_of_acceptance": TOPICS["invitation.accepted"],
    "tell_business_of_payout": TOPICS["payout.sent"],
    "tell_business_of_redemption": _("Count a visit, tell the merchant of it"),
    "tell_business_of_sale": _("Tell the merchant of a sale"),
    "tell_business_of_sales": TOPICS["sales.gathered"],
    "tell_business_of_stock": TOPICS["stock.low"],
    "tell_business_refunded": _("Tell the merchant of a refund"),
    "tell_managers_of_review": TOPICS["review.written"],
    "tell_managers_of_statement": TOPICS["statement.issued"],
    "tell_operators": TOPICS["merchant.applied"],
    "tell_owner_expired": TOPICS["voucher.expired"],
    "tell_owner_granted": TOPICS["voucher.granted"],
    "tell_owner_opened": TOPICS["voucher.opened"],
    "finish_sent_back": _("Close an order whose vouchers were all sent back before the balance"),
    "finish_deposit": _("Close a deposit whose rest is not owed any more"),
    "tell_owner_redeemed": _("Tell the owner of a redemption"),
    "tell_owner_refund_requested": _("Tell the owner that the refund was requested"),
    "tell_owner_revoked": TOPICS["voucher.revoked"],
    "tell_owner_undone": _("Tell the owner that the redemption was undone"),
    "tell_payer_refunded": _("Tell the payer that the money is back"),
    "withdraw_review": _("Take back the review of an undone visit"),
}


class Subject(NamedTuple):
    """What an id in a payload points to: the model, what to join, how to call a row."""

    model: str
    joins: tuple[str, ...]
    name: Callable[[Any], str]


SUBJECTS: dict[str, Subject] = {
    "merchant_id": Subject("stores.Merchant", (), str),
    "notification_id": Subject("inbox.Notification", ("user",), lambda n: f"{n.user}: {n}"),
    "membership_id": Subject("stores.StaffMembership", ("user",), str),
    "order_id": Subject("orders.Order", (), str),
    "payment_id": Subject("payments.Payment", (), str),
    "payout_id": Subject("payments.Payout", (), str),
    "redemption_id": Subject(
        "vouchers.Redemption",
        ("voucher__terms", "store"),
        lambda r: f"{r.voucher.title}, {r.store}",
    ),
    "refund_id": Subject("payments.Refund", (), str),
    "review_id": Subject("reviews.Review", ("product",), str),
    "statement_id": Subject("payments.Statement", (), str),
    "user_id": Subject("members.User", (), str),
    "variant_id": Subject("catalog.Variant", ("product",), str),
    "voucher_id": Subject("vouchers.Voucher", ("terms",), lambda v: f"{v.title} {v}"),
}


def word_topic(topic: str) -> str:
    """What an event of ``topic`` makes happen; a topic we do not know any more keeps its name."""
    return str(TOPICS.get(topic, topic))


def word_task(consumer: str) -> str:
    """What a consumer does; one that we do not know any more keeps its name."""
    return str(TASKS.get(consumer, consumer))


def name_subjects(events: Iterable[OutboxEvent]) -> None:
    """Write what each event is about into its ``subject_text``: one query per kind of subject."""
    events = list(events)
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        for key in SUBJECTS.keys() & event.payload.keys():
            wanted[key].add(event.payload[key])
    names = {key: _names(SUBJECTS[key], ids) for key, ids in wanted.items()}
    for event in events:
        found = [names[key].get(event.payload[key], "") for key in names if key in event.payload]
        event.subject_text = ", ".join(filter(None, found))  # type: ignore[attr-defined]


def _names(subject: Subject, ids: set[int]) -> dict[int, str]:
    rows = apps.get_model(subject.model)._default_manager.select_related(*subject.joins)
    return {pk: subject.name(row) for pk, row in rows.in_bulk(ids).items()}
