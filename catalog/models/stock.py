"""How many pieces there are and where: a number for the web, or one for each store (docs/stock.md)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant
from kernel.bounds import Bounded, validate_count
from kernel.clock import now
from stores.models import Merchant, Store


class Stock(Bounded, models.Model):
    """How many of a variant the web can still sell; NULL means no limit.

    A table of its own: it is the row that gets scarce, so it is the row that is locked, whatever
    moves of the variant. With ``by_store`` it is what the stores that sell online have beyond
    their safety stock, written anew with each movement there.
    """

    variant = models.OneToOneField(
        Variant, verbose_name=_("variant"), on_delete=models.CASCADE, primary_key=True
    )
    available = models.IntegerField(
        _("available"),
        null=True,
        blank=True,
        validators=[validate_count],
        help_text=_("Empty means unlimited."),
    )
    by_store = models.BooleanField(
        _("counted by store"),
        default=False,
        db_default=False,
        help_text=_("Each store has its own number, and guests choose the store."),
    )
    low_stock_at = models.IntegerField(
        _("low at"),
        null=True,
        blank=True,
        validators=[validate_count],
        help_text=_("You are told when so many or fewer are left. Empty: you are not told."),
    )
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = (
            models.CheckConstraint(
                condition=Q(available__isnull=True) | Q(available__gte=0),
                name="stock_never_negative",
            ),
        )

    def __str__(self) -> str:
        return "∞" if self.available is None else str(self.available)


class StockLevelQuerySet(models.QuerySet["StockLevel"]):
    def low(self) -> StockLevelQuerySet:
        """Those whose number is where their merchant wants to be told of it."""
        return self.filter(on_hand__lte=F("variant__stock__low_stock_at"))

    def search(self, words: str) -> StockLevelQuerySet:
        """Those of products that ``words`` are part of a title of, or the merchant's own number of."""
        return self.filter(
            Q(variant__product__title_en__icontains=words)
            | Q(variant__product__title_zh__icontains=words)
            | Q(variant__product__external_code__iexact=words)
        )


class StockLevel(Bounded, models.Model):
    """How many of a variant a store has: what its movements come to, kept so that nobody adds up.

    Below zero only what a till has sold beyond it: a `StockDiscrepancy` is open then.
    """

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="stock_levels",
        db_index=False,
    )
    variant = models.ForeignKey(
        Variant,
        verbose_name=_("variant"),
        on_delete=models.PROTECT,
        related_name="levels",
        db_index=False,
    )
    store = models.ForeignKey(
        Store, verbose_name=_("store"), on_delete=models.PROTECT, related_name="stock_levels"
    )
    on_hand = models.IntegerField(_("pieces"), default=0)
    safety = models.IntegerField(
        _("kept back"),
        default=0,
        validators=[validate_count],
        help_text=_("So many stay for guests at the counter: they are never sold online."),
    )
    sells_online = models.BooleanField(_("sold online"), default=True)
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed"), default=now)

    objects = StockLevelQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock at a store")
        verbose_name_plural = _("stock at stores")
        ordering = ("-id",)
        indexes = (models.Index(fields=["merchant", "-id"], name="stock_level_merchant"),)
        constraints = (
            models.UniqueConstraint(fields=["variant", "store"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(safety__gte=0), name="stock_level_safety"),
        )

    def __str__(self) -> str:
        return f"{self.variant} · {self.store}: {self.on_hand}"

    @property
    def is_low(self) -> bool:
        """Whether `StockLevelQuerySet.low` finds it (variant and its stock joined)."""
        low_at = self.variant.stock.low_stock_at
        return low_at is not None and self.on_hand <= low_at


class StockMovement(Bounded, models.Model):
    """Pieces that came, went or were counted at a place; written once and never changed.

    The place is a store, or the web where ``store`` is null. What counts is ``occurred_at``, the
    time on the clock of who reports it: movements may arrive late and in any order. A count says
    how many there were (``counted``); every other reason by how many it changed (``delta``).
    """

    class Reason(models.TextChoices):
        RECEIVED = "received", _("received")
        SOLD = "sold", _("sold")
        GIVEN_BACK = "given_back", _("given back")
        COUNT = "count", _("counted")
        TRANSFER_OUT = "transfer_out", _("sent to another store")
        TRANSFER_IN = "transfer_in", _("came from another store")
        BY_STORE = "by_store", _("counted by store from now on")
        ONE_NUMBER = "one_number", _("one number for all stores from now on")
        RETURN = "return", _("returned by a guest")
        LOSS = "loss", _("lost or spoilt")
        CORRECTION = "correction", _("corrected")

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="stock_movements",
        db_index=False,
    )
    variant = models.ForeignKey(
        Variant,
        verbose_name=_("variant"),
        on_delete=models.PROTECT,
        related_name="movements",
        db_index=False,
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="stock_movements",
        db_index=False,
        help_text=_("Empty: the number that the web sells from."),
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    delta = models.IntegerField(_("change"), default=0, db_default=0)
    counted = models.IntegerField(
        _("counted pieces"), null=True, blank=True, validators=[validate_count]
    )
    books = models.IntegerField(
        _("in the books"),
        null=True,
        blank=True,
        help_text=_("Of a count: what the movements known by then came to."),
    )
    occurred_at = models.DateTimeField(_("when"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    via = models.CharField(
        _("API key"), max_length=80, blank=True, default="", db_default="", editable=False
    )
    note = models.CharField(_("note"), max_length=200, blank=True, default="", db_default="")
    reference = models.CharField(
        _("order"), max_length=32, blank=True, default="", db_default="", editable=False
    )
    key = models.CharField(max_length=64, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("recorded"), default=now)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["variant", "store", "occurred_at", "id"], name="stock_movement_place"
            ),
            models.Index(fields=["merchant", "-id"], name="stock_movement_merchant"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["merchant", "key"],
                condition=Q(key__isnull=False),
                name="stock_movement_once",
            ),
            models.CheckConstraint(
                condition=Q(reason="count", counted__gte=0, delta=0)
                | (~Q(reason="count") & Q(counted__isnull=True) & ~Q(delta=0)),
                name="stock_movement_counts_or_moves",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="stock_movement_append_only", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        )

    def __str__(self) -> str:
        number = f"= {self.counted}" if self.counted is not None else f"{self.delta:+d}"
        return f"{self.get_reason_display()} {number}"


class StockDiscrepancy(models.Model):
    """A store's level fell below zero: more left the shelf than the books had. Somebody has to look.

    A count at that store settles it.
    """

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="stock_discrepancies",
        db_index=False,
    )
    variant = models.ForeignKey(
        Variant,
        verbose_name=_("variant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    store = models.ForeignKey(
        Store, verbose_name=_("store"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    missing = models.IntegerField(_("pieces missing"), help_text=_("When it was found."))
    opened_at = models.DateTimeField(_("found"), default=now)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("stock discrepancy")
        verbose_name_plural = _("stock discrepancies")
        ordering = ("-id",)
        indexes = (models.Index(fields=["merchant", "-id"], name="stock_discrepancy_merchant"),)
        constraints = (
            models.UniqueConstraint(
                fields=["variant", "store"],
                condition=Q(settled_at__isnull=True),
                name="stock_discrepancy_one_open",
            ),
            models.CheckConstraint(
                condition=Q(missing__gt=0)
                & (Q(settled_at__isnull=True) | Q(settled_at__gte=F("opened_at"))),
                name="stock_discrepancy_sound",
            ),
        )

    def __str__(self) -> str:
        return f"{self.variant} · {self.store}: −{self.missing}"
