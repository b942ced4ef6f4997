"""Who works for the platform itself, and as what."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now


@pghistory.track()
class PlatformRole(models.Model):
    """A role of the operator's people. What it may do stands in stores.rights.

    ``user.is_superuser`` is kept in step with the owner's rows by stores.services.platform:
    a superuser made by a command is an owner, too.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("owner of the platform")
        SUPPORT = "support", pgettext_lazy("role", "support")
        FINANCE = "finance", pgettext_lazy("role", "finance")
        RISK = "risk", pgettext_lazy("role", "risk")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="platform_roles",
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("since"), default=now)

    class Meta:
        verbose_name = _("role on the platform")
        verbose_name_plural = _("roles on the platform")
        ordering = ("role", "id")
        constraints = (models.UniqueConstraint(fields=["user", "role"], name="platform_role_once"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
