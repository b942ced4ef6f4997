"""A message by e-mail: claimed before it is sent, and sent once."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from kernel.clock import now
from kernel.db.prepared import Change, Prepared, Statement
from kernel.errors import NotFound
from kernel.message_kinds import MAIL_GROUPS, Channel, kind_of
from members.models import User
from members.services.mail import absolute, build_email, send_mail
from messages.audience import listeners
from messages.errors import MailInFlight
from messages.models import Dispatch, Notification
from messages.wording import word_notification

# Mail about something long past helps nobody: replayed orders and a demo city's history.
EMAIL_MAX_AGE = dt.timedelta(days=2)
MAIL_CLAIM_SECONDS = 120
"""Longer than a mail server's every step may take (EMAIL_TIMEOUT)."""
_MAIL_OFF = "members.mail_off"
State = Dispatch.State

_unsent = Prepared(
    lambda notification_id, since: (
        Notification.objects.select_related("user")
        .filter(
            pk=notification_id,
            created_at__gt=since,
            user__is_active=True,
            user__email__isnull=False,
        )
        .exclude(user__email__endswith=".invalid")
    ),
    *(int, dt.datetime),
)
# What a worker of the release before has claimed or sent is its own. The row of the message is
# the one that is locked: whoever comes second finds it e-mailed.
_CLAIM = Statement(
    """
WITH free AS (
    UPDATE members_notification SET emailed_at = %s
    WHERE id = %s AND emailed_at IS NULL
      AND (mail_claimed_until IS NULL OR mail_claimed_until <= %s)
    RETURNING id
)
INSERT INTO inbox_dispatch (notification_id, channel, state, moved_at)
SELECT id, 'email', 'claimed', %s FROM free
ON CONFLICT (notification_id, channel) DO UPDATE
SET state = excluded.state, moved_at = excluded.moved_at WHERE inbox_dispatch.state = 'waiting'
RETURNING id::bigint
""",
    *("timestamptz", "bigint", "timestamptz", "timestamptz"),
)
_moved = Change(
    lambda notification_id, state, moment: (
        Dispatch.objects.filter(
            notification=notification_id, channel=Channel.EMAIL, state=State.CLAIMED
        ),
        {"state": state, "moved_at": moment},
    ),
    *(int, str, dt.datetime),
)
_free = Change(
    lambda notification_id: (Notification.objects.filter(pk=notification_id), {"emailed_at": None}),
    int,
)


def send_email(*, notification_id: int) -> None:
    """E-mail a message in its reader's language, as HTML and text: at most once.

    Handler of "notification.created"; not inside a transaction, for it talks to a mail
    server. A person without an e-mail address or with one that no server takes (.invalid,
    RFC 2606: people of an import), a message sent before, one older than EMAIL_MAX_AGE, one of a
    group that the person switched off and news that they may not or do not want to hear any more
    are left alone.

    The message is claimed by compare-and-set (`Dispatch`) before it is sent, so two workers never
    send it both. A failure gives the claim back, and the outbox tries again. A worker that dies
    with the claim in hand leaves it: nobody knows whether the server had taken the mail, so it is
    not sent again; the inbox has the message. Raises MailInFlight while another worker may still
    be sending it, and what `send_mail` raises.
    """
    notification = _unsent.first(notification_id, now() - EMAIL_MAX_AGE)
    if notification is None or not _is_wanted(notification):
        return
    if notification.emailed_at is None:
        mail = notification_email(notification)
        if _claim(notification_id):
            _send(notification_id, mail)
            return
    _refuse_in_flight(notification_id)


def _is_wanted(notification: Notification) -> bool:
    """Whether the reader wants the e-mail, and may still know of the thing."""
    kind = kind_of(notification.kind)
    if kind.group in notification.user.mail_off:
        return False
    if kind.news is None or notification.merchant_id is None:
        return True
    found = listeners(
        kind.news,
        merchant_id=notification.merchant_id,
        store_id=notification.store_id,
        user_id=notification.user_id,
    )
    return any(Channel.EMAIL in listener.channels for listener in found)


def _claim(notification_id: int) -> bool:
    moment = timezone.now()
    return bool(_CLAIM.rows(moment, notification_id, moment, moment))


def _send(notification_id: int, mail: EmailMultiAlternatives) -> None:
    try:
        send_mail(mail)
    except Exception:
        with transaction.atomic():
            _free.rows(notification_id)
            _moved.rows(notification_id, State.WAITING, timezone.now())
        raise
    _moved.rows(notification_id, State.SENT, timezone.now())


def _refuse_in_flight(notification_id: int) -> None:
    """Raise MailInFlight while the one who has the claim may still fail and give it back."""
    since = timezone.now() - dt.timedelta(seconds=MAIL_CLAIM_SECONDS)
    claim = Dispatch.objects.filter(notification=notification_id, channel=Channel.EMAIL).first()
    if claim is None:  # a worker of the release before has it, or had it
        held = Notification.objects.filter(pk=notification_id, emailed_at__isnull=True).exists()
    else:
        held = claim.state == State.WAITING
        held = held or (claim.state == State.CLAIMED and claim.moved_at > since)
    if held:
        raise MailInFlight


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
