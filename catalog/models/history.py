"""Every price that a variant was ever sold at, and from when until when."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.offer import Offer
from catalog.models.variant import Variant


class PricePeriod(models.Model):
    """A variant is on sale at a price from ``since`` until ``until`` (empty: until further notice).

    Of each offer there is one period for every time that its product was on sale. A limited-time
    price is written ahead, from its beginning to its end; one that was ended before it began is
    empty. The end is moved while it has not come; nothing else of a row ever changes.

    `catalog/services/history.py` writes them, and nothing else does.
    """

    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, related_name="price_periods", db_index=False
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="price_periods", db_index=False
    )
    price_fen = models.PositiveBigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("price of the past")
        verbose_name_plural = _("prices of the past")
        ordering = ("variant", "since", "id")
        indexes = (models.Index(fields=["variant", "since"], name="price_period_of_variant"),)
        constraints = (
            models.UniqueConstraint(fields=["offer", "since"], name="price_period_once"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="price_period_ends_after_start",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="price_period_stands",
                operation=pgtrigger.UpdateOf("variant_id", "offer_id", "price_fen", "since"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.price_fen} since {self.since:%Y-%m-%d}"
