"""What a reader does with the inbox."""

from __future__ import annotations

from kernel.clock import now
from members.models import User
from messages.models import Notification


def mark_read(*, user: User, notification_ids: list[int] | None = None) -> int:
    """Mark the given unread messages of ``user``, or all of them, as read; return how many."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if notification_ids is not None:
        unread = unread.filter(pk__in=notification_ids)
    return unread.update(read_at=now())
