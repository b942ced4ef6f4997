"""Businesses on the platform."""

from __future__ import annotations

from decimal import Decimal

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import MAX_NOTE_CHARS, Bounded
from kernel.clock import now
from kernel.emails import MailField


@pghistory.track()
class Merchant(Bounded, models.Model):
    """A business on the platform. ``commission_rate`` is what it pays without a contract."""

    class State(models.TextChoices):
        APPLIED = "applied", _("waiting for approval")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        SUSPENDED = "suspended", _("suspended")

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120, blank=True)
    story_en = models.TextField(_("about (English)"), blank=True, max_length=MAX_NOTE_CHARS)
    story_zh = models.TextField(_("about (Chinese)"), blank=True, max_length=MAX_NOTE_CHARS)
    contact_name = models.CharField(_("contact person"), max_length=80, blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=40, blank=True)
    contact_email = MailField(_("contact e-mail"), blank=True)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("applicant"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="applications",
    )
    trades = ArrayField(
        models.SlugField(max_length=60),
        verbose_name=_("trades asked for"),
        default=list,
        blank=True,
        help_text=_("Slugs of top categories; they are open to the merchant with its approval."),
    )
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.APPLIED, db_index=True
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decision_note = models.TextField(
        _("note to the applicant"), blank=True, max_length=MAX_NOTE_CHARS
    )
    commission_rate = models.DecimalField(
        _("commission rate"),
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.0600"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal("0.5"))],
        help_text=_("0.06 means 6 % of each redeemed amount."),
    )
    has_contracts = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether an order has to ask for its contracts (payments.contracts)."""
    has_campaigns = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether an order, a page has to ask for its coupons: one may still be claimed, or used."""
    mark = models.ImageField(_("mark"), upload_to="merchants/", blank=True)
    created_at = models.DateTimeField(_("created"), default=now)
    name = Bilingual("name")
    story = Bilingual("story")

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ("slug",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name_en="", name_zh=""), name="merchant_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(commission_rate__gte=0, commission_rate__lte=Decimal("0.5")),
                name="merchant_commission_rate_range",
            ),
        )

    def __str__(self) -> str:
        return self.name
