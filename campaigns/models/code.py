"""Codes that become coupons, coupons that were given, and what was taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.campaign import Campaign
from campaigns.models.coupon import Coupon
from kernel.clock import now
from stores.models import Store


class CouponCode(models.Model):
    """A code that becomes one coupon of whoever types it first; ``ends_at`` where it is good for minutes.

    Kept as it is read: the business prints it.
    """

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="codes",
        verbose_name=_("campaign"),
        db_index=False,
    )
    code = models.CharField(pgettext_lazy("promotion", "code"), max_length=13, unique=True)
    coupon = models.ForeignKey(
        Coupon,
        on_delete=models.PROTECT,
        null=True,
        related_name="codes",
        verbose_name=_("coupon"),
        db_index=False,
    )
    ends_at = models.DateTimeField(_("ends"), null=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True)

    class Meta:
        verbose_name = _("code of a coupon")
        verbose_name_plural = _("codes of coupons")
        ordering = ("-id",)
        indexes = (models.Index(fields=["campaign", "-id"], name="coupon_code_campaign"),)
        constraints = (
            models.UniqueConstraint(
                fields=["coupon"], name="coupon_code_once", condition=Q(coupon__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(coupon__isnull=True) | Q(revoked_at__isnull=True),
                name="coupon_code_free_or_claimed",
            ),
        )

    def __str__(self) -> str:
        return self.code


class CouponGrant(models.Model):
    """A coupon that the business has given: by whom, why, and where; told to the business alone.

    To a guest's account (``coupon``), or as a ``code`` that the guest scans at the counter.
    """

    class Reason(models.TextChoices):
        APOLOGY = "apology", _("something went wrong")
        THANKS = "thanks", _("a thank-you")
        INVITATION = "invitation", _("an invitation to come again")
        OTHER = "other", _("another reason")

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="grants",
        verbose_name=_("campaign"),
        db_index=False,
    )
    store = models.ForeignKey(
        Store,
        on_delete=models.PROTECT,
        null=True,
        related_name="coupon_grants",
        verbose_name=_("store"),
        db_index=False,
    )
    issuer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    note = models.CharField(_("internal note"), max_length=500, blank=True)
    coupon = models.OneToOneField(
        Coupon,
        on_delete=models.PROTECT,
        null=True,
        related_name="grant",
        verbose_name=_("coupon"),
    )
    code = models.OneToOneField(
        CouponCode,
        on_delete=models.PROTECT,
        null=True,
        related_name="grant",
        verbose_name=pgettext_lazy("promotion", "code"),
    )
    created_at = models.DateTimeField(_("given"), default=now)

    class Meta:
        verbose_name = _("coupon given")
        verbose_name_plural = _("coupons given")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["campaign", "-id"], name="coupon_grant_campaign"),
            models.Index(fields=["issuer", "-created_at"], name="coupon_grant_issuer"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(coupon__isnull=False) | Q(code__isnull=False),
                name="coupon_grant_gives",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.reason}"


class CouponRevocation(models.Model):
    """Why a coupon, or a code that nobody had typed yet, was taken back, and by whom."""

    coupon = models.OneToOneField(
        Coupon,
        on_delete=models.PROTECT,
        null=True,
        related_name="revocation",
        verbose_name=_("coupon"),
    )
    code = models.OneToOneField(
        CouponCode,
        on_delete=models.PROTECT,
        null=True,
        related_name="revocation",
        verbose_name=pgettext_lazy("promotion", "code"),
    )
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken back by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=300)
    created_at = models.DateTimeField(_("taken back"), default=now)

    class Meta:
        verbose_name = _("coupon taken back")
        verbose_name_plural = _("coupons taken back")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(coupon__isnull=False, code__isnull=True)
                | Q(coupon__isnull=True, code__isnull=False),
                name="coupon_revocation_of_one",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="coupon_revocation_says_why"),
        )

    def __str__(self) -> str:
        return self.reason
