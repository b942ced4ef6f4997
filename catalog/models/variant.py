"""The choices within a product."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from kernel.bilingual import Bilingual
from kernel.bounds import Bounded


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
