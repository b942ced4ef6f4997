"""The money of a voucher: a list of components, each shared out over the uses by itself.

docs/money.md tells the rules. The tables are those of the room's models; what reads them for
the services is below: pure figures about one voucher, in fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.money import apply_rate, cumulative_share, fen_to_yuan, share
from payments.models import BOOKS, Payment, Refund
from payments.services.moves import Fee, Part

if TYPE_CHECKING:
    from vouchers.models import Redemption, Voucher


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


class RefundPart(models.Model):
    """What a refund gives back of one tender of one voucher; a refund may have many."""

    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), on_delete=models.PROTECT, related_name="parts"
    )
    voucher = models.ForeignKey(
        "vouchers.Voucher",
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
        "vouchers.VoucherReturn",
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


def components_of(voucher: Voucher) -> list[Component]:
    """The voucher's components in their order; no query after ``with_components``.

    What was read along with a row that was locked is as old as the statement's beginning. The
    sums on the row are as new as the lock: where they differ, the components are read again.
    """
    rows = getattr(voucher, "component_rows", None) or ()
    found = [Component(*row) for row in rows]
    if not _sums_agree(voucher, found):
        fresh = VoucherComponent.objects.filter(voucher_id=voucher.pk).order_by("position")
        found = [Component(*row) for row in fresh.values_list(*Component._fields)]
        voucher.component_rows = found
    return found


def _sums_agree(voucher: Voucher, found: Sequence[Component]) -> bool:
    return (
        voucher.value_fen == sum(part.amount_fen for part in found)
        and voucher.received_fen == sum(part.amount_fen for part in found if part.is_received)
        and bool(found or not voucher.value_fen)
    )


def missing_of(voucher: Voucher) -> int:
    """What the buyer has still to pay for it."""
    return sum(
        part.amount_fen
        for part in components_of(voucher)
        if part.is_tender and not part.is_received
    )


class Portion(NamedTuple):
    """A part of one component, in fen."""

    component: Component
    amount_fen: int

    @property
    def posted(self) -> Part:
        """As the ledger's rows take it."""
        return Part(self.component.custodian, self.amount_fen, self.component.party)


def portions_of_uses(voucher: Voucher, first: int, uses: int) -> list[Portion]:
    """What ``uses`` uses after the first ``first`` ones take of each component."""
    total = voucher.uses_total
    return [
        Portion(part, share(part.amount_fen, first, uses, total)) for part in components_of(voucher)
    ]


def portions_of(redemption: Redemption) -> list[Portion]:
    """What a redemption took of each component of its voucher (joined)."""
    return portions_of_uses(redemption.voucher, redemption.first_use, redemption.uses)


def unused_portions(voucher: Voucher) -> list[Portion]:
    """What is left in escrow of each tender: of what has arrived, the uses that are left.

    Funders pay when a use is redeemed: nothing of theirs is left anywhere.
    """
    used, total = voucher.uses_used, voucher.uses_total
    return [
        Portion(part, part.amount_fen - cumulative_share(part.amount_fen, used, total))
        for part in components_of(voucher)
        if part.is_received
    ]


def returned_portions(redemption: Redemption, uses: int) -> list[Portion]:
    """What taking ``uses`` back takes from each component: ``left × uses // uses left``.

    One query where something was taken back before.
    """
    given: dict[int, int] = {}
    if redemption.returned_uses:
        rows = ReturnPart.objects.filter(taken_back__redemption_id=redemption.pk).order_by()
        given = dict(rows.values_list("component_id").annotate(Sum("amount_fen")))
    left = redemption.uses - redemption.returned_uses
    return [
        Portion(part, (taken_fen - given.get(part.pk, 0)) * uses // left)
        for part, taken_fen in portions_of(redemption)
    ]


def commission_of(redemption: Redemption) -> int:
    """The platform's share of a redemption: the rate on its base, and the fixed part per use."""
    voucher = redemption.voucher
    base_fen = sum(fen for part, fen in portions_of(redemption) if part.in_base)
    fixed_fen = voucher.commission_fixed_fen * redemption.uses
    return apply_rate(base_fen, voucher.commission_rate) + fixed_fen


def commission_on_unused(voucher: Voucher) -> int:
    """What a forfeit owes the platform: the rate on received money in the base, no fixed part."""
    base_fen = sum(fen for part, fen in unused_portions(voucher) if part.in_base)
    return apply_rate(base_fen, voucher.commission_rate)


def fee_of_uses(redemption: Redemption, first: int, uses: int) -> Fee:
    """The referral fee of ``uses`` of a redemption's uses, after the first ``first`` of them."""
    voucher = redemption.voucher
    whole_fen = share(
        voucher.referral_fen, redemption.first_use, redemption.uses, voucher.uses_total
    )
    return Fee(voucher.referrer_id or 0, share(whole_fen, first, uses, redemption.uses))


def total_of(portions: Sequence[Portion]) -> int:
    """What portions come to together."""
    return sum(portion.amount_fen for portion in portions)
