from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from o2o.clock import now


class OutboxEventQuerySet(models.QuerySet["OutboxEvent"]):
    def waiting(self) -> OutboxEventQuerySet:
        """Events no handler has finished yet."""
        return self.filter(done_at__isnull=True)

    def due(self) -> OutboxEventQuerySet:
        """Events that may be handled now: due, and not leased to a living worker."""
        return self.waiting().filter(due_at__lte=now())

    def failing(self) -> OutboxEventQuerySet:
        """Events that were tried and are still waiting."""
        return self.waiting().filter(attempts__gt=0).exclude(error="")


class OutboxEvent(models.Model):
    """A reaction that may lag but must not vanish.

    Written in the transaction of the fact it follows. A worker leases it by moving
    ``due_at`` ahead, runs the handler, and sets ``done_at``; a worker that dies leaves a
    lease that runs out.
    """

    topic = models.CharField(_("topic"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created"), default=now)
    due_at = models.DateTimeField(_("due"), default=now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    objects: ClassVar[models.Manager[OutboxEvent]] = OutboxEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox events")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["due_at"], name="outbox_waiting", condition=models.Q(done_at__isnull=True)
            ),
            models.Index(fields=["topic", "id"], name="outbox_topic"),
        )

    def __str__(self) -> str:
        return f"{localtime(self.created_at):%Y-%m-%d %H:%M:%S}"
