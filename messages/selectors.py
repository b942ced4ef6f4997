"""The inbox in words, and what each person hears of the businesses they work for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext, ngettext

from kernel.db.prepared import Statement
from kernel.http.paging import ListPage, newest_page
from kernel.message_kinds import News, Pace, all_news
from members.models import User
from messages.audience import channels_of, pace_of
from messages.models import Notification, Preference
from messages.wording import Message, word_notification
from stores.models import Merchant
from stores.rights import Standing, standings_of


class InboxRow(NamedTuple):
    """A stored notification and its words in the active language."""

    notification: Notification
    message: Message


class Heard(NamedTuple):
    """One kind of news of a business, and how and how often the person hears it."""

    news: News
    channels: frozenset[str]
    pace: Pace


class Business(NamedTuple):
    """A merchant somebody works for, and the news that their rights there let them hear."""

    merchant: Merchant
    heard: list[Heard]


def inbox_of(user: User) -> QuerySet[Notification]:
    """The messages in somebody's inbox."""
    return Notification.objects.in_inbox().filter(user=user)


def inbox_page(*, user: User, params: QueryDict) -> ListPage:
    """One page of InboxRow, newest first; one query."""
    page = newest_page(inbox_of(user), params)
    return page._replace(items=[InboxRow(item, word_notification(item)) for item in page.items])


class Unread(NamedTuple):
    """How many messages are unread, MOST_UNREAD at most, and the id of the latest."""

    number: int
    latest: int

    def __bool__(self) -> bool:
        return self.number > 0

    @property
    def shown(self) -> str:
        """The number on a badge."""
        return f"{MOST_SHOWN}+" if self.number > MOST_SHOWN else str(self.number)

    @property
    def said(self) -> str:
        """The same, read aloud."""
        if self.number > MOST_SHOWN:
            return gettext("more than %(n)s") % {"n": MOST_SHOWN}
        return str(self.number)

    @property
    def words(self) -> str:
        """What the link to the inbox is called."""
        if self.number > MOST_SHOWN:
            return gettext("Inbox, more than %(n)s unread") % {"n": MOST_SHOWN}
        text = ngettext("Inbox, %(n)s unread", "Inbox, %(n)s unread", self.number)
        return text % {"n": self.number}


MOST_SHOWN = 99
MOST_UNREAD = MOST_SHOWN + 1
"""So many are counted: whoever has more reads that there are more."""
_unread = Statement(
    """
SELECT count(*)::bigint, COALESCE(max(id), 0)::bigint FROM (
    SELECT id FROM members_notification
    WHERE user_id = %s AND read_at IS NULL AND in_inbox ORDER BY id DESC LIMIT %s
) latest
""",
    *("bigint", "integer"),
)


def unread_of(user_id: int) -> Unread:
    """What the bell shows; one prepared statement over the index of unread messages, no lock."""
    return Unread(*_unread.rows(user_id, MOST_UNREAD)[0])


def preferences_of(user: User) -> list[Business]:
    """What ``user`` hears of each business they work for; empty for all others. Three queries."""
    standings = {standing.merchant_id: standing for standing in standings_of(user)}
    if not standings:
        return []
    rows = Preference.objects.filter(user=user, merchant__in=standings)
    chosen: dict[tuple[int, str], Any] = {
        (merchant, news): (channels, pace)
        for merchant, news, channels, pace in rows.values_list(
            "merchant", "news", "channels", "pace"
        )
    }
    businesses = [
        Business(
            merchant,
            [
                _heard(
                    news,
                    *chosen.get((merchant.pk, news.code), (None, None)),
                    rights=standings[merchant.pk].rights,
                )
                for news in all_news().values()
                if _may_hear(news, standings[merchant.pk])
            ],
        )
        for merchant in Merchant.objects.filter(pk__in=standings).order_by("pk")
    ]
    return [business for business in businesses if business.heard]


def _may_hear(news: News, standing: Standing) -> bool:
    """As `listeners` finds them: who is limited to stores hears of what happens there alone."""
    limited = standing.stores is not None
    return news.is_for(standing.rights, limited=limited) and (news.at_store or not limited)


def _heard(
    news: News, channels: Collection[str] | None, pace: str | None, *, rights: Collection[str]
) -> Heard:
    return Heard(news, channels_of(news, channels, rights), pace_of(news, pace))
