from __future__ import annotations

from kernel.errors import NotFound
from members.models import User
from messages.models import Notification


def access_notification(*, user: User, notification_id: int) -> Notification:
    """Return a message in the inbox of ``user``; raises NotFound for anybody else's."""
    notification = Notification.objects.filter(user=user, pk=notification_id).first()
    if notification is None:
        raise NotFound
    return notification
