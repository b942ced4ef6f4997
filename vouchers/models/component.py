"""The money of a voucher: what each of its payers gives (docs/money.md)."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.money import fen_to_yuan
from payments.models import BOOKS, Payment


class VoucherComponent(models.Model):
    """What one payer gives for a voucher: the buyer's tender, or a funder's part of a discount.

    Each is shared out over the uses by itself. Tenders go back in the order of ``position``,
    the last one first, where an amount is not that of whole uses. A merchant that lowers its
    own price is no component: nobody owes it that part.
    """

    class Kind(models.TextChoices):
        TENDER = "tender", _("paid by the buyer")
        FUNDER = "funder", _("paid by a funder")

    voucher = models.ForeignKey(
        "vouchers.Voucher",
        verbose_name=_("voucher"),
        on_delete=models.PROTECT,
        related_name="components",
        db_index=False,
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    purpose = models.CharField(
        _("purpose"), max_length=8, choices=Payment.Purpose.choices, blank=True
    )
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="components",
        help_text=_("Empty until the money has arrived."),
    )
    custodian = models.CharField(_("custodian"), max_length=24, blank=True)
    party = models.CharField(_("funded by"), max_length=40, blank=True)
    amount_fen = models.PositiveBigIntegerField(
        _("amount"), help_text=_("Less what was taken off it since: rebates.")
    )
    in_base = models.BooleanField(_("commission is taken on it"), default=True)

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        ordering = ("voucher", "position")
        constraints = (
            models.UniqueConstraint(fields=["voucher", "position"], name="component_position_once"),
            models.CheckConstraint(
                condition=Q(kind="tender", party="") & ~Q(purpose="")
                | Q(kind="funder", purpose="", payment__isnull=True, custodian=BOOKS)
                & ~Q(party=""),
                name="component_is_tender_or_funder",
            ),
            models.CheckConstraint(
                condition=Q(kind="funder")
                | Q(payment__isnull=True, custodian="")
                | (Q(payment__isnull=False) & ~Q(custodian="")),
                name="component_received_is_somewhere",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {fen_to_yuan(self.amount_fen)}"


class Component(NamedTuple):
    """A component as the services read it (`components_of`); the fields are those of the row."""

    pk: int
    kind: str
    payment_id: int | None
    custodian: str
    party: str
    amount_fen: int
    in_base: bool

    @property
    def is_tender(self) -> bool:
        """Whether the buyer pays it; else a funder does."""
        return self.kind == VoucherComponent.Kind.TENDER

    @property
    def is_received(self) -> bool:
        """Whether it is a tender whose money has arrived."""
        return self.payment_id is not None
