"""The choices within a product, and how many pieces each has."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from kernel.bilingual import Bilingual
from kernel.bounds import Bounded, validate_count


class Variant(Bounded, models.Model):
    """A choice within a product (size, colour, number of guests). Every product has one at least."""

    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="variants"
    )
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("on sale"), default=True)
    name = Bilingual("name")

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ("product", "position", "id")

    def __str__(self) -> str:
        return f"{self.product} · {self.name}" if self.name else str(self.product)


class Stock(Bounded, models.Model):
    """How many of a variant can still be sold; NULL means no limit.

    A table of its own: it is the row that gets scarce, so it is the row that is locked.
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
