"""What the uses of a voucher are called: uses of a card, pieces of goods. Every count of them is worded here."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


class Unit(NamedTuple):
    """Sentences with ``%(…)s``; those with a plural count by the name that is given last."""

    code: str
    counted: Any
    left: Any
    used: Any
    had_been_used: Any
    refunded: Any
    refunding: Any
    redeemed: Any
    earlier: Any
    kept: Any
    to_redeem: Any
    asked: Any
    whole: Any
    taken_back: Any
    money_back: Any
    unused: Any


USES = Unit(
    code="use",
    counted=ngettext_lazy("%(count)s use", "%(count)s uses", "count"),
    left=_("%(left)s of %(total)s uses left"),
    used=_("%(used)s of %(total)s uses used"),
    had_been_used=_("%(used)s of %(total)s uses had been used"),
    refunded=_(
        "%(used)s of %(total)s uses of this voucher had been used. What was left of it was refunded; "
        "the customer has that money back."
    ),
    refunding=_(
        "%(used)s of %(total)s uses of this voucher had been used. The customer asked for a refund of "
        "what was left, and that money is on its way back."
    ),
    redeemed=ngettext_lazy("Redeemed: %(count)s use", "Redeemed: %(count)s uses", "count"),
    earlier=ngettext_lazy(
        "An earlier redemption: %(count)s use, by %(who)s. Nothing was redeemed just now.",
        "An earlier redemption: %(count)s uses, by %(who)s. Nothing was redeemed just now.",
        "count",
    ),
    kept=ngettext_lazy(
        "%(kept)s of %(count)s use still redeemed",
        "%(kept)s of %(count)s uses still redeemed",
        "count",
    ),
    to_redeem=_("Uses to redeem now"),
    asked=ngettext_lazy(
        "%(asked)s uses were asked for and %(left)s is left. Nothing was redeemed. Redeem fewer uses.",
        "%(asked)s uses were asked for and %(left)s are left. Nothing was redeemed. Redeem fewer uses.",
        "left",
    ),
    whole=_("In the whole card"),
    taken_back=ngettext_lazy("%(count)s use returned", "%(count)s uses returned", "count"),
    money_back=ngettext_lazy("%(count)s use refunded", "%(count)s uses refunded", "count"),
    unused=ngettext_lazy("%(count)s use ended unused", "%(count)s uses ended unused", "count"),
)

PIECES = Unit(
    code="piece",
    counted=ngettext_lazy("%(count)s piece", "%(count)s pieces", "count"),
    left=_("%(left)s of %(total)s pieces left to collect"),
    used=_("%(used)s of %(total)s collected"),
    had_been_used=_("%(used)s of %(total)s pieces had been collected"),
    refunded=_(
        "%(used)s of %(total)s pieces of this voucher had been collected. What was left of it was refunded; "
        "the customer has that money back."
    ),
    refunding=_(
        "%(used)s of %(total)s pieces of this voucher had been collected. The customer asked for a refund "
        "of what was left, and that money is on its way back."
    ),
    redeemed=ngettext_lazy("Redeemed: %(count)s piece", "Redeemed: %(count)s pieces", "count"),
    earlier=ngettext_lazy(
        "An earlier redemption: %(count)s piece, by %(who)s. Nothing was redeemed just now.",
        "An earlier redemption: %(count)s pieces, by %(who)s. Nothing was redeemed just now.",
        "count",
    ),
    kept=ngettext_lazy(
        "%(kept)s of %(count)s piece still redeemed",
        "%(kept)s of %(count)s pieces still redeemed",
        "count",
    ),
    to_redeem=_("Pieces to hand over now"),
    asked=ngettext_lazy(
        "%(asked)s pieces were asked for and %(left)s is left. Nothing was redeemed. Redeem fewer pieces.",
        "%(asked)s pieces were asked for and %(left)s are left. Nothing was redeemed. Redeem fewer pieces.",
        "left",
    ),
    whole=_("What is included"),
    taken_back=ngettext_lazy("%(count)s piece returned", "%(count)s pieces returned", "count"),
    money_back=ngettext_lazy("%(count)s piece refunded", "%(count)s pieces refunded", "count"),
    unused=ngettext_lazy("%(count)s piece ended unused", "%(count)s pieces ended unused", "count"),
)


_CAPS = {
    "visit": ngettext_lazy(
        "At most %(count)s use per guest at one visit.",
        "At most %(count)s uses per guest at one visit.",
        "count",
    ),
    "day": ngettext_lazy(
        "At most %(count)s use per guest on one day.",
        "At most %(count)s uses per guest on one day.",
        "count",
    ),
    "person": ngettext_lazy(
        "At most %(count)s use per guest, however many are bought.",
        "At most %(count)s uses per guest, however many are bought.",
        "count",
    ),
}


def cap_sentence(cap: str, most: int) -> str:
    """A limit of what one guest uses, as it is told before and after buying; goods have none."""
    return str(_CAPS[cap] % {"count": most})
