"""What a campaign takes off, and under which conditions: its rows, fixed when it starts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class Benefit(models.Model):
    """What a campaign takes off the items it covers (an amount, a share, all but a fixed price), off some of
    their pieces (every nth, the cheapest), or off other products that come with them (a gift); or an
    item that is handed over in the store for the coupon alone, without an order.

    ``every`` says of how many pieces, and of gifts how many at most. ``tiers`` is what it takes off
    instead over higher minimums, as [minimum in fen, fen or ‰], each higher and dearer than the one
    before.
    """

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("an amount off")
        SHARE = "share", _("a share off")
        FIXED = "fixed", _("a price for all, or for so many pieces")
        NTH = "nth", _("a share off every nth piece")
        CHEAPEST = "cheapest", _("a share off the cheapest piece")
        GIFT = "gift", _("another product free or for less")
        ITEM = "item", _("an item handed over in the store, without a purchase")

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="benefit", verbose_name=_("campaign")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    amount_fen = models.PositiveBigIntegerField(_("amount off"), null=True)
    permille = models.PositiveSmallIntegerField(_("share off (‰)"), null=True)
    at_most_fen = models.PositiveBigIntegerField(_("at most"), null=True)
    every = models.PositiveSmallIntegerField(_("of so many pieces"), null=True)
    price_fen = models.PositiveBigIntegerField(_("price"), null=True)
    products = ArrayField(models.BigIntegerField(), verbose_name=_("gifts"), null=True)
    tiers = models.JSONField(_("more over a higher minimum"), null=True)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind="amount",
                    amount_fen__gt=0,
                    permille__isnull=True,
                    at_most_fen__isnull=True,
                )
                | Q(
                    kind__in=["share", "nth", "cheapest"],
                    amount_fen__isnull=True,
                    permille__gt=0,
                    permille__lte=1000,
                )
                & (Q(at_most_fen__isnull=True) | Q(at_most_fen__gt=0))
                | Q(
                    kind__in=["fixed", "gift"],
                    amount_fen__isnull=True,
                    permille__isnull=True,
                    price_fen__isnull=False,
                )
                | Q(
                    kind="item",
                    amount_fen__isnull=True,
                    permille__isnull=True,
                    price_fen__isnull=True,
                    products__isnull=False,
                    products__len=1,
                ),
                name="benefit_says_how_much",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.kind}"


class Condition(models.Model):
    """One condition, in its place among the others; campaigns/conditions says what each kind means."""

    class Kind(models.TextChoices):
        PRODUCTS = "products", _("certain products")
        CATEGORIES = "categories", _("certain categories")
        STORES = "stores", _("collected at certain stores")
        CITIES = "cities", _("collected in certain cities")
        FIRST_ORDER = "first_order", _("first order at this business")
        FIRST_EVER = "first_ever", _("first order at any business")
        CODES = "codes", _("followed certain codes")
        PERIOD = "period", _("ordered in a period")
        HOURS = "hours", _("ordered on certain weekdays and hours")
        PIECES = "pieces", _("minimum of pieces")
        MINIMUM_BEFORE = "minimum_before", _("minimum spend before other discounts")
        MINIMUM = "minimum", _("minimum spend")

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="conditions",
        verbose_name=_("campaign"),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    keys = ArrayField(models.BigIntegerField(), verbose_name=_("of which"), default=list)
    amount_fen = models.PositiveBigIntegerField(_("amount"), null=True)
    count = models.PositiveIntegerField(_("pieces"), null=True)
    from_minute = models.PositiveSmallIntegerField(_("from (minute of the day)"), null=True)
    to_minute = models.PositiveSmallIntegerField(_("until (minute of the day)"), null=True)
    from_at = models.DateTimeField(_("from"), null=True)
    to_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ("campaign", "position")
        constraints = (
            models.UniqueConstraint(fields=["campaign", "kind"], name="condition_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["minimum", "minimum_before"], amount_fen__gt=0, keys=[])
                | Q(kind__in=["first_order", "first_ever"], amount_fen__isnull=True, keys=[])
                | Q(kind="pieces", count__gt=0, keys=[])
                | Q(kind="period", to_at__gt=F("from_at"), keys=[])
                | Q(kind="hours", from_minute__lt=1440, to_minute__lte=1440) & ~Q(keys=[])
                | Q(
                    kind__in=["products", "categories", "stores", "cities", "codes"],
                    amount_fen__isnull=True,
                )
                & ~Q(keys=[]),
                name="condition_says_what",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.kind}"
