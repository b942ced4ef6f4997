"""The inbox: a message is stored once, worded when read, and e-mailed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from members.errors import UnknownKind
from members.models import Notification, User
from members.wording import KINDS, word_notification
from o2o.clock import now
from o2o.outbox.services import publish
from o2o.web.context import site

# Mail about something long past helps nobody: replayed orders and a demo city's history.
EMAIL_MAX_AGE = dt.timedelta(days=2)


def notify(
    *, user_id: int, kind: str, params: Mapping[str, Any], link: str, dedupe_key: str
) -> Notification | None:
    """Put a message into a person's inbox, once per ``dedupe_key``; None when it is there already.

    ``kind`` and the names in ``params`` (JSON-ready) are those of members.wording; ``link`` is
    a path of this site. Publishes "notification.created" in the same transaction. Raises
    UnknownKind.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    with transaction.atomic():
        notification, created = Notification.objects.get_or_create(
            dedupe_key=dedupe_key,
            defaults={"user_id": user_id, "kind": kind, "params": dict(params), "link": link},
        )
        if not created:
            return None
        publish("notification.created", notification_id=notification.pk)
    return notification


def send_email(*, notification_id: int) -> None:
    """E-mail a notification in its reader's language, as HTML and text.

    Handler of "notification.created"; not inside a transaction, for it talks to a mail
    server. A person without an e-mail address or with one that no server takes (.invalid,
    RFC 2606: people of an import), a message sent before, and one older than EMAIL_MAX_AGE
    are left alone.
    """
    found = (
        Notification.objects.select_related("user")
        .filter(
            pk=notification_id,
            emailed_at__isnull=True,
            created_at__gt=now() - EMAIL_MAX_AGE,
            user__is_active=True,
            user__email__isnull=False,
        )
        .exclude(user__email__endswith=".invalid")
    )
    for notification in found:
        message = notification_email(notification)
        message.send()
        Notification.objects.filter(pk=notification.pk).update(emailed_at=now())


def notification_email(notification: Notification) -> EmailMultiAlternatives:
    """Build the e-mail of a notification (select_related user)."""
    with translation.override(notification.user.language):
        message = word_notification(notification)
        return build_email(
            user=notification.user,
            template="notification",
            subject=message.title,
            context={
                "message": message,
                "action_url": absolute(notification.link) if notification.link else "",
                "action_label": message.action,
            },
        )


def build_email(
    *, user: User, template: str, subject: str, context: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """Build an e-mail to ``user`` from templates/emails/``template``.html and .txt.

    The active language is the caller's to set.
    """
    everything = {**context, **site(HttpRequest()), "user": user}
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"emails/{template}.txt", everything).strip() + "\n",
        to=[user.email or ""],
    )
    mail.attach_alternative(render_to_string(f"emails/{template}.html", everything), "text/html")
    return mail


def absolute(path: str) -> str:
    """The full address of a path of this site, as it may stand in an e-mail."""
    return urljoin(f"{settings.BASE_URL}/", path)


def mark_read(*, user: User, notification_ids: list[int] | None = None) -> int:
    """Mark the given unread messages of ``user``, or all of them, as read; return how many."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if notification_ids is not None:
        unread = unread.filter(pk__in=notification_ids)
    return unread.update(read_at=now())
