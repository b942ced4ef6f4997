from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now

SENT = "web.input"
"""The kind of an incident that a request's input has caused."""


LEFT_OUT = Q(settled_at__isnull=True) & ~Q(kind=SENT)


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> IncidentQuerySet:
        """Incidents that nobody has settled yet."""
        return self.filter(settled_at__isnull=True)

    def left_out(self) -> IncidentQuerySet:
        """The open ones about rows and items of ours, not about what strangers sent."""
        return self.filter(LEFT_OUT)


class Incident(models.Model):
    """One thing that could not be done, and was gone past so that the rest could be.

    A row that a page left out, an item that a sweep skipped. The same trouble with the same
    thing is one row that counts, until the operator settles it.
    """

    kind = models.CharField(_("kind"), max_length=64)
    subject = models.CharField(_("about"), max_length=120)
    error = models.TextField(_("error"), blank=True)
    count = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first seen"), default=now)
    last_at = models.DateTimeField(_("last seen"), default=now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects: ClassVar[models.Manager[Incident]] = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ("-last_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(settled_at__isnull=True),
                name="watch_incident_open",
            ),
        )
        indexes = (models.Index(fields=["last_at"], name="watch_incident_last"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
