"""The shelves of the shop."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import Bounded
from stores.models import Merchant


class Category(Bounded, models.Model):
    """A shelf of the shop; two levels. ``trade`` picks its icon, palette and pictures."""

    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=80)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80)
    trade = models.CharField(_("trade"), max_length=20, default="gift")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    merchants = models.ManyToManyField(
        Merchant,
        verbose_name=_("merchants that may use it"),
        blank=True,
        related_name="categories",
    )
    name = Bilingual("name")

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name
