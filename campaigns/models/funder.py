"""Who bears what a campaign takes off, where its merchant does not bear it alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from stores.models import Merchant


class Funder(models.Model):
    """A party's share in ‰. The shares of a campaign are 1000 together; it starts when all have agreed.

    ``merchant`` is None for the platform.
    """

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="funders",
        verbose_name=_("campaign"),
        db_index=False,
    )
    merchant = models.ForeignKey(
        Merchant,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("merchant"),
    )
    party = models.CharField(_("party"), max_length=40)
    permille = models.PositiveSmallIntegerField(_("share (‰)"))
    agreed_at = models.DateTimeField(_("agreed"), null=True)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("agreed by"),
    )

    class Meta:
        verbose_name = _("share of a campaign")
        verbose_name_plural = _("shares of campaigns")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["campaign", "party"], name="funder_once"),
            models.CheckConstraint(
                condition=Q(permille__gte=1, permille__lte=1000), name="funder_bears_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.party} {self.permille}"
