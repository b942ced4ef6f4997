"""What reviews refuse, one class per rule."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class NotRedeemedYet(Refusal):
    """A review needs a visit: at least one redemption that was not taken back."""

    code = "not_redeemed"
    message = _(
        "A review can be written once the voucher has been redeemed. Nothing was saved; "
        "come back after your visit."
    )


class AlreadyReviewed(Refusal):
    """One review per voucher; ``review`` names the one that is there."""

    code = "already_reviewed"
    message = _("You have reviewed this visit already. Your first review stays as it is.")
