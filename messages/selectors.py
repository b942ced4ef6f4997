from __future__ import annotations

from typing import NamedTuple

from django.http import QueryDict

from kernel.http.paging import ListPage, newest_page
from members.models import User
from messages.models import Notification
from messages.wording import Message, word_notification


class InboxRow(NamedTuple):
    """A stored notification and its words in the active language."""

    notification: Notification
    message: Message


def inbox_page(*, user: User, params: QueryDict) -> ListPage:
    """One page of InboxRow, newest first; one query."""
    page = newest_page(Notification.objects.filter(user=user), params)
    return page._replace(items=[InboxRow(item, word_notification(item)) for item in page.items])
