"""The terms of a purchase, frozen."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import pick
from kernel.clock import now


class VoucherTerms(models.Model):
    """Terms as they were at purchase, shared by every voucher sold under them.

    ``body`` is written by vouchers.services.terms and read by
    vouchers.terms.Terms; ``digest`` is its SHA-256, so equal terms are one row.
    """

    digest = models.CharField(max_length=64, unique=True)
    body = models.JSONField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("frozen terms")
        verbose_name_plural = _("frozen terms")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The product's title at purchase, in the active language."""
        return pick(*self.titles)

    @property
    def titles(self) -> tuple[str, str]:
        """The title in English and in Chinese; blank where a damaged row has none."""
        body = self.body if isinstance(self.body, dict) else {}
        return str(body.get("title_en") or ""), str(body.get("title_zh") or "")
