"""What goes back of a voucher's components: refunds, returns, rebates."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import fen_to_yuan
from payments.models import Refund
from vouchers.models.component import VoucherComponent
from vouchers.models.redemption import VoucherReturn
from vouchers.models.voucher import Voucher


class RefundPart(models.Model):
    """What a refund gives back of one tender of one voucher; a refund may have many."""

    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), on_delete=models.PROTECT, related_name="parts"
    )
    voucher = models.ForeignKey(
        Voucher,
        verbose_name=_("voucher"),
        on_delete=models.PROTECT,
        related_name="refund_parts",
    )
    component = models.ForeignKey(
        VoucherComponent, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    amount_fen = models.PositiveBigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("part of a refund")
        verbose_name_plural = _("parts of refunds")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_part_positive"),
        )

    def __str__(self) -> str:
        return f"{self.refund} · {fen_to_yuan(self.amount_fen)}"


class ReturnPart(models.Model):
    """What a return takes back of one component: to the buyer by ``refund``, or to a funder."""

    taken_back = models.ForeignKey(
        VoucherReturn,
        verbose_name=_("return"),
        on_delete=models.PROTECT,
        related_name="parts",
    )
    component = models.ForeignKey(
        VoucherComponent, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    refund = models.ForeignKey(
        Refund,
        verbose_name=_("refund"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    amount_fen = models.PositiveBigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("part of a return")
        verbose_name_plural = _("parts of returns")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["taken_back", "component"], name="return_part_of_component_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="return_part_positive"),
        )

    def __str__(self) -> str:
        return f"{self.taken_back} · {fen_to_yuan(self.amount_fen)}"


class Rebate(models.Model):
    """What was taken off one tender of an unused voucher after the order was placed.

    ``refund`` carries it back; without one it lowers a balance that has not been paid yet.
    """

    component = models.ForeignKey(
        VoucherComponent,
        verbose_name=_("component"),
        on_delete=models.PROTECT,
        related_name="rebates",
    )
    refund = models.ForeignKey(
        Refund,
        verbose_name=_("refund"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("rebate")
        verbose_name_plural = _("rebates")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="rebate_positive"),
        )

    def __str__(self) -> str:
        return f"−{fen_to_yuan(self.amount_fen)}"
