"""What lists and cards say of a product's price, from one moment to another."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class ListingFactQuerySet(models.QuerySet["ListingFact"]):
    def at(self, moment: dt.datetime) -> ListingFactQuerySet:
        """What holds at ``moment``: at most one of each product."""
        return self.filter(
            Q(since__isnull=True) | Q(since__lte=moment),
            Q(until__isnull=True) | Q(until__gt=moment),
        )


class ListingFact(models.Model):
    """The price of a product from ``since`` (empty: already) until ``until`` (empty: for good).

    Written ahead of time: the rows of a product follow one another as its limited-time prices begin
    and end, so that no sweep has to come in time for a list to be right. ``several`` says that other
    choices cost something else, ``sold_out`` that no choice has pieces left; ``ends_at`` is the end
    of a limited-time price, which is later than ``until`` where a better one begins before.
    ``was_fen`` is what the price is struck through against (catalog/compare.py), NULL for nothing.

    `catalog/services/listing.py` writes them, and nothing else does; lists and cards read nothing
    else of offers and stock.
    """

    class Kind(models.TextChoices):
        NORMAL = "normal", _("normal price")
        LIMITED = "limited", _("limited-time price")

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="listing_facts", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    from_fen = models.PositiveBigIntegerField()
    several = models.BooleanField(default=False)
    sold_out = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    was_fen = models.PositiveBigIntegerField(null=True)

    objects = ListingFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("listing fact")
        verbose_name_plural = _("listing facts")
        ordering = ("product", "id")
        indexes = (
            models.Index(
                fields=["ends_at", "id"], name="listing_limited", condition=Q(kind="limited")
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["product", "since"], nulls_distinct=False, name="listing_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True)
                | Q(until__isnull=True)
                | Q(until__gt=models.F("since")),
                name="listing_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(kind="limited", ends_at__isnull=False)
                | Q(kind="normal", ends_at__isnull=True),
                name="listing_limited_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product_id}: {self.from_fen}"
