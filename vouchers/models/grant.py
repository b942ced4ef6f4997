"""Gifts: what a business gives without a sale, by somebody's hand or as a campaign promises."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from stores.models import Merchant


class Grant(models.Model):
    """Why a voucher was given and not sold: by whom, for what; told to the business alone.

    One that a guest has claimed as a campaign promises was given by nobody (``issuer`` is None).
    """

    class Reason(models.TextChoices):
        APOLOGY = "apology", _("something went wrong")
        REPLACEMENT = "replacement", _("in place of another voucher")
        THANKS = "thanks", _("a thank-you")
        OTHER = "other", _("another reason")
        CAMPAIGN = "campaign", _("claimed by the guest, as a campaign promises")

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="grants",
        db_index=False,
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("guest"),
        on_delete=models.PROTECT,
        related_name="grants",
        db_index=False,
    )
    issuer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    note = models.CharField(
        _("internal note"),
        max_length=500,
        blank=True,
        help_text=_("Read by your business and the platform, never by the guest."),
    )
    created_at = models.DateTimeField(_("given"), default=now)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken back by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["merchant", "-created_at"], name="grant_merchant"),
            models.Index(fields=["recipient", "merchant", "-created_at"], name="grant_recipient"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="grant_revoked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(issuer__isnull=True, reason="campaign")
                | (Q(issuer__isnull=False) & ~Q(reason="campaign")),
                name="grant_given_or_claimed",
            ),
        )

    def __str__(self) -> str:
        """What was given and to whom: "Flat White · Mei"; one query unless the vouchers are read along."""
        voucher = next(iter(self.vouchers.all()), None) if self.pk else None
        guest = self.recipient.display_name
        return f"{voucher.title} · {guest}" if voucher else guest


BY_HAND = [choice for choice in Grant.Reason.choices if choice[0] != Grant.Reason.CAMPAIGN]
"""The reasons of somebody who gives."""
