"""What a channel costs and is to bring, and which codes are of a campaign: told by people."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from kernel.bounds import Bounded, validate_count, validate_day
from kernel.clock import now
from kernel.money import MAX_AMOUNT_FEN
from stores.codes.models import Code
from stores.models import Merchant


class ChannelPlan(Bounded, models.Model):
    """What one channel costs in a period, and what it is to bring; of a campaign, or of all orders.

    With a ``code`` it is of that code alone: one building, one poster. Both days belong to the period; a
    report over a part of it takes its share day by day.
    """

    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        help_text=_("Empty: of no single campaign."),
    )
    channel = models.CharField(
        pgettext_lazy("marketing", "channel"), max_length=9, choices=Code.Channel.choices
    )
    code = models.ForeignKey(
        Code,
        verbose_name=pgettext_lazy("promotion", "code"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Only for what is spent on one code, such as one building."),
    )
    begins_on = models.DateField(_("from"), validators=[validate_day])
    ends_on = models.DateField(_("until"), validators=[validate_day])
    cost_fen = models.PositiveBigIntegerField(
        pgettext_lazy("marketing", "cost"),
        default=0,
        validators=[MaxValueValidator(MAX_AMOUNT_FEN)],
        help_text=_("What is paid for it: placements, articles, hours of work."),
    )
    print_fen = models.PositiveBigIntegerField(
        _("cost of printing"), default=0, validators=[MaxValueValidator(MAX_AMOUNT_FEN)]
    )
    reach_told = models.PositiveBigIntegerField(
        _("people reached, as the channel says"),
        null=True,
        blank=True,
        validators=[validate_count],
    )
    target_came = models.PositiveIntegerField(
        _("target: orders whose guests come in"),
        null=True,
        blank=True,
        validators=[validate_count],
    )
    note = models.CharField(_("note"), max_length=80, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), default=now, editable=False)

    class Meta:
        verbose_name = _("cost and target of a channel")
        verbose_name_plural = _("costs and targets of channels")
        ordering = ("-id",)
        indexes = (models.Index(fields=["merchant", "-id"], name="channel_plan_merchant"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")), name="channel_plan_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.begins_on:%Y-%m-%d} – {self.ends_on:%Y-%m-%d}"


class CampaignCode(models.Model):
    """A code that brings guests to one campaign: what it does counts for it from ``since`` on.

    Never changed: figures of years would tell of something else.
    """

    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campaign"), on_delete=models.PROTECT, related_name="code_rows"
    )
    code = models.OneToOneField(
        Code,
        verbose_name=pgettext_lazy("promotion", "code"),
        on_delete=models.PROTECT,
        related_name="campaign_row",
    )
    since = models.DateField(_("since"))

    class Meta:
        verbose_name = _("code of a campaign")
        verbose_name_plural = _("codes of campaigns")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.code_id}"
