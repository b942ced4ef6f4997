"""One checkout, and what it bought."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Offer, Product, Variant
from kernel.bilingual import Bilingual
from kernel.clock import now
from payments.models import Payment
from stores.models import Merchant
from vouchers.models import VoucherTerms


class Order(models.Model):
    """One checkout: its lines may belong to several merchants, its payment is one."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for payment")
        DEPOSIT = "deposit", _("deposit paid")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")
        TIMED_OUT = "timed_out", _("not paid in time")

    number = models.CharField(_("number"), max_length=32, unique=True)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    total_fen = models.PositiveBigIntegerField(_("total"))
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("The payment that paid this order; none where nothing was to pay."),
    )
    created_at = models.DateTimeField(_("placed"), default=now)
    expires_at = models.DateTimeField(_("pay before"))
    deposit_fen = models.PositiveBigIntegerField(
        _("deposit"), null=True, blank=True, help_text=_("Empty where all is paid at once.")
    )
    balance_until = models.DateTimeField(_("balance due before"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    answers: tuple[Any, ...] = ()
    """Of the quote that it was placed with (orders.pricing.quotes.Answer); kept by no row."""

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["buyer", "-id"], name="order_buyer"),
            models.Index(
                fields=["expires_at"], name="order_to_time_out", condition=Q(state="pending")
            ),
            models.Index(
                fields=["balance_until"], name="order_balance_due", condition=Q(state="deposit")
            ),
            models.Index(fields=["created_at"], name="order_created"),
            models.Index(fields=["paid_at"], name="order_paid", condition=Q(paid_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state="paid")
                | (Q(paid_at__isnull=False) & (Q(payment__isnull=False) | Q(total_fen=0))),
                name="order_paid_names_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(deposit_fen__isnull=True, balance_until__isnull=True)
                | Q(deposit_fen__gt=0, deposit_fen__lt=F("total_fen"), balance_until__isnull=False),
                name="order_deposit_is_a_part",
            ),
            models.CheckConstraint(
                condition=~Q(state="deposit") | Q(deposit_fen__isnull=False),
                name="order_deposit_state",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def pay_before(self) -> dt.datetime | None:
        """Until when what is missing has to be paid; None when nothing is."""
        if self.state == self.State.PENDING:
            return self.expires_at
        return self.balance_until if self.state == self.State.DEPOSIT else None


class OrderLine(models.Model):
    """What was bought, frozen: title, prices, terms and commission of that moment.

    Commission is the rate on its base, and a fixed part per use. In the base is what the buyer
    pays, and of the discounts those that say so.

    An item has a product and becomes vouchers. A fee (delivery, packing) has a label and an
    amount only; what it becomes is up to its capability.
    """

    class Kind(models.TextChoices):
        ITEM = "item", _("item")
        FEE = "fee", _("fee")

    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.CASCADE, related_name="lines"
    )
    kind = models.CharField(
        _("kind"), max_length=4, choices=Kind.choices, default=Kind.ITEM, db_default=Kind.ITEM
    )
    payee = models.CharField(
        _("payee"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("The party that the money is for; empty for the merchant of the line."),
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="order_lines",
        db_index=False,
    )
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="order_lines",
    )
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    terms = models.ForeignKey(
        VoucherTerms, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    fulfilment = models.ForeignKey(
        "orders.Fulfilment",
        verbose_name=_("fulfilment"),
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="lines",
        db_index=False,
        help_text=_("Where a place was promised for it."),
    )
    title_en = models.CharField(_("title (English)"), max_length=250, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=250, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    list_price_fen = models.PositiveBigIntegerField(_("list price"))
    unit_price_fen = models.PositiveBigIntegerField(
        _("unit price"), help_text=_("The lowest item price of that moment.")
    )
    gross_fen = models.PositiveBigIntegerField(
        _("before discounts"), help_text=_("Unit price × quantity.")
    )
    discount_fen = models.PositiveBigIntegerField(_("discount"), default=0, db_default=0)
    payable_fen = models.PositiveBigIntegerField(
        _("to pay"), help_text=_("What the buyer pays: the price less discounts.")
    )
    commission_rate = models.DecimalField(_("commission rate"), max_digits=5, decimal_places=4)
    commission_fixed_fen = models.PositiveIntegerField(
        _("commission per use"), default=0, db_default=0
    )
    title = Bilingual("title")

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ("id",)
        indexes = (models.Index(fields=["merchant", "-id"], name="order_line_merchant"),)
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity"),
            models.CheckConstraint(
                condition=Q(gross_fen=F("unit_price_fen") * F("quantity")),
                name="order_line_gross",
            ),
            models.CheckConstraint(
                condition=Q(payable_fen=F("gross_fen") - F("discount_fen")),
                name="order_line_payable",
            ),
            models.CheckConstraint(
                condition=Q(kind="fee", product__isnull=True, offer__isnull=True)
                | Q(
                    kind="item",
                    merchant__isnull=False,
                    product__isnull=False,
                    variant__isnull=False,
                    offer__isnull=False,
                    terms__isnull=False,
                ),
                name="order_line_item_names_its_product",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} × {self.quantity}"

    @property
    def is_item(self) -> bool:
        """Whether it stands for a product; fees have none."""
        return self.kind == self.Kind.ITEM


class OrderDiscount(models.Model):
    """A part of a line's discount, frozen: which rule gave it, and who bears it.

    The parts of a line add up to its ``discount_fen``.
    """

    line = models.ForeignKey(
        OrderLine,
        verbose_name=_("order line"),
        on_delete=models.CASCADE,
        related_name="discounts",
        db_index=False,
    )
    layer = models.CharField(_("layer"), max_length=20)
    source = models.CharField(_("source"), max_length=64)
    label_en = models.CharField(_("label (English)"), max_length=120, blank=True)
    label_zh = models.CharField(_("label (Chinese)"), max_length=120, blank=True)
    funder = models.CharField(_("funded by"), max_length=40)
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    in_base = models.BooleanField(_("commission is taken on it"), default=True, db_default=True)
    label = Bilingual("label")

    class Meta:
        verbose_name = _("discount")
        verbose_name_plural = _("discounts")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="order_discount_positive"),
            models.UniqueConstraint(
                fields=["line", "source", "funder"], name="order_discount_once_per_funder"
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} −{self.amount_fen}"
