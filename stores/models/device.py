"""Tills, phones and scanners that a store has enrolled."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.bounds import Bounded
from kernel.clock import now


class DeviceQuerySet(models.QuerySet["Device"]):
    def working(self) -> DeviceQuerySet:
        """Enrolled and not revoked."""
        return self.filter(enrolled_at__isnull=False, revoked_at__isnull=True)


@pghistory.track(exclude=["code_digest", "token_digest", "last_seen_at"])
class Device(Bounded, models.Model):
    """One browser or scanner of one store, enrolled by a one-time code.

    The code and the token are known to who typed and to who holds them; here stand their
    digests. A device opens nothing by itself: whoever redeems on it is signed in as well.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("device", "waiting for its code")
        WORKING = "working", pgettext_lazy("device", "enrolled")
        REVOKED = "revoked", pgettext_lazy("device", "revoked")

    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="devices",
    )
    store = models.ForeignKey(
        "stores.Store", verbose_name=_("store"), on_delete=models.PROTECT, related_name="devices"
    )
    name = models.CharField(_("name"), max_length=60, help_text=_("Such as “Till 1”."))
    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(_("code works until"), null=True, blank=True)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("added by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=now)
    enrolled_at = models.DateTimeField(pgettext_lazy("moment", "enrolled"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(pgettext_lazy("moment", "revoked"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revoked by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("till", "device")
        verbose_name_plural = pgettext_lazy("till", "devices")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["code_digest"], condition=~models.Q(code_digest=""), name="device_code"
            ),
            models.UniqueConstraint(
                fields=["token_digest"], condition=~models.Q(token_digest=""), name="device_token"
            ),
            models.CheckConstraint(
                condition=models.Q(enrolled_at__isnull=True) | ~models.Q(token_digest=""),
                name="device_enrolled_has_token",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> State:
        """Where it stands: a revoked one stays revoked."""
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.WORKING if self.enrolled_at else self.State.WAITING
