"""A limited-time sale: several products of one merchant at a lower price, and who waits for it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from catalog.models import Offer, Variant
from catalog.occasions import Occasion
from kernel.bilingual import Bilingual
from kernel.bounds import (
    Bounded,
    validate_moment,
    validate_person_limit,
    validate_price_fen,
    validate_some,
)
from kernel.clock import now
from stores.models import Merchant


class Sale(Bounded, models.Model):
    """A campaign whose benefit is a price: it writes offers, which begin and end by themselves.

    Nothing is claimed and nothing taken off an order. ``has_line``: who wants to buy waits in order
    of arrival until they are let in (`Place`).
    """

    State = Campaign.State
    MOVES = Campaign.MOVES

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="sales",
        db_index=False,
    )
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    occasion = models.CharField(
        _("occasion"), max_length=24, choices=Occasion.choices, blank=True, default=""
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=Campaign.State.choices,
        default=Campaign.State.DRAFT,
        editable=False,
    )
    begins_at = models.DateTimeField(_("begins"), validators=[validate_moment])
    ends_at = models.DateTimeField(_("ends"), validators=[validate_moment])
    has_line = models.BooleanField(
        _("waiting line"),
        default=False,
        help_text=_(
            "For a rush: guests are let in one after another, in the order in which they came, each "
            "with a few minutes to buy."
        ),
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    name = Bilingual("name")

    class Meta:
        verbose_name = _("limited-time sale")
        verbose_name_plural = _("limited-time sales")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["merchant", "-id"], name="sale_of_merchant"),
            models.Index(fields=["state", "ends_at"], name="sale_by_end"),
        )
        constraints = (
            models.CheckConstraint(condition=~Q(name_en="", name_zh=""), name="sale_has_a_name"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="sale_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_open(self, moment: dt.datetime) -> bool:
        """Whether its prices hold at ``moment``."""
        return self.state == Campaign.State.RUNNING and self.begins_at <= moment < self.ends_at


class SaleItem(Bounded, models.Model):
    """A choice with its price in a sale; ``offer`` is what sells it, from the start on."""

    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, related_name="items", db_index=False)
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="sale_items"
    )
    price_fen = models.PositiveBigIntegerField(_("price"), validators=[validate_price_fen])
    quota = models.PositiveIntegerField(
        _("quota"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_("How many may be sold at this price. Empty means no limit."),
    )
    per_person_limit = models.PositiveSmallIntegerField(
        _("limit per person"), null=True, blank=True, validators=[validate_person_limit]
    )
    offer = models.OneToOneField(
        Offer, on_delete=models.PROTECT, null=True, editable=False, related_name="sale_item"
    )

    class Meta:
        verbose_name = _("price of a sale")
        verbose_name_plural = _("prices of sales")
        ordering = ("sale", "id")
        constraints = (models.UniqueConstraint(fields=["sale", "variant"], name="sale_item_once"),)

    def __str__(self) -> str:
        return f"{self.sale_id}: {self.variant_id}"


class Place(models.Model):
    """A person's place in the line of a sale: one a person, ``id`` is the order of arrival.

    Waiting → let in (``until`` is the end of their time) → gone, with an order or without.
    """

    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, related_name="places", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    came_at = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)
    gone = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("place in a waiting line")
        verbose_name_plural = _("places in waiting lines")
        ordering = ("sale", "id")
        indexes = (
            models.Index(
                fields=["sale", "id"],
                name="place_waiting",
                condition=Q(until__isnull=True, gone=False),
            ),
            models.Index(
                fields=["sale", "until"],
                name="place_let_in",
                condition=Q(until__isnull=False, gone=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["person", "sale"], name="place_one_a_person"),
        )

    def __str__(self) -> str:
        return f"{self.sale_id}: {self.pk}"
