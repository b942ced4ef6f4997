"""What a merchant gives, to whom and under which conditions, until when and how much of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

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
            way=Campaign.Way.COUPON,
            begins_at__lte=at,
            ends_at__gt=at,
            batch__claimed__lt=F("batch__count"),
            batch__claiming="open",
            merchant__state=Merchant.State.APPROVED,
        )

    def shown(self, moment: Any = None) -> CampaignQuerySet:
        """Campaigns that pages tell of: those with coupons to claim, and those that come by themselves."""
        at = moment or now()
        spent = Q(budget_count__isnull=False, spent_count__gte=F("budget_count"))
        return self.filter(
            Q(way=Campaign.Way.COUPON, batch__claimed__lt=F("batch__count"))
            | Q(~spent, way=Campaign.Way.AUTOMATIC),
            state=Campaign.State.RUNNING,
            begins_at__lte=at,
            ends_at__gt=at,
            merchant__state=Merchant.State.APPROVED,
        )


class Campaign(Bounded, models.Model):
    """One promise about the orders at a merchant. What it gives is fixed when it starts.

    Its merchant bears it alone, unless there are shares (`Funder`). It comes to who holds a coupon of it,
    or by itself (``way``). ``spent_fen`` and ``spent_count`` are what uses of its coupons, or its own, have
    reserved or used.
    """

    class Way(models.TextChoices):
        COUPON = "coupon", _("with a coupon")
        AUTOMATIC = "automatic", _("by itself, for everybody")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Base(models.TextChoices):
        CONTRACT = "contract", _("as the contract says")
        FUNDED = "funded", _("what is paid and what others bear")
        PAID = "paid", _("only what is paid")

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
    way = models.CharField(
        _("how guests get it"),
        max_length=9,
        choices=Way.choices,
        default=Way.COUPON,
        db_default=Way.COUPON,
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
            "In how many orders it may be used. Empty means as often as there are coupons, or no limit."
        ),
    )
    per_person = models.PositiveSmallIntegerField(
        _("coupons per person"), default=1, validators=[validate_some]
    )
    uses_per_person = models.PositiveSmallIntegerField(
        _("orders per person"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_("In how many orders of one person it applies by itself. Empty means no limit."),
    )
    per_payer = models.PositiveSmallIntegerField(
        _("orders per payer"),
        null=True,
        blank=True,
        validators=[validate_some],
        help_text=_(
            "In how many orders that one account of a payment service has paid, whoever ordered. Judged when "
            "it is paid: who pays too often gets the money back. Empty means no limit."
        ),
    )
    owner = models.CharField(
        _("owner"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty for a campaign of the merchant itself; otherwise a party."),
    )
    commission_base = models.CharField(
        _("commission is taken on"),
        max_length=8,
        choices=Base.choices,
        default=Base.CONTRACT,
        db_default=Base.CONTRACT,
    )
    group = models.SlugField(
        _("group"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        db_index=False,
        help_text=_(
            "Of the campaigns of one group one applies, the best for the guest. Those of another group "
            "apply as well. Empty: the usual group of your business."
        ),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=100,
        db_default=100,
        help_text=_("Of two that take off the same, the lower number applies."),
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
            models.Index(
                fields=["merchant"],
                name="campaign_automatic",
                condition=Q(state="running", way="automatic"),
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

    @property
    def is_automatic(self) -> bool:
        """Whether nobody needs a coupon for it."""
        return self.way == self.Way.AUTOMATIC

    def is_over(self, moment: dt.datetime | None = None) -> bool:
        """Whether it gives no more coupons for good: the clock counts, not how far the sweep is."""
        return self.state == self.State.ENDED or self.ends_at <= (moment or now())
