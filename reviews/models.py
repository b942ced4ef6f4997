"""Reviews: only from people who redeemed."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from kernel.clock import now
from stores.models import Merchant, Store
from vouchers.models import Voucher


class Review(models.Model):
    """One review per voucher, about the product and the store where it was first redeemed."""

    class State(models.TextChoices):
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden by the platform")

    voucher = models.OneToOneField(
        Voucher, verbose_name=_("voucher"), on_delete=models.PROTECT, related_name="review"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
    )
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
    )
    rating = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(_("text"), blank=True, max_length=2000)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PUBLISHED
    )
    created_at = models.DateTimeField(_("written"), default=now)
    reply = models.TextField(_("merchant's reply"), blank=True, max_length=2000)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("replied by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-id",)
        indexes = (
            # With the stars inside, counting them never visits the table.
            models.Index(
                fields=["product", "state", "-id"], include=["rating"], name="review_product"
            ),
            models.Index(fields=["store", "state", "-id"], include=["rating"], name="review_store"),
            models.Index(fields=["merchant", "-id"], name="review_merchant"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=5), name="review_one_to_five_stars"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rating}★ {self.product}"
