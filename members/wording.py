"""Notification kinds and their words.

A notification stores its kind and facts; the words are made when somebody reads it, in that
person's language. Facts become words by the ending of their name:

    amount_fen = 1250                    {amount}  "¥12.50"
    used_at = "2026-05-12T10:00:00Z"     {used}    "12 May 2026, 18:00", in {zone} when given
    day_on = "2026-05-12"                {day}     "12 May 2026"
    title_en, title_zh                   {title}   the reader's language, else the other one
    anything else                        itself
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from members.models import Notification
from o2o.web.bilingual import pick
from o2o.web.templatetags.fmt import date_local, datetime_local, fen


class Wording(NamedTuple):
    """Sentences with ``{facts}``; ``action`` is the label of the link, ``icon`` of icons.svg."""

    title: Any
    body: Any
    action: Any
    icon: str


class Message(NamedTuple):
    """A notification in words, in the active language."""

    title: str
    body: str
    action: str
    icon: str


KINDS: dict[str, Wording] = {
    "order_paid": Wording(
        _("Paid: {title}"),
        _(
            "We received {total} for order {number}. Your vouchers are in your wallet, ready to show."
        ),
        _("Show my vouchers"),
        "ticket",
    ),
    "voucher_redeemed": Wording(
        _("Redeemed: {title}"),
        _(
            "Redeemed at {store} on {redeemed}. Uses left: {uses_left}. If this was not you, tell the store now."
        ),
        _("See the voucher"),
        "check-circle",
    ),
    "redemption_undone": Wording(
        _("Redemption taken back: {title}"),
        _("{store} took back a redemption. Your voucher can be used again."),
        _("See the voucher"),
        "undo",
    ),
    "review_invited": Wording(
        _("How was {title}?"),
        _("You were at {store}. A few words help the next guest choose, and the store get better."),
        _("Write a review"),
        "star",
    ),
    "voucher_expired": Wording(
        _("Expired: {title}"),
        _("Your voucher was not used up in time. We are sending {amount} back the way you paid."),
        _("See the voucher"),
        "clock",
    ),
    "voucher_lapsed": Wording(
        _("Expired: {title}"),
        _("Your voucher was not used up in time. By its terms nothing is paid back."),
        _("See the voucher"),
        "clock",
    ),
    "refund_succeeded": Wording(
        _("{amount} is back with you"),
        _(
            "Your refund for {title} went through. It arrives the way you paid, usually within a day or two."
        ),
        _("See the voucher"),
        "refund",
    ),
    "late_payment_refunded": Wording(
        _("{amount} is back with you"),
        _(
            "Your payment for order {number} came when the order could not be paid any more, or twice. We sent it back."
        ),
        _("See the order"),
        "refund",
    ),
    "merchant_applied": Wording(
        _("New application: {merchant}"),
        _("{merchant} would like to sell here. {contact} is waiting for your answer."),
        _("Look at the application"),
        "store",
    ),
    "merchant_approved": Wording(
        _("Welcome, {merchant}"),
        _("Your application was approved. Add your stores, your staff and your first product."),
        _("Open my business"),
        "store",
    ),
    "merchant_rejected": Wording(
        _("Your application for {merchant}"),
        _("We cannot accept it as it is. {note}"),
        _("See the application"),
        "store",
    ),
    "merchant_suspended": Wording(
        _("{merchant} is suspended"),
        _("Your products are not on sale for now; money you have earned stays yours. {note}"),
        _("See the application"),
        "alert",
    ),
    "statement_issued": Wording(
        _("Statement {number}: {net}"),
        _(
            "{merchant}: {net} for {day} is on its way to your account, {commission} commission taken off."
        ),
        _("See the statement"),
        "receipt",
    ),
    "review_written": Wording(
        _("New review: {rating} of 5 for {title}"),
        _("{author} wrote about {store}. An answer shows that you listen."),
        _("Answer the review"),
        "star",
    ),
    "review_replied": Wording(
        _("{merchant} answered you"),
        _("There is a reply to your review of {title}."),
        _("Read the reply"),
        "chat",
    ),
}


# A kind that this version does not know any more must not break a person's inbox.
_FORGOTTEN = Wording(_("A message for you"), "", _("Open"), "bell")


def word_notification(notification: Notification) -> Message:
    """Put a notification into words in the active language."""
    wording = KINDS.get(notification.kind, _FORGOTTEN)
    facts = _Facts(word_facts(notification.params))
    title, body = (str(text).format_map(facts).strip() for text in wording[:2])
    return Message(title, body, str(wording.action), wording.icon)


def word_facts(params: Mapping[str, Any]) -> dict[str, str]:
    """Turn stored facts into words by their endings (see the top of this file)."""
    zone = params.get("zone") or None
    words: dict[str, str] = {}
    for name, value in params.items():
        if name.endswith("_fen"):
            words[name.removesuffix("_fen")] = fen(value)
        elif name.endswith("_at"):
            words[name.removesuffix("_at")] = datetime_local(_moment(value), zone)
        elif name.endswith("_on"):
            words[name.removesuffix("_on")] = date_local(parse_date(value or ""))
        elif name.endswith("_en"):
            base = name.removesuffix("_en")
            words[base] = pick(value or "", params.get(f"{base}_zh") or "")
        elif not name.endswith("_zh"):
            words[name] = "" if value is None else str(value)
    return words


def _moment(value: str | None) -> dt.datetime | None:
    return parse_datetime(value) if value else None


class _Facts(dict[str, str]):
    """A fact that was not stored reads as nothing: old messages outlive new wordings."""

    def __missing__(self, key: str) -> str:
        return ""
