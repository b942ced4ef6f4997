"""Each order that a campaign has lowered by itself, without a coupon."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.coupon import CouponUse
from kernel.clock import now


class AutomaticUse(models.Model):
    """A campaign in an order: reserved when it is placed, used when it is paid, or given back.

    ``payer`` stands for the account that paid (`campaigns.services.payers`).
    """

    State = CouponUse.State
    LIVE = CouponUse.LIVE

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        related_name="automatic_uses",
        verbose_name=_("campaign"),
        db_index=False,
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    order_number = models.CharField(_("order"), max_length=32)
    amount_fen = models.PositiveBigIntegerField(_("discount"))
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=CouponUse.State.choices,
        default=CouponUse.State.RESERVED,
    )
    created_at = models.DateTimeField(_("reserved at"), default=now)
    payer = models.CharField(_("payer"), max_length=64, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("automatic discount")
        verbose_name_plural = _("automatic discounts")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["order_number"], name="automatic_use_order"),
            models.Index(
                fields=["campaign", "payer"],
                name="automatic_use_of_payer",
                condition=Q(state="used") & ~Q(payer=""),
            ),
            models.Index(
                fields=["buyer", "campaign"],
                name="automatic_use_of_person",
                condition=Q(state__in=["reserved", "used"]),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "order_number"], name="automatic_use_of_order"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="automatic_use_takes_off"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.order_number}"
