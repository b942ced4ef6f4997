"""What is told of reviews. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import BUSINESS, REVIEWS, Channel, Kind, News

_VOUCHER = (pgettext_lazy("fact", "Voucher"), "{title}")
_STORE = (pgettext_lazy("fact", "Store"), "{store}")

OF_GUESTS = News(
    "reviews",
    _("Reviews of guests"),
    "see_reviews",
    (Channel.INBOX, Channel.EMAIL),
    at_store=True,
    # What is written of a store, everybody reads on its page.
    counter="redeem",
)

KINDS = (
    Kind(
        "review_invited",
        _("How was {title}?"),
        _("You were at {store}. A few words help the next guest choose, and the store get better."),
        _("Write a review"),
        "star",
        group=REVIEWS,
    ),
    Kind(
        "review_replied",
        _("{merchant} replied to you"),
        _("There is a reply to your review of {title}."),
        _("Read the reply"),
        "chat",
        group=REVIEWS,
    ),
    Kind(
        "review_written",
        _("New review: {rating} of 5 for {title}"),
        _("{author} wrote about {store}. An answer shows that you listen."),
        _("Answer the review"),
        "star",
        (_STORE, _VOUCHER, (pgettext_lazy("fact", "Stars"), "{rating}")),
        BUSINESS,
        OF_GUESTS,
    ),
)
