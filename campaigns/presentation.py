"""Coupons as pages and the API show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from campaigns.models import Coupon
from campaigns.terms import terms_of
from campaigns.wording import headline, names_for, sentence, small_print
from kernel.clock import now
from kernel.http.badges import Badge
from vouchers.models import Voucher

_COLOURS = {
    Coupon.State.CLAIMED: "ok",
    Coupon.State.RETURNED: "ok",
    Coupon.State.RESERVED: "warn",
}


class CouponCard(NamedTuple):
    """A coupon in words. ``usable``: it lowers the next order that fits, or an item is handed over for it."""

    coupon: Coupon
    state: str
    badge: Badge
    usable: bool
    headline: str
    small_print: str
    sentence: str

    @property
    def voucher(self) -> Voucher | None:
        """What the store hands an item over for; None of a coupon that lowers an order."""
        return self.coupon.voucher


def coupon_cards(coupons: Sequence[Coupon]) -> list[CouponCard]:
    """What a list shows of coupons of `own_coupons`; one statement per kind of condition that names rows."""
    all_terms = [terms_of(row.campaign) for row in coupons]
    names = names_for(all_terms)
    return [
        _card(row, headline(terms), small_print(terms, names), sentence(terms, names))
        for row, terms in zip(coupons, all_terms, strict=True)
    ]


def _card(coupon: Coupon, head: str, small: str, text: str) -> CouponCard:
    """The clock says that it is over, not how far the sweep has come."""
    state = Coupon.State(coupon.state)
    if state in Coupon.USABLE and coupon.ends_at <= now():
        state = Coupon.State.ENDED
    usable = state in Coupon.USABLE
    badge = Badge(str(state.label).capitalize(), _COLOURS.get(state, ""))
    return CouponCard(coupon, state, badge, usable, head, small, text)
