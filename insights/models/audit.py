"""What the platform found out about itself."""

from __future__ import annotations

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kernel.clock import now


class AuditRun(models.Model):
    """One proof of the published invariants (docs/money.md) on live data."""

    ran_at = models.DateTimeField(_("ran"), default=now)
    duration_ms = models.PositiveIntegerField(_("took (ms)"))
    is_clean = models.BooleanField(_("clean"))
    findings = models.JSONField(_("findings"), default=list, blank=True)

    class Meta:
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{localtime(self.ran_at):%Y-%m-%d %H:%M}"
