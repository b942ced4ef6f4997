"""What the owner of a coupon is told. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import REMINDERS, Kind

_COUPON = (pgettext_lazy("fact", "Coupon"), "{title}")
_UNTIL = (pgettext_lazy("fact", "Last day"), "{until}")
_SEE = _("See your coupons")

KINDS = (
    Kind(
        "coupon_granted",
        _("A coupon from {merchant}: {title}"),
        _("It lowers your next order that fits by itself, until the end of {until}."),
        _SEE,
        "tag",
        (_COUPON, _UNTIL),
    ),
    Kind(
        "coupon_revoked",
        _("Coupon taken back: {title}"),
        _("{merchant} has taken this coupon back, and it can't be used any more. Ask them why."),
        _SEE,
        "undo",
        (_COUPON,),
    ),
    Kind(
        "coupon_ending",
        _("Use your coupon by {until}: {title}"),
        _("Your coupon of {merchant} lowers an order that fits until the end of {until}."),
        _SEE,
        "clock",
        (_COUPON, _UNTIL),
        REMINDERS,
    ),
)
