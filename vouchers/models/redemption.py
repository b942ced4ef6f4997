"""What is handed over at the counter, and what is taken back there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from stores.models import Device, Merchant, Store
from vouchers.models.voucher import Voucher


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def kept(self) -> RedemptionQuerySet:
        """What stands: neither undone nor given back whole."""
        return self.filter(undone_at__isnull=True, returned_uses__lt=F("uses"))


class Redemption(models.Model):
    """Uses handed over at a counter. ``first_use`` counts from 0 and is taken once.

    ``occurred_at`` is when it happened at the counter, ``redeemed_at`` when it was written down;
    they differ where a device was without a network. ``nonce`` is the device's own name of it.
    """

    voucher = models.ForeignKey(
        Voucher, verbose_name=_("voucher"), on_delete=models.PROTECT, related_name="redemptions"
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        related_name="redemptions",
        db_index=False,
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("redeemed by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    device = models.ForeignKey(
        Device,
        verbose_name=_("redeemed on"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    first_use = models.PositiveIntegerField()
    uses = models.PositiveIntegerField(_("uses"), default=1)
    value_fen = models.PositiveBigIntegerField(_("value"))
    redeemed_at = models.DateTimeField(_("redeemed"), default=now)
    occurred_at = models.DateTimeField(_("happened"), default=now, db_default=Now())
    nonce = models.CharField(max_length=64, null=True, blank=True, editable=False)
    undo_until = models.DateTimeField(_("undo until"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    released_at = models.DateTimeField(_("became payable"), null=True, blank=True)
    commission_fen = models.PositiveBigIntegerField(_("commission"), null=True, blank=True)
    returned_uses = models.PositiveIntegerField(_("returned uses"), default=0)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["store", "-occurred_at"], name="redemption_store_moment"),
            models.Index(fields=["merchant", "-occurred_at"], name="redemption_merchant_moment"),
            models.Index(
                fields=["undo_until"],
                name="redemption_to_release",
                condition=Q(undone_at__isnull=True, released_at__isnull=True),
            ),
        )
        constraints = (
            # The last line of defence: one live redemption starts at each use.
            models.UniqueConstraint(
                fields=["voucher", "first_use"],
                condition=Q(undone_at__isnull=True),
                name="redemption_use_taken_once",
            ),
            models.UniqueConstraint(
                fields=["voucher", "nonce"],
                condition=Q(nonce__isnull=False),
                name="redemption_nonce_once",
            ),
            models.CheckConstraint(condition=Q(uses__gte=1), name="redemption_uses_positive"),
            models.CheckConstraint(
                condition=Q(returned_uses__lte=F("uses")), name="redemption_never_over_returned"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(released_at__isnull=True, returned_uses=0),
                name="redemption_undone_or_released",
            ),
        )

    def __str__(self) -> str:
        return f"{self.voucher.title} {self.voucher}"

    @property
    def recorded_later(self) -> bool:
        """Whether it was written down a minute or more after it happened: pages say both then."""
        return self.redeemed_at - self.occurred_at >= dt.timedelta(minutes=1)

    @property
    def kept_uses(self) -> int:
        """The uses that stand: none of an undone one, the others less what was given back."""
        return 0 if self.undone_at else self.uses - self.returned_uses

    def can_undo(self, moment: dt.datetime | None = None) -> bool:
        """Whether the undo window is open (the service also asks for the latest redemption)."""
        at: Any = moment or now()
        return self.undone_at is None and self.released_at is None and at < self.undo_until


class VoucherReturn(models.Model):
    """After-sales: redeemed uses taken back, out of the merchant's credit; its parts say how."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="returns")
    uses = models.PositiveIntegerField(_("uses"))
    value_fen = models.PositiveBigIntegerField(_("value"))
    commission_fen = models.PositiveBigIntegerField(_("commission given back"))
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.redemption} ← {self.uses}"
