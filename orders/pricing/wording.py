"""An answer of the pipeline as a sentence for the buyer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext, ngettext

from campaigns.errors import CodeEnded, CodeMistyped, CodeRevoked, CodeTaken
from kernel.http.templatetags.fmt import datetime_local, fen, is_chinese, percent
from orders.pricing.benefits import Further
from orders.pricing.quotes import Answer

_SENTENCES: dict[str, Callable[[], str]] = {
    "unknown_code": lambda: gettext("We don't know this code. Check its spelling."),
    "code_mistyped": lambda: str(CodeMistyped.message),
    "code_taken": lambda: str(CodeTaken.message),
    "code_revoked": lambda: str(CodeRevoked.message),
    "code_ended": lambda: str(CodeEnded.message),
    "campaign_paused": lambda: gettext("This campaign gives no coupons for the moment."),
    "coupon_limit_reached": lambda: gettext(
        "You have as many of these coupons as one person gets."
    ),
    "coupon_revoked": lambda: gettext("The business has taken it back."),
    "unknown_coupon": lambda: gettext("This coupon is not yours."),
    "sign_in_first": lambda: gettext("Sign in first: coupons belong to an account."),
    "not_chosen": lambda: gettext("You chose not to use it."),
    "coupon_reserved": lambda: gettext("It is in another order of yours that waits for payment."),
    "coupon_used": lambda: gettext("You have used it."),
    "at_counter": lambda: gettext("It is handed over in the store: show its code there."),
    "not_first_ever": lambda: gettext("It is for somebody's very first order."),
    "other_code": lambda: gettext("It is for guests who followed a certain code or link."),
    "other_city": lambda: gettext("It is for what is collected in other cities."),
    "other_hours": lambda: gettext("It applies on other days or at other hours."),
    "not_first_order": lambda: gettext("It is for the first order at this business."),
    "person_limit": lambda: gettext("You have had it as often as one person gets it."),
    "budget_gone": lambda: gettext("Other guests have used up what it may take off."),
    "collected_elsewhere": lambda: gettext("It is for what is collected at other stores."),
    "not_started": lambda: gettext("It has not begun yet."),
    "ended": lambda: gettext("It is over."),
    "not_for_buyer": lambda: gettext("It is not meant for your account."),
    "not_for_channel": lambda: gettext("It is not valid for orders placed here."),
    "not_for_store": lambda: gettext("It is not valid at this store."),
    "not_for_method": lambda: gettext("It is not valid for this way to receive the order."),
    "not_for_tender": lambda: gettext("It is not valid for this way to pay."),
    "not_for_slot": lambda: gettext("It is not valid at this time."),
    "other_items": lambda: gettext("It is for other items than these."),
    "better_price": lambda: gettext("The items cost less than this without it."),
    "better_one": lambda: gettext("Another discount saves you more, and only one of them counts."),
    "nothing_left": lambda: gettext("There is nothing left to take it off."),
}


_FAR: dict[str, Callable[[Answer], str]] = {
    "below_minimum": lambda answer: (
        gettext("Add items worth %(amount)s to get it.") % {"amount": fen(answer.missing_fen)}
    ),
    "below_minimum_before": lambda answer: (
        gettext("Add items worth %(amount)s, before other discounts, to get it.")
        % {"amount": fen(answer.missing_fen)}
    ),
    "too_few_pieces": lambda answer: (
        ngettext(
            "Add %(count)d more piece to get it.",
            "Add %(count)d more pieces to get it.",
            answer.missing_pieces,
        )
        % {"count": answer.missing_pieces}
    ),
    "gift_missing": lambda answer: (
        gettext("Put the gift into your basket to get it for less: %(gift)s.")
        % {"gift": answer.target}
    ),
}
"""Those that say what is missing."""
CODES = frozenset({*_SENTENCES, *_FAR})
"""Every reason why something does not apply (docs/campaigns.md)."""


def word_answer(answer: Answer) -> str:
    """What became of a rule, a coupon or a code, in the active language."""
    if answer.applied:
        return _join(
            gettext("It takes off %(amount)s.") % {"amount": fen(answer.amount_fen)},
            _word_further(answer.further),
        )
    if answer.from_at is not None:
        return gettext("It applies from %(moment)s on.") % {
            "moment": datetime_local(answer.from_at)
        }
    if answer.code in _FAR:
        return _FAR[answer.code](answer)
    return _SENTENCES[answer.code]()


def _word_further(further: Further | None) -> str:
    if further is None:
        return ""
    off = (
        fen(further.amount_fen) if further.amount_fen else percent(Decimal(further.permille) / 1000)
    )
    return gettext("Add items worth %(missing)s for %(off)s off.") % {
        "missing": fen(further.missing_fen),
        "off": off,
    }


def _join(*sentences: str) -> str:
    return ("" if is_chinese() else " ").join(filter(None, sentences))
