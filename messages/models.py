"""What people are told: a message for a person, its way out of the house, and who wants what."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from kernel.message_kinds import Channel, Pace
from messages.wording import word_notification


class NotificationQuerySet(models.QuerySet["Notification"]):
    def in_inbox(self) -> NotificationQuerySet:
        """What the reader finds there; the others went out by another channel alone."""
        return self.filter(in_inbox=True)

    def unread(self) -> NotificationQuerySet:
        """What the badge counts."""
        return self.in_inbox().filter(read_at__isnull=True)


class Notification(models.Model):
    """A message for one person. Stored as kind and details, worded in the reader's language.

    ``dedupe_key`` names the event and the person: a repeated reaction writes nothing. News of a
    business names it, and the store it happened at: who does not work there any more is not
    sent it. One that is gathered is in no inbox: the message of many that is due at
    ``gathered_until`` tells it, and sets ``gathered_at``. ``emailed_at`` is written when the e-mail
    is claimed (`Dispatch` says what came of it).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="notifications",
    )
    # Never looked up by these two: an index would be written with every message for nothing.
    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    store = models.ForeignKey(
        "stores.Store",
        verbose_name=_("store"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("facts"), default=dict)
    link = models.CharField(_("link"), max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=120, unique=True)
    in_inbox = models.BooleanField(_("in the inbox"), default=True, db_default=True)
    created_at = models.DateTimeField(_("created"), default=now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed"), null=True, blank=True)
    gathered_until = models.DateTimeField(_("told with others on"), null=True, blank=True)
    gathered_at = models.DateTimeField(_("told with others"), null=True, blank=True)
    # Read as long as workers of the release before may write it; written no more.
    mail_claimed_until = models.DateTimeField(
        _("a worker sends the e-mail until"), null=True, blank=True
    )

    objects: ClassVar[models.Manager[Notification]] = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "members_notification"  # as the release before calls it
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-id",)
        indexes = (
            # Sales to be gathered and what goes by e-mail alone are the bulk, and in no inbox.
            models.Index(
                fields=["user", "-id"],
                name="notification_in_inbox",
                condition=models.Q(in_inbox=True),
            ),
            models.Index(
                fields=["user"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True),
            ),
            models.Index(
                fields=["merchant", "kind", "gathered_until"],
                name="notification_gathered",
                condition=models.Q(gathered_until__isnull=False, gathered_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return word_notification(self).title


class Dispatch(models.Model):
    """A message on its way out of the house: one person, one event, one channel, once.

    The inbox needs none: there the message itself, unique by its key, is the delivery. What leaves
    the house is claimed by compare-and-set before it is sent and never claimed again: a worker
    that dies meanwhile leaves it ``claimed``, and nobody knows whether it went out.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("message", "waiting")
        CLAIMED = "claimed", pgettext_lazy("message", "being sent")
        SENT = "sent", pgettext_lazy("message", "sent")

    notification = models.ForeignKey(
        Notification,
        verbose_name=_("message"),
        on_delete=models.CASCADE,
        related_name="dispatches",
        db_index=False,  # the unique constraint begins with it
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    moved_at = models.DateTimeField(pgettext_lazy("message", "moved"))

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["notification", "channel"], name="dispatch_once"),
        )

    def __str__(self) -> str:
        return f"{self.notification_id} {self.get_channel_display()}"


class Preference(models.Model):
    """How a person hears news of a business, and how often; without a row, as the news say."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="message_preferences",
        db_index=False,  # the unique constraint begins with it
    )
    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    news = models.CharField(_("news"), max_length=20)
    channels = ArrayField(
        models.CharField(max_length=8, choices=Channel.choices),
        verbose_name=_("channels"),
        default=list,
        blank=True,
    )
    pace = models.CharField(
        _("how often"),
        max_length=8,
        choices=Pace.choices,
        default=Pace.EACH,
        db_default=Pace.EACH,
    )

    class Meta:
        verbose_name = _("message preference")
        verbose_name_plural = _("message preferences")
        ordering = ("user", "merchant", "news")
        constraints = (
            models.UniqueConstraint(fields=["user", "merchant", "news"], name="preference_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.merchant_id} {self.news}"
