"""Every kind of message: its sentences, the facts an e-mail lists below them, its switch.

Sentences hold ``{facts}`` by the names of members.wording. Messages about a person's own money
and vouchers are always mailed; the others belong to a group that people can switch off.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.http.promises import REFUND_SHOWN

REMINDERS, REVIEWS, BUSINESS = "reminders", "reviews", "business"


class MailGroup(NamedTuple):
    """E-mails that people may not want. ``staff_only`` ones are of no use to customers."""

    label: Any
    reason: Any
    staff_only: bool = False


MAIL_GROUPS: dict[str, MailGroup] = {
    REMINDERS: MailGroup(
        _("Reminders before a voucher expires"),
        _("You receive this message because one of your vouchers is about to expire."),
    ),
    REVIEWS: MailGroup(
        _("Invitations to review, and answers to your reviews"),
        _("You receive this message because you used a voucher that you bought here."),
    ),
    BUSINESS: MailGroup(
        _("News of the business: applications, reviews, statements"),
        _("You receive this message because you help to run a business here."),
        staff_only=True,
    ),
}


class Wording(NamedTuple):
    """Sentences with ``{facts}``; ``action`` is the label of the link, ``icon`` of icons.svg.

    ``facts`` are label and value of the lines below an e-mail's sentences; ``group`` is the
    switch of MAIL_GROUPS, empty for what is always mailed.
    """

    title: Any
    body: Any
    action: Any
    icon: str
    facts: tuple[tuple[Any, str], ...] = ()
    group: str = ""


_ORDER = (pgettext_lazy("fact", "Order"), "{number}")
_VOUCHER = (pgettext_lazy("fact", "Voucher"), "{title}")
_STORE = (pgettext_lazy("fact", "Store"), "{store}")
_AMOUNT = (pgettext_lazy("fact", "Amount"), "{amount}")
_REFUND = (pgettext_lazy("fact", "Refund"), "{refund}")
_LAST_DAY = (pgettext_lazy("fact", "Last day"), "{until}")
_USES_LEFT = (pgettext_lazy("fact", "Uses left"), "{uses_left}")
_PIECES_LEFT = (pgettext_lazy("fact", "Pieces left"), "{pieces_left}")
_REDEEMED = (_STORE, (pgettext_lazy("fact", "Redeemed on"), "{redeemed}"))
_SEE_VOUCHER = _("See the voucher")

KINDS: dict[str, Wording] = {
    "order_paid": Wording(
        _("Paid: {title}"),
        _(
            "We received {total}. Your vouchers are in your wallet, ready to show. The store "
            "gets the money only after you have been served."
        ),
        _("Show my vouchers"),
        "ticket",
        (
            _ORDER,
            (pgettext_lazy("fact", "Paid"), "{total}"),
            (pgettext_lazy("fact", "Paid on"), "{paid}"),
        ),
    ),
    "order_free": Wording(
        _("Ordered: {title}"),
        _("There was nothing to pay. Your vouchers are in your wallet, ready to show."),
        _("Show my vouchers"),
        "ticket",
        (_ORDER,),
    ),
    "voucher_granted": Wording(
        _("A gift from {merchant}: {title}"),
        _(
            "{merchant} gives you this voucher. It is in your wallet, ready to show until the end of {until}."
        ),
        _SEE_VOUCHER,
        "ticket",
        (_VOUCHER, _LAST_DAY),
    ),
    "voucher_opened": Wording(
        _("You can use it now: {title}"),
        _("It is in your wallet, ready to show until the end of {until}."),
        _SEE_VOUCHER,
        "ticket",
        (_VOUCHER, _LAST_DAY),
    ),
    "voucher_revoked": Wording(
        _("Gift taken back: {title}"),
        _(
            "{merchant} has taken this gift back, and it cannot be used any more. Ask the store why."
        ),
        _SEE_VOUCHER,
        "undo",
        (_VOUCHER,),
    ),
    "voucher_redeemed": Wording(
        _("Redeemed: {title}"),
        _("Redeemed at {store} on {redeemed}. If this was not you, tell the store now."),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    "card_redeemed": Wording(
        _("Redeemed: {title}"),
        _(
            "Redeemed at {store} on {redeemed}; {uses_left} of {uses_total} uses left. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        (*_REDEEMED, _USES_LEFT),
    ),
    "card_used_up": Wording(
        _("Used up: {title}"),
        _(
            "Redeemed at {store} on {redeemed}. That was the last of {uses_total} uses. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    "goods_redeemed": Wording(
        _("Picked up: {title}"),
        _(
            "Picked up at {store} on {redeemed}; {pieces_left} of {pieces_total} pieces left to pick up. If "
            "this was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        (*_REDEEMED, _PIECES_LEFT),
    ),
    "goods_collected": Wording(
        _("Picked up: {title}"),
        _(
            "Picked up at {store} on {redeemed}. That was the last of {pieces_total} pieces. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    "redemption_undone": Wording(
        _("Redemption taken back: {title}"),
        _("{store} took back a redemption. Your voucher can be used again."),
        _SEE_VOUCHER,
        "undo",
        (_STORE, _USES_LEFT, _PIECES_LEFT),
    ),
    "voucher_expiring": Wording(
        _("Use it by {until}: {title}"),
        _(
            "Your voucher can still be used until the end of {until}. What is not used by then, "
            "{amount}, goes back the way you paid."
        ),
        _SEE_VOUCHER,
        "clock",
        (_LAST_DAY, (pgettext_lazy("fact", "Vouchers"), "{vouchers}"), _USES_LEFT, _PIECES_LEFT),
        REMINDERS,
    ),
    "voucher_lapsing": Wording(
        _("Use it by {until}: {title}"),
        _(
            "Your voucher can still be used until the end of {until}. By its terms nothing is paid back after that day."
        ),
        _SEE_VOUCHER,
        "clock",
        (_LAST_DAY, (pgettext_lazy("fact", "Vouchers"), "{vouchers}"), _USES_LEFT, _PIECES_LEFT),
        REMINDERS,
    ),
    "voucher_expired": Wording(
        _("Expired: {title}"),
        _("Your voucher was not used up in time. We are sending {amount} back the way you paid."),
        _SEE_VOUCHER,
        "clock",
        (_AMOUNT, _REFUND),
    ),
    "voucher_lapsed": Wording(
        _("Expired: {title}"),
        _("Your voucher was not used up in time. By its terms nothing is paid back."),
        _SEE_VOUCHER,
        "clock",
    ),
    "gift_lapsed": Wording(
        _("Expired: {title}"),
        _("This gift was not used up in time. It had cost you nothing, so no money comes back."),
        _SEE_VOUCHER,
        "clock",
    ),
    "refund_requested": Wording(
        _("{amount} is on its way back"),
        _(
            "You asked for a refund for {title}. We are sending {amount} back the way you paid "
            "and will tell you when it has gone through. The voucher can no longer be used."
        ),
        _SEE_VOUCHER,
        "refund",
        (_VOUCHER, _AMOUNT, _REFUND),
    ),
    "refund_succeeded": Wording(
        _("{amount} refunded"),
        format_lazy(
            "{} {}", _("We have sent your refund for {title} the way you paid."), REFUND_SHOWN
        ),
        _SEE_VOUCHER,
        "refund",
        (_VOUCHER, _AMOUNT, _REFUND),
    ),
    "late_payment_refunded": Wording(
        _("{amount} refunded"),
        _("Your payment for order {number} came too late or twice. We refunded it."),
        _("See the order"),
        "refund",
        (_ORDER, _AMOUNT),
    ),
    "review_invited": Wording(
        _("How was {title}?"),
        _("You were at {store}. A few words help the next guest choose, and the store get better."),
        _("Write a review"),
        "star",
        group=REVIEWS,
    ),
    "review_replied": Wording(
        _("{merchant} replied to you"),
        _("There is a reply to your review of {title}."),
        _("Read the reply"),
        "chat",
        group=REVIEWS,
    ),
    "merchant_applied": Wording(
        _("New application: {merchant}"),
        _("{merchant} would like to sell here. {contact} is waiting for your answer."),
        _("Review the application"),
        "store",
        (
            (pgettext_lazy("fact", "Merchant"), "{merchant}"),
            (pgettext_lazy("fact", "Contact"), "{contact}"),
        ),
        BUSINESS,
    ),
    "merchant_approved": Wording(
        _("Welcome, {merchant}"),
        _("Your application was approved. Add your stores, your staff and your first product."),
        _("Open the back office"),
        "store",
    ),
    "merchant_rejected": Wording(
        _("Your application for {merchant}"),
        _("Your application needs changes. {note}"),
        _("See the application"),
        "store",
    ),
    "merchant_suspended": Wording(
        _("{merchant} is suspended"),
        _("Your products are not on sale for now; money you have earned stays yours. {note}"),
        _("Check my application"),
        "alert",
    ),
    "statement_issued": Wording(
        _("{net} on its way: statement of {day}"),
        _(
            "{merchant}: what was redeemed on {day}, less {commission} commission. We are "
            "sending the money to your account."
        ),
        _("See the statement"),
        "receipt",
        (
            (pgettext_lazy("fact", "Statement"), "{number}"),
            (pgettext_lazy("fact", "Day"), "{day}"),
            (pgettext_lazy("fact", "Redeemed"), "{gross}"),
            (pgettext_lazy("fact", "Commission"), "{commission}"),
            (pgettext_lazy("fact", "Returned"), "{returns}"),
            (pgettext_lazy("fact", "Paid out"), "{net}"),
        ),
        BUSINESS,
    ),
    "statement_owed": Wording(
        _("{due} to be paid: statement of {day}"),
        _(
            "{merchant}: your parts of other businesses' discounts on {day} are {dues}, more than "
            "you have earned. Please transfer {due} to us."
        ),
        _("See the statement"),
        "receipt",
        (
            (pgettext_lazy("fact", "Statement"), "{number}"),
            (pgettext_lazy("fact", "Day"), "{day}"),
            (pgettext_lazy("fact", "Parts of discounts"), "{dues}"),
            (pgettext_lazy("fact", "To be paid"), "{due}"),
        ),
        BUSINESS,
    ),
    "review_written": Wording(
        _("New review: {rating} of 5 for {title}"),
        _("{author} wrote about {store}. An answer shows that you listen."),
        _("Answer the review"),
        "star",
        (_STORE, _VOUCHER, (pgettext_lazy("fact", "Stars"), "{rating}")),
        BUSINESS,
    ),
}

# A kind that this version does not know any more must not break a person's inbox.
FORGOTTEN = Wording(_("A message for you"), "", _("Open"), "bell")
