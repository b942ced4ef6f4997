"""What the owner of a voucher is told. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.http.promises import REFUND_SHOWN
from kernel.message_kinds import BUSINESS, REMINDERS, Kind, News

_VOUCHER = (pgettext_lazy("fact", "Voucher"), "{title}")
_STORE = (pgettext_lazy("fact", "Store"), "{store}")
_AMOUNT = (pgettext_lazy("fact", "Amount"), "{amount}")
_REFUND = (pgettext_lazy("fact", "Refund"), "{refund}")
_LAST_DAY = (pgettext_lazy("fact", "Last day"), "{until}")
_USES_LEFT = (pgettext_lazy("fact", "Uses left"), "{uses_left}")
_PIECES_LEFT = (pgettext_lazy("fact", "Pieces left"), "{pieces_left}")
_VOUCHERS = (pgettext_lazy("fact", "Vouchers"), "{vouchers}")
_COLLECT = (pgettext_lazy("fact", "To be collected at"), "{collect}")
_REDEEMED = (_STORE, (pgettext_lazy("fact", "Redeemed on"), "{redeemed}"))
_SEE_VOUCHER = _("See the voucher")

REDEMPTIONS = News("redemptions", _("Every redemption"), "redeem", (), at_store=True)
REFUNDS = News("refunds", _("Refunds of what you sold"), "see_vouchers")
REFUNDS_HERE = News(
    "refunds_here",
    _("Refunds of what your stores sold, without amounts"),
    "see_vouchers",
    (),
    at_store=True,
    counter="redeem",
    without="see_vouchers",
)

KINDS = (
    Kind(
        "redeemed_here",
        _("Redeemed at {store}: {title}"),
        _("By {clerk} on {redeemed}."),
        _("See the redemption"),
        "check-circle",
        (*_REDEEMED, (pgettext_lazy("fact", "Redeemed by"), "{clerk}")),
        BUSINESS,
        REDEMPTIONS,
    ),
    Kind(
        "sale_refunded",
        _("Refunded: {title}"),
        _("{amount} went back to the guest. Order {number}."),
        _("See the voucher"),
        "refund",
        (_AMOUNT, _REFUND),
        BUSINESS,
        REFUNDS,
    ),
    Kind(
        "refunded_here",
        _("Sent back by the guest: {title}"),
        _("{vouchers} in all. Nobody comes for them any more."),
        _("Open the counter"),
        "refund",
        (_VOUCHERS,),
        BUSINESS,
        REFUNDS_HERE,
    ),
    Kind(
        "voucher_granted",
        _("A gift from {merchant}: {title}"),
        _(
            "{merchant} gives you this voucher. It is in your wallet, ready to show until the end of {until}."
        ),
        _SEE_VOUCHER,
        "ticket",
        (_VOUCHER, _LAST_DAY),
    ),
    Kind(
        "voucher_opened",
        _("You can use it now: {title}"),
        _("It is in your wallet, ready to show until the end of {until}."),
        _SEE_VOUCHER,
        "ticket",
        (_VOUCHER, _LAST_DAY),
    ),
    Kind(
        "voucher_revoked",
        _("Gift taken back: {title}"),
        _(
            "{merchant} has taken this gift back, and it cannot be used any more. Ask the store why."
        ),
        _SEE_VOUCHER,
        "undo",
        (_VOUCHER,),
    ),
    Kind(
        "voucher_redeemed",
        _("Redeemed: {title}"),
        _("Redeemed at {store} on {redeemed}. If this was not you, tell the store now."),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    Kind(
        "card_redeemed",
        _("Redeemed: {title}"),
        _(
            "Redeemed at {store} on {redeemed}; {uses_left} of {uses_total} uses left. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        (*_REDEEMED, _USES_LEFT),
    ),
    Kind(
        "card_used_up",
        _("Used up: {title}"),
        _(
            "Redeemed at {store} on {redeemed}. That was the last of {uses_total} uses. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    Kind(
        "goods_redeemed",
        _("Collected: {title}"),
        _(
            "Collected at {store} on {redeemed}; {pieces_left} of {pieces_total} pieces left to collect. If "
            "this was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        (*_REDEEMED, _PIECES_LEFT),
    ),
    Kind(
        "goods_collected",
        _("Collected: {title}"),
        _(
            "Collected at {store} on {redeemed}. That was the last of {pieces_total} pieces. If this "
            "was not you, tell the store now."
        ),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    Kind(
        "goods_handed_over",
        _("Collected: {title}"),
        _("Collected at {store} on {redeemed}. If this was not you, tell the store now."),
        _SEE_VOUCHER,
        "check-circle",
        _REDEEMED,
    ),
    Kind(
        "redemption_undone",
        _("Redemption taken back: {title}"),
        _("{store} took back a redemption. Your voucher can be used again."),
        _SEE_VOUCHER,
        "undo",
        (_STORE, _USES_LEFT, _PIECES_LEFT),
    ),
    Kind(
        "voucher_expiring",
        _("Use it by {until}: {title}"),
        _(
            "Your voucher can still be used until the end of {until}. What is not used by then, "
            "{amount}, goes back the way you paid."
        ),
        _SEE_VOUCHER,
        "clock",
        (_LAST_DAY, _VOUCHERS, _USES_LEFT, _PIECES_LEFT, _COLLECT),
        REMINDERS,
        collected=_(
            "You can still collect it at {collect} until the end of {until}. What is not collected by "
            "then, {amount}, goes back the way you paid."
        ),
    ),
    Kind(
        "voucher_lapsing",
        _("Use it by {until}: {title}"),
        _(
            "Your voucher can still be used until the end of {until}. By its terms nothing is paid back after that day."
        ),
        _SEE_VOUCHER,
        "clock",
        (_LAST_DAY, _VOUCHERS, _USES_LEFT, _PIECES_LEFT, _COLLECT),
        REMINDERS,
        collected=_(
            "You can still collect it at {collect} until the end of {until}. By its terms nothing is "
            "paid back after that day."
        ),
    ),
    Kind(
        "voucher_expired",
        _("Expired: {title}"),
        _("Your voucher was not used up in time. We are sending {amount} back the way you paid."),
        _SEE_VOUCHER,
        "clock",
        (_AMOUNT, _REFUND),
    ),
    Kind(
        "voucher_lapsed",
        _("Expired: {title}"),
        _("Your voucher was not used up in time. By its terms nothing is paid back."),
        _SEE_VOUCHER,
        "clock",
    ),
    Kind(
        "gift_lapsed",
        _("Expired: {title}"),
        _("This gift was not used up in time. It had cost you nothing, so no money comes back."),
        _SEE_VOUCHER,
        "clock",
    ),
    Kind(
        "refund_requested",
        _("{amount} is on its way back"),
        _(
            "You asked for a refund for {title}. We are sending {amount} back the way you paid "
            "and will tell you when it has gone through. The voucher can no longer be used."
        ),
        _SEE_VOUCHER,
        "refund",
        (_VOUCHER, _AMOUNT, _REFUND),
    ),
    Kind(
        "refund_succeeded",
        _("{amount} refunded"),
        format_lazy(
            "{} {}", _("We have sent your refund for {title} the way you paid."), REFUND_SHOWN
        ),
        _SEE_VOUCHER,
        "refund",
        (_VOUCHER, _AMOUNT, _REFUND),
    ),
)
