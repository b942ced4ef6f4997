"""Every kind of message, registered by the room that sends it (``<room>/messages.py``).

Kept here because the rooms that word a message lie below and above the one that delivers it.
Sentences hold ``{details}`` by the names of messages.wording. Messages about a person's own money
and vouchers are always mailed; the others belong to a group that people can switch off. News of
a business go to who works for it with the right to see the thing, as each of them chooses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

REMINDERS, REVIEWS, BUSINESS = "reminders", "reviews", "business"


class Channel(TextChoices):
    """A way a message reaches its reader."""

    INBOX = "inbox", pgettext_lazy("channel", "inbox")
    EMAIL = "email", pgettext_lazy("channel", "e-mail")


class Pace(TextChoices):
    """How often somebody hears news that come often: each by itself, or many in one message."""

    EACH = "each", pgettext_lazy("pace", "Each one at once")
    HOUR = "hour", pgettext_lazy("pace", "Once an hour, together")
    DAY = "day", pgettext_lazy("pace", "Once a day, together")


class MailGroup(NamedTuple):
    """E-mails that people may not want. ``staff_only`` ones are of no use to customers."""

    label: Any
    reason: Any
    staff_only: bool = False


MAIL_GROUPS: dict[str, MailGroup] = {
    REMINDERS: MailGroup(
        _("Reminders before a voucher or a coupon ends"),
        _("You receive this message because one of your vouchers or coupons ends soon."),
    ),
    REVIEWS: MailGroup(
        _("Invitations to review, and answers to your reviews"),
        _("You receive this message because you used a voucher that you bought here."),
    ),
    BUSINESS: MailGroup(
        _("News of the business: applications, reviews, statements"),
        _("You receive this message because you help to run a business here."),
        staff_only=True,
    ),
}


class News(NamedTuple):
    """What the people of a business may hear of, and by which channels who chose none does.

    ``right`` is the name of a stores.rights.Right: who does not hold it is never told. ``code`` is
    stored with people's choices. ``together`` is the kind that tells many in one message; when one
    is due, "<code>.gathered" is published. Empty: each by itself. ``at_store``: it happens at one
    store, so people limited to stores hear theirs; of the others they hear nothing. ``counter`` is a
    right of the counter whose holders may choose to hear it as well, and hear nothing before.
    ``without`` is a right: who holds it for the whole business hears more of the same elsewhere, and
    so nothing of this.
    """

    code: str
    label: Any
    right: str
    channels: tuple[Channel, ...] = (Channel.INBOX,)
    together: str = ""
    at_store: bool = False
    counter: str = ""
    without: str = ""

    def is_for(self, rights: Collection[str], *, limited: bool) -> bool:
        """Whether who holds these rights may hear it; ``limited``: at some stores alone."""
        if self.without in rights and not limited:
            return False
        return self.right in rights or (bool(self.counter) and self.counter in rights)


class Kind(NamedTuple):
    """Sentences with ``{details}``; ``action`` is the label of the link, ``icon`` of icons.svg.

    ``code`` is stored with each message. ``details`` are label and value of the lines below an
    e-mail's sentences; ``group`` is the switch of MAIL_GROUPS, empty for what is always mailed;
    ``news`` says who of a business hears it, None for what is told to one person. ``collected`` is
    the body of a message that has a store to collect at, which it names as ``{collect}``.
    """

    code: str
    title: Any
    body: Any
    action: Any
    icon: str
    details: tuple[tuple[Any, str], ...] = ()
    group: str = ""
    news: News | None = None
    collected: Any = None


FORGOTTEN = Kind("", _("A message for you"), "", _("Open"), "bell")
"""A kind that this version does not know any more must not break a person's inbox."""

_registered: dict[str, Kind] = {}


def register_kinds(kinds: Iterable[Kind]) -> None:
    """Make a room's kinds known; called once per room from AppConfig.ready.

    Raises ValueError for a code that another kind has and for a group that nobody can switch.
    """
    for kind in kinds:
        if _registered.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"two kinds of message are called {kind.code}")
        if kind.group and kind.group not in MAIL_GROUPS:
            raise ValueError(f"no such group of e-mails: {kind.group}")


def all_kinds() -> dict[str, Kind]:
    """Every kind by its code, in the order of the rooms."""
    return _registered


def kind_of(code: str) -> Kind:
    """The kind of a stored message, FORGOTTEN when no room has it any more."""
    return _registered.get(code, FORGOTTEN)


def all_news() -> dict[str, News]:
    """Everything that the people of a business may choose to hear, by its code."""
    return {kind.news.code: kind.news for kind in _registered.values() if kind.news}
