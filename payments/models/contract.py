"""What a merchant has agreed to pay the platform, from a day on."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Category
from kernel.clock import now
from stores.models import Merchant


class Contract(models.Model):
    """Commission of a merchant for a category or a campaign, or for all it sells, from a moment on.

    A row is never changed: another one that begins later takes its place. Where none runs the
    merchant's usual rate counts (`Merchant.commission_rate`), on everything that is paid.
    """

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="contracts",
        db_index=False,
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty for all that it sells; a top category counts for those below it."),
    )
    campaign = models.CharField(
        _("campaign"),
        max_length=64,
        blank=True,
        help_text=_("The rule of price that must have lowered the line; empty for any."),
    )
    rate = models.DecimalField(_("commission rate"), max_digits=5, decimal_places=4)
    fixed_fen = models.PositiveIntegerField(_("commission per use"), default=0)
    platform_in_base = models.BooleanField(
        _("commission is taken on what the platform pays of discounts"), default=True
    )
    points_in_base = models.BooleanField(
        _("commission is taken on what is paid with points"), default=True
    )
    partners_in_base = models.BooleanField(
        _("commission is taken on what partners pay of discounts"), default=True
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ("-id",)
        indexes = (models.Index(fields=["merchant", "-starts_at"], name="contract_of_merchant"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=Decimal("0.5")), name="contract_rate_range"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="contract_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant} · {self.campaign or self.category or _('all')}"
