"""What a merchant gives, to whom and under which conditions, until when and how much of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import Bounded, validate_moment, validate_price_fen, validate_some
from kernel.clock import now
from stores.models import Merchant

MOST_PER_PERSON = 50


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def claimable(self, moment: Any = None) -> CampaignQuerySet:
        """Campaigns that give coupons at ``moment``, with some left, of businesses that trade."""
        at = moment or now()
        return self.filter(
            state=Campaign.State.RUNNING,
            begins_at__lte=at,
            ends_at__gt=at,
            batch__claimed__lt=F("batch__count"),
            batch__way="open",
            merchant__state=Merchant.State.APPROVED,
        )


class Campaign(Bounded, models.Model):
    """One promise of a merchant, which bears it alone. What it gives is fixed when it starts.

    ``spent_fen`` and ``spent_count`` are what uses of its coupons have reserved or used.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    MOVES: dict[str, tuple[str, ...]] = {
        State.RUNNING: (State.DRAFT, State.PAUSED),
        State.PAUSED: (State.RUNNING,),
        State.ENDED: (State.RUNNING, State.PAUSED),
    }
    """From which states each state is reached."""

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="campaigns",
        db_index=False,
    )
    name_en = models.CharField(_("name (English)"), max_length=80, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=80, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.DRAFT, editable=False
    )
    begins_at = models.DateTimeField(_("begins"), validators=[validate_moment])
    ends_at = models.DateTimeField(_("ends"), validators=[validate_moment])
    budget_fen = models.PositiveBigIntegerField(
        _("budget"),
        null=True,
        blank=True,
        validators=[validate_price_fen],
        help_text=_("The most that all discounts together may come to. Empty means no limit."),
    )
    budget_count = models.PositiveIntegerField(
        _("uses at most"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_(
            "In how many orders it may be used. Empty means as often as there are coupons."
        ),
    )
    per_person = models.PositiveSmallIntegerField(
        _("coupons per person"), default=1, validators=[validate_some]
    )
    spent_fen = models.PositiveBigIntegerField(_("discount given"), default=0, editable=False)
    spent_count = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), default=now, editable=False)
    name = Bilingual("name")
    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["merchant", "-id"], name="campaign_of_merchant"),
            models.Index(
                fields=["ends_at"],
                name="campaign_to_end",
                condition=Q(state__in=["running", "paused"]),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(name_en="", name_zh=""), name="campaign_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="campaign_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(budget_fen__isnull=True) | Q(spent_fen__lte=F("budget_fen")),
                name="campaign_budget_kept",
            ),
            models.CheckConstraint(
                condition=Q(budget_count__isnull=True) | Q(spent_count__lte=F("budget_count")),
                name="campaign_uses_kept",
            ),
            models.CheckConstraint(
                condition=Q(per_person__gte=1, per_person__lte=MOST_PER_PERSON),
                name="campaign_per_person",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """How rules of price and contracts of commission name it."""
        return f"campaign:{self.pk}"

    @property
    def left_fen(self) -> int | None:
        """What is left of its budget, None without one."""
        return None if self.budget_fen is None else self.budget_fen - self.spent_fen

    def is_over(self, moment: dt.datetime | None = None) -> bool:
        """Whether it gives no more coupons for good: the clock counts, not how far the sweep is."""
        return self.state == self.State.ENDED or self.ends_at <= (moment or now())


class Benefit(models.Model):
    """What a campaign takes off: an amount, or a share of the items it covers, at most so much."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("an amount off")
        SHARE = "share", _("a share off")

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="benefit", verbose_name=_("campaign")
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    amount_fen = models.PositiveBigIntegerField(_("amount off"), null=True)
    permille = models.PositiveSmallIntegerField(_("share off (‰)"), null=True)
    at_most_fen = models.PositiveBigIntegerField(_("at most"), null=True)

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
                | Q(kind="share", amount_fen__isnull=True, permille__gt=0, permille__lte=1000)
                & (Q(at_most_fen__isnull=True) | Q(at_most_fen__gt=0)),
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
        FIRST_ORDER = "first_order", _("first order at this business")
        MINIMUM = "minimum", _("minimum spend")

    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.CASCADE,
        related_name="conditions",
        verbose_name=_("campaign"),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    keys = ArrayField(models.BigIntegerField(), verbose_name=_("of which"), default=list)
    amount_fen = models.PositiveBigIntegerField(_("amount"), null=True)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ("campaign", "position")
        constraints = (
            models.UniqueConstraint(fields=["campaign", "kind"], name="condition_once"),
            models.CheckConstraint(
                condition=Q(kind="minimum", amount_fen__gt=0, keys=[])
                | Q(kind="first_order", amount_fen__isnull=True, keys=[])
                | Q(kind__in=["products", "categories", "stores"], amount_fen__isnull=True)
                & ~Q(keys=[]),
                name="condition_says_what",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.kind}"
