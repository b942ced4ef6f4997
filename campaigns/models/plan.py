"""What a merchant wants to reach with a campaign, what was thought of before, and when it stops by itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from kernel.bounds import Bounded, validate_price_fen, validate_some
from kernel.clock import now
from stores.codes.models import Code

MOST_LESSON = 1000
MOST_ANSWER = 200


class Plan(Bounded, models.Model):
    """The goal of a campaign, fixed when it starts, and its stop rule, which may change.

    ``stop_cost_fen`` is the most that an order with the discount may cost on average. ``lesson`` is
    what the merchant would do again, written when it is over.
    """

    class Unit(models.TextChoices):
        ORDERS = "orders", _("orders")
        GUESTS = "guests", _("guests")
        NEW_GUESTS = "new_guests", _("new guests")
        PAID = "paid_fen", _("yuan of sales")

    class Stop(models.TextChoices):
        FEN = "fen", _("it has cost what you said")
        USES = "uses", _("it was used as often as you said")
        COST = "cost", _("an order costs more than you said")

    campaign = models.OneToOneField(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="plan",
    )
    unit = models.CharField(_("counted in"), max_length=10, choices=Unit.choices, blank=True)
    goal = models.PositiveBigIntegerField(_("goal"), null=True, blank=True)
    stop_fen = models.PositiveBigIntegerField(
        _("stop when it has cost"), null=True, blank=True, validators=[validate_price_fen]
    )
    stop_uses = models.PositiveIntegerField(
        _("stop after so many uses"), null=True, blank=True, validators=[validate_some]
    )
    stop_cost_fen = models.PositiveBigIntegerField(
        _("stop when an order costs more than"),
        null=True,
        blank=True,
        validators=[validate_price_fen],
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.CharField(
        _("why it stopped"), max_length=4, choices=Stop.choices, blank=True
    )
    lesson = models.TextField(_("what I'd do again"), max_length=MOST_LESSON, blank=True)
    copied_from = models.ForeignKey(
        Campaign,
        verbose_name=_("copied from"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="copies",
        db_index=False,
    )

    class Meta:
        verbose_name = _("plan of a campaign")
        verbose_name_plural = _("plans of campaigns")
        constraints = (
            models.CheckConstraint(
                condition=Q(unit="", goal__isnull=True) | (~Q(unit="") & Q(goal__gt=0)),
                name="plan_goal_has_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(stopped_by="", stopped_at__isnull=True)
                | (~Q(stopped_by="") & Q(stopped_at__isnull=False)),
                name="plan_says_why_it_stopped",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id}"


class PlanChannel(models.Model):
    """A code that guests follow to the campaign: a poster, a link, a person."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        related_name="channels",
        db_index=False,
    )
    code = models.ForeignKey(
        Code, verbose_name=_("code"), on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("channel of a campaign")
        verbose_name_plural = _("channels of campaigns")
        ordering = ("campaign", "code")
        constraints = (
            models.UniqueConstraint(fields=["campaign", "code"], name="plan_channel_once"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.code_id}"


class PlanAnswer(models.Model):
    """What was answered to a risk, or said of a step of preparation; ``question`` names which."""

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.CASCADE,
        related_name="answers",
        db_index=False,
    )
    question = models.CharField(_("question"), max_length=24)
    text = models.CharField(_("answer"), max_length=MOST_ANSWER)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    answered_at = models.DateTimeField(_("answered"), default=now)

    class Meta:
        verbose_name = _("answer about a campaign")
        verbose_name_plural = _("answers about campaigns")
        ordering = ("campaign", "question")
        constraints = (
            models.UniqueConstraint(fields=["campaign", "question"], name="plan_answer_once"),
            models.CheckConstraint(condition=~Q(text=""), name="plan_answer_says_something"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.question}"
