"""What the people who run a business are told about their money. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import BUSINESS, Channel, Kind, News

PAYOUTS = News("payouts", _("Statements and payouts"), "see_money", (Channel.INBOX, Channel.EMAIL))

KINDS = (
    Kind(
        "payout_sent",
        _("{amount} sent: statement of {day}"),
        _("{merchant}: we have sent the money to your account. The bank calls it {reference}."),
        _("See the statement"),
        "receipt",
        (
            (pgettext_lazy("fact", "Statement"), "{number}"),
            (pgettext_lazy("fact", "Paid out"), "{amount}"),
            (pgettext_lazy("fact", "Bank reference"), "{reference}"),
        ),
        BUSINESS,
        PAYOUTS,
    ),
    Kind(
        "statement_issued",
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
        PAYOUTS,
    ),
    Kind(
        "statement_owed",
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
        PAYOUTS,
    ),
)
