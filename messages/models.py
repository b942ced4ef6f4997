"""What people are told: one row for a person and an event."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from messages.wording import word_notification


class Notification(models.Model):
    """A message in the inbox. Stored as kind and facts, worded in the reader's language.

    ``dedupe_key`` makes a repeated reaction harmless.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="notifications",
    )
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("facts"), default=dict)
    link = models.CharField(_("link"), max_length=200, blank=True)
    dedupe_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(_("created"), default=now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed"), null=True, blank=True)
    mail_claimed_until = models.DateTimeField(
        _("a worker sends the e-mail until"), null=True, blank=True
    )

    class Meta:
        db_table = "members_notification"  # as the release before calls it
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["user", "-id"], name="notification_inbox"),
            models.Index(
                fields=["user"],
                name="notification_unread",
                condition=models.Q(read_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return word_notification(self).title
