"""Prices, always or for a limited time, and who has bought at them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.models.variant import Variant
from kernel.bounds import (
    Bounded,
    validate_moment,
    validate_person_limit,
    validate_price_fen,
    validate_some,
    within_moments,
)
from kernel.clock import now
from kernel.money import MAX_AMOUNT_FEN
from stores.models import Merchant

ENDING_SOON = dt.timedelta(days=3)
LIMITED_KINDS = ("limited", "flash")
"""How a limited-time price is stored; a release up to 0.1 may still write the second while it runs
beside this one."""


class OfferQuerySet(models.QuerySet["Offer"]):
    def in_period(self, moment: Any = None) -> OfferQuerySet:
        """Offers inside their period, of an active variant, whether pieces are left or not."""
        at = moment or now()
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            active=True,
            variant__active=True,
        )

    def running(self, moment: Any = None) -> OfferQuerySet:
        """Offers inside their period with quota left."""
        return self.in_period(moment).filter(Q(quota__isnull=True) | Q(quota_sold__lt=F("quota")))

    def limited(self) -> OfferQuerySet:
        """Limited-time prices, under either name of the kind (`LIMITED_KINDS`)."""
        return self.filter(kind__in=LIMITED_KINDS)

    def ending_soon(self, moment: Any = None) -> OfferQuerySet:
        """Limited-time prices of products on sale that run and end within `ENDING_SOON`."""
        at = moment or now()
        return self.at_stage(Offer.Stage.RUNNING, at).limited().filter(ends_at__lt=at + ENDING_SOON)

    def at_stage(self, stage: str, moment: Any = None) -> OfferQuerySet:
        """Offers that stand at a stage of `Offer.Stage`, as `Offer.stage` says it of one."""
        at = moment or now()
        over = Q(active=False) | Q(ends_at__isnull=False, ends_at__lte=at)
        if stage == Offer.Stage.OVER:
            return self.filter(over)
        on_sale = Q(product__state=Product.State.ACTIVE)
        if stage == Offer.Stage.OFF_SALE:
            return self.exclude(over).exclude(on_sale)
        alive = self.exclude(over).filter(on_sale)
        running = alive.running(at)
        if stage == Offer.Stage.RUNNING:
            return running
        if stage == Offer.Stage.SOLD_OUT:
            return alive.in_period(at).exclude(pk__in=running.order_by().values("pk"))
        if stage == Offer.Stage.SOON:
            return alive.filter(starts_at__gt=at)
        return alive.exclude(starts_at__isnull=False, starts_at__gt=at).filter(
            variant__active=False
        )


@pghistory.track(exclude=["quota_sold", "was_fen", "was_until", "has_line"])
class Offer(Bounded, models.Model):
    """A price at which a variant can be bought, always or for a limited time.

    ``was_fen`` is what it may be compared with: the lowest price before it, by the rule of its
    market (catalog/services/history.py), until ``was_until`` where that has an end; NULL where
    nothing was dearer, or too little is known. ``has_line``: sold to those only whom a waiting line
    has let in (campaigns/services/line.py), and never instead of another offer.
    """

    class Kind(models.TextChoices):
        NORMAL = "normal", _("normal price")
        LIMITED = "limited", _("limited-time price")

    class Stage(models.TextChoices):
        """Where an offer stands at a moment; `Offer.stage` and `OfferQuerySet.at_stage`."""

        RUNNING = "now", _("running")
        SOON = "soon", _("not begun yet")
        SOLD_OUT = "sold_out", _("all sold")
        PAUSED = "paused", _("choice not on sale")
        OFF_SALE = "off_sale", _("product not on sale")
        OVER = "over", _("ended")

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="offers", editable=False
    )
    product = models.ForeignKey(
        Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="offers"
    )
    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.CASCADE, related_name="offers"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.NORMAL)
    price_fen = models.PositiveBigIntegerField(_("price"), validators=[validate_price_fen])
    starts_at = models.DateTimeField(
        _("starts"), null=True, blank=True, validators=[validate_moment]
    )
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True, validators=[validate_moment])
    quota = models.PositiveIntegerField(
        _("quota"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_("How many may be sold at this price. Empty means no limit."),
    )
    quota_sold = models.PositiveIntegerField(_("sold"), default=0, editable=False)
    per_person_limit = models.PositiveSmallIntegerField(
        _("limit per person"), null=True, blank=True, validators=[validate_person_limit]
    )
    active = models.BooleanField(_("active"), default=True)
    has_line = models.BooleanField(default=False, db_default=False, editable=False)
    was_fen = models.PositiveBigIntegerField(_("price before"), null=True, editable=False)
    was_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("limited-time price")
        verbose_name_plural = _("limited-time prices")
        ordering = ("product", "variant", "price_fen")
        indexes = (
            models.Index(fields=["kind", "active", "ends_at"], name="offer_period"),
            models.Index(
                fields=["starts_at"], name="offer_starts", condition=Q(starts_at__isnull=False)
            ),
            models.Index(fields=["ends_at"], name="offer_ends", condition=Q(ends_at__isnull=False)),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["variant"],
                condition=Q(kind="normal", active=True),
                name="offer_one_normal_price",
            ),
            models.CheckConstraint(
                condition=Q(kind="normal") | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="offer_limited_has_a_period",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="offer_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(quota_sold__lte=F("quota")),
                name="offer_quota_never_exceeded",
            ),
            models.CheckConstraint(
                condition=within_moments("starts_at") & within_moments("ends_at"),
                name="offer_moments_bounded",
            ),
            # One that has ended may keep what an older release let in: its orders name it.
            models.CheckConstraint(
                condition=Q(active=False) | Q(price_fen__lte=MAX_AMOUNT_FEN),
                name="offer_price_bounded",
            ),
        )

    def __str__(self) -> str:
        return f"{self.product} · {self.get_kind_display()}"

    def stage(self, moment: Any = None) -> Offer.Stage:
        """Where the offer stands, by the clock and not by what a sweep has done.

        Reads product and variant: nothing of a product that is not on sale can be bought.
        """
        at = moment or now()
        if not self.active or (self.ends_at and self.ends_at <= at):
            return Offer.Stage.OVER
        if self.product.state != Product.State.ACTIVE:
            return Offer.Stage.OFF_SALE
        if self.starts_at and self.starts_at > at:
            return Offer.Stage.SOON
        if not self.variant.active:
            return Offer.Stage.PAUSED
        return Offer.Stage.SOLD_OUT if self.remaining == 0 else Offer.Stage.RUNNING

    @property
    def is_limited(self) -> bool:
        """Whether it is a limited-time price."""
        return self.kind in LIMITED_KINDS

    def prior_fen(self, moment: dt.datetime) -> int | None:
        """The lowest price before this one that may be struck through at ``moment``."""
        over = self.was_until is not None and self.was_until <= moment
        return None if over else self.was_fen

    @property
    def remaining(self) -> int | None:
        """How many are left at this price, or None without a quota."""
        return None if self.quota is None else self.quota - self.quota_sold


class OfferPurchase(models.Model):
    """How many one person holds of an offer with a per-person limit."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="purchases")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["offer", "buyer"], name="offer_purchase_person"),
        )

    def __str__(self) -> str:
        return f"{self.buyer} × {self.quantity}"
