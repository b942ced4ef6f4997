"""The inbox: a message is stored once, worded when read, and e-mailed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from kernel.clock import now
from kernel.db.prepared import Change, Prepared, insert_rows
from kernel.errors import NotFound
from kernel.message_kinds import MAIL_GROUPS, all_kinds, kind_of
from kernel.outbox.services import publish
from members.models import User
from members.services.mail import absolute, build_email, send_mail
from messages.errors import MailInFlight, UnknownKind
from messages.models import Notification
from messages.wording import word_notification

# Mail about something long past helps nobody: replayed orders and a demo city's history.
EMAIL_MAX_AGE = dt.timedelta(days=2)
MAIL_CLAIM_SECONDS = 120
"""Longer than a mail server's every step may take (EMAIL_TIMEOUT)."""
_MAIL_OFF = "members.mail_off"


def notify(
    *, user_id: int, kind: str, params: Mapping[str, Any], link: str, dedupe_key: str
) -> Notification | None:
    """Put a message into a person's inbox, once per ``dedupe_key``; None when it is there already.

    ``kind`` and the names in ``params`` (JSON-ready) are those of messages.wording; ``link`` is
    a path of this site. Publishes "notification.created" in the same transaction. Raises
    UnknownKind.
    """
    if kind not in all_kinds():
        raise UnknownKind(kind)
    notification = Notification(
        user_id=user_id, kind=kind, params=dict(params), link=link, dedupe_key=dedupe_key
    )
    with transaction.atomic(savepoint=False):
        if insert_rows([notification], unless="dedupe_key"):
            return None
        publish("notification.created", notification_id=notification.pk)
    return notification


_unsent = Prepared(
    lambda notification_id, since: (
        Notification.objects.select_related("user")
        .filter(
            pk=notification_id,
            emailed_at__isnull=True,
            created_at__gt=since,
            user__is_active=True,
            user__email__isnull=False,
        )
        .exclude(user__email__endswith=".invalid")
    ),
    *(int, dt.datetime),
)
_claimed = Change(
    lambda notification_id, moment, until: (
        Notification.objects.filter(
            Q(mail_claimed_until__isnull=True) | Q(mail_claimed_until__lte=moment),
            pk=notification_id,
            emailed_at__isnull=True,
        ),
        {"mail_claimed_until": until},
    ),
    *(int, dt.datetime, dt.datetime),
)
_sent = Change(
    lambda notification_id, moment: (
        Notification.objects.filter(pk=notification_id),
        {"emailed_at": moment, "mail_claimed_until": None},
    ),
    *(int, dt.datetime),
)


def send_email(*, notification_id: int) -> None:
    """E-mail a notification in its reader's language, as HTML and text.

    Handler of "notification.created"; not inside a transaction, for it talks to a mail
    server. A person without an e-mail address or with one that no server takes (.invalid,
    RFC 2606: people of an import), a message sent before, one older than EMAIL_MAX_AGE and
    one of a group that the person switched off are left alone.

    The message is claimed by compare-and-set before it is sent, so that two workers never send
    it both. A worker that dies leaves a claim that runs out after MAIL_CLAIM_SECONDS; then it is
    sent again, for nobody knows whether the server had taken it: at least once after a crash,
    otherwise exactly once. Raises MailInFlight while another worker sends it, and what
    `send_mail` raises.
    """
    notification = _unsent.first(notification_id, now() - EMAIL_MAX_AGE)
    if notification is None:
        return
    if kind_of(notification.kind).group in notification.user.mail_off:
        return
    mail = notification_email(notification)
    if not _claim_mail(notification_id):
        return
    try:
        send_mail(mail)
    except Exception:
        Notification.objects.filter(pk=notification_id).update(mail_claimed_until=None)
        raise
    _sent.rows(notification_id, now())


def _claim_mail(notification_id: int) -> bool:
    """Take the right to send; False when it was sent meanwhile. Raises MailInFlight."""
    moment = timezone.now()
    until = moment + dt.timedelta(seconds=MAIL_CLAIM_SECONDS)
    if _claimed.rows(notification_id, moment, until):
        return True
    if Notification.objects.filter(pk=notification_id, emailed_at__isnull=True).exists():
        raise MailInFlight
    return False


def notification_email(notification: Notification) -> EmailMultiAlternatives:
    """Build the e-mail of a notification (select_related user)."""
    user = notification.user
    with translation.override(user.language):
        message = word_notification(notification)
        off_url = mail_off_url(user, message.group) if message.group else ""
        mail = build_email(
            user=user,
            template="notification",
            subject=message.title,
            context={
                "message": message,
                "action_url": absolute(notification.link) if notification.link else "",
                "action_label": message.action,
                "reason": MAIL_GROUPS[message.group].reason if message.group else "",
                "off_url": off_url,
            },
        )
    if off_url:
        # RFC 8058: mail programs show their own "unsubscribe" and press it for the reader.
        mail.extra_headers["List-Unsubscribe"] = f"<{off_url}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return mail


def mail_off_url(user: User, group: str) -> str:
    """The address that switches a group of e-mails off without logging in; signed, for ever."""
    token = signing.dumps([user.pk, group], salt=_MAIL_OFF)
    return absolute(reverse("mail_off", args=[token]))


def read_mail_off(token: str) -> tuple[User, str]:
    """The person and the group of a `mail_off_url`; raises NotFound for a token not of ours."""
    try:
        user_id, group = signing.loads(token, salt=_MAIL_OFF)
    except (signing.BadSignature, ValueError):
        raise NotFound from None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or group not in MAIL_GROUPS:
        raise NotFound
    return user, group


def mark_read(*, user: User, notification_ids: list[int] | None = None) -> int:
    """Mark the given unread messages of ``user``, or all of them, as read; return how many."""
    unread = Notification.objects.filter(user=user, read_at__isnull=True)
    if notification_ids is not None:
        unread = unread.filter(pk__in=notification_ids)
    return unread.update(read_at=now())
