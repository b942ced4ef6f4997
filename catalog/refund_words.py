"""The refund rule in words, for what is on sale and for what was sold: the rule is read here once."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext, ngettext

from catalog.models import Product

Rule = Product.RefundRule


class RefundRight(NamedTuple):
    """What a buyer can ask for, and what happens unasked when a voucher expires.

    ``days`` after purchase count for the rule of days alone.
    """

    rule: str
    days: int
    on_expiry: bool

    @property
    def safe(self) -> bool:
        """Whether the money always comes back."""
        return self.rule == Rule.ANYTIME and self.on_expiry

    @property
    def title(self) -> str:
        """The right as a promise, in a few words."""
        if self.rule == Rule.ANYTIME:
            return gettext("Refund at any time before use")
        if self.rule == Rule.DAYS:
            return ngettext(
                "Refund within %(count)s day of purchase",
                "Refund within %(count)s days of purchase",
                self.days,
            ) % {"count": self.days}
        return gettext("No refund on request")

    @property
    def on_request(self) -> str:
        """The right as a sentence among the terms."""
        if self.rule == Rule.ANYTIME:
            return gettext("What is not used can be refunded at any time until it expires.")
        if self.rule == Rule.DAYS:
            return ngettext(
                "What is not used can be refunded within %(count)s day of purchase.",
                "What is not used can be refunded within %(count)s days of purchase.",
                self.days,
            ) % {"count": self.days}
        return gettext("No refund on request.")

    @property
    def unasked(self) -> str:
        """What happens to the rest when it expires."""
        if self.on_expiry:
            return gettext("What is unused when it expires is refunded automatically.")
        return gettext("What is unused when it expires is not refunded.")


def refund_right(product: Product) -> RefundRight:
    """The right that comes with what is bought of ``product`` now."""
    return RefundRight(product.refund_rule, product.refund_days or 0, product.refund_on_expiry)
