"""Vouchers, their frozen terms, redemptions and returns."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, Variant
from kernel.bilingual import pick
from kernel.bounds import read_zone
from kernel.clock import now
from kernel.money import cumulative_share
from payments.models import Payment, Refund
from stores.models import Device, Merchant, Store


class VoucherTerms(models.Model):
    """Terms as they were at purchase, shared by every voucher sold under them.

    ``body`` is written by vouchers.services.terms.freeze_terms and read by
    vouchers.terms.Terms; ``digest`` is its SHA-256, so equal terms are one row.
    """

    digest = models.CharField(max_length=64, unique=True)
    body = models.JSONField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("frozen terms")
        verbose_name_plural = _("frozen terms")

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The product's title at purchase, in the active language."""
        return pick(*self.titles)

    @property
    def titles(self) -> tuple[str, str]:
        """The title in English and in Chinese; blank where a damaged row has none."""
        body = self.body if isinstance(self.body, dict) else {}
        return str(body.get("title_en") or ""), str(body.get("title_zh") or "")


def _usable() -> Q:
    return Q(state=Voucher.State.ACTIVE, valid_until__gt=now())


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def with_custodian(self) -> VoucherQuerySet:
        """Read ``custodian`` along: one column of the payment, not the whole row."""
        return self.annotate(custodian=F("payment__gateway"))

    def usable(self) -> VoucherQuerySet:
        """Active and not past their last moment."""
        return self.filter(_usable())

    def with_usable(self) -> models.QuerySet[Any]:
        """Annotate ``is_usable``: whether a row is among the `usable` ones."""
        return self.annotate(
            is_usable=models.ExpressionWrapper(_usable(), output_field=models.BooleanField())
        )

    def due_to_expire(self) -> VoucherQuerySet:
        return self.filter(state=Voucher.State.ACTIVE, valid_until__lte=now())


class Voucher(models.Model):
    """A right to ``uses_total`` uses at the counter, worth ``price_fen`` together.

    Uses are taken in order: ``uses_used`` counts live redemptions, and the value of uses
    i+1…j is ``money.share(price_fen, i, j - i, uses_total)``.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("usable")
        USED = "used", _("used")
        REFUNDING = "refunding", _("refund on its way")
        REFUNDED = "refunded", _("refunded")
        EXPIRED = "expired", _("expired")
        VOID = "void", _("void")

    TRANSITIONS: ClassVar[dict[str, set[str]]] = {
        State.ACTIVE: {State.USED, State.REFUNDING, State.EXPIRED, State.VOID},
        State.USED: {State.ACTIVE},  # undo
        State.REFUNDING: {State.REFUNDED},
        State.EXPIRED: {State.REFUNDING},
    }

    code = models.CharField(_("code"), max_length=12, unique=True)
    qr_version = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        db_index=False,
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="vouchers",
        db_index=False,
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.PROTECT, related_name="vouchers"
    )
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", db_index=False)
    offer_ref = models.BigIntegerField()
    units = models.PositiveIntegerField(
        _("units"), default=1, help_text=_("How many pieces of stock this voucher stands for.")
    )
    terms = models.ForeignKey(
        VoucherTerms, on_delete=models.PROTECT, related_name="vouchers", db_index=False
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="vouchers")
    order_number = models.CharField(_("order"), max_length=32, db_index=True)
    order_line_ref = models.BigIntegerField()
    price_fen = models.PositiveBigIntegerField(_("price"))
    commission_rate = models.DecimalField(_("commission rate"), max_digits=5, decimal_places=4)
    uses_total = models.PositiveIntegerField(_("uses"), default=1)
    uses_used = models.PositiveIntegerField(_("used"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    valid_from = models.DateTimeField(_("valid from"), default=now)
    valid_until = models.DateTimeField(_("valid until"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Asia/Shanghai",
        help_text=_("The zone whose day ends the validity; the last of the stores' zones."),
    )
    created_at = models.DateTimeField(_("issued"), default=now)

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["owner", "state", "-id"], name="voucher_wallet"),
            models.Index(fields=["merchant", "-id"], name="voucher_merchant"),
            models.Index(
                fields=["valid_until"], name="voucher_expiry", condition=Q(state="active")
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(uses_used__lte=F("uses_total")), name="voucher_never_over_used"
            ),
            models.CheckConstraint(condition=Q(uses_total__gte=1), name="voucher_has_uses"),
            models.CheckConstraint(
                condition=~Q(state="used") | Q(uses_used=F("uses_total")),
                name="voucher_used_means_all",
            ),
        )

    def __str__(self) -> str:
        """Never the whole code: it is the customer's, and back offices print this."""
        return f"•••• {self.code[8:]}"

    @property
    def uses_left(self) -> int:
        """Uses that can still be redeemed, whatever the state says about now."""
        return self.uses_total - self.uses_used

    @property
    def unused_fen(self) -> int:
        """What the uses that are left are worth: the amount of a refund."""
        return self.price_fen - cumulative_share(self.price_fen, self.uses_used, self.uses_total)

    @cached_property
    def custodian(self) -> str:
        """Who holds its money: the gateway that was paid; no query after ``with_custodian``."""
        return self.payment.gateway

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the dates of this voucher are told."""
        return read_zone(self.time_zone)

    @property
    def last_day(self) -> dt.date:
        """The last calendar day of the validity."""
        return self.valid_until.astimezone(self.zone).date()

    @property
    def title(self) -> str:
        """The title at purchase (select_related terms)."""
        return self.terms.title


class RedemptionQuerySet(models.QuerySet["Redemption"]):
    def kept(self) -> RedemptionQuerySet:
        """What stands: neither undone nor given back whole."""
        return self.filter(undone_at__isnull=True, returned_uses__lt=F("uses"))

    def sum_of_kept(self) -> tuple[int, int]:
        """How many redemptions stand, and how many of their uses; one query."""
        sums = self.kept().aggregate(
            number=models.Count("pk"), left=models.Sum(F("uses") - F("returned_uses"))
        )
        return sums["number"], sums["left"] or 0


class Redemption(models.Model):
    """Uses handed over at a counter. ``first_use`` counts from 0 and is taken once."""

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
            models.Index(fields=["store", "-redeemed_at"], name="redemption_store_day"),
            models.Index(fields=["merchant", "-redeemed_at"], name="redemption_merchant"),
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
    def kept_uses(self) -> int:
        """The uses that stand: none of an undone one, the others less what was given back."""
        return 0 if self.undone_at else self.uses - self.returned_uses

    def can_undo(self, moment: dt.datetime | None = None) -> bool:
        """Whether the undo window is open (the service also asks for the latest redemption)."""
        at: Any = moment or now()
        return self.undone_at is None and self.released_at is None and at < self.undo_until


class VoucherReturn(models.Model):
    """After-sales: redeemed uses taken back with a refund, out of the merchant's credit."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="returns")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, related_name="+")
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
