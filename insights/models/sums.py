"""What came of every order, and its sums per day: kept by a worker, made anew from the books at any time."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models import Campaign
from orders.models import Order
from stores.codes.models import Code
from stores.models import Merchant

COUNTS = ("orders", "paid", "came", "sent_back", "new", "new_came", "again")
MONEY = (
    "received_fen",
    "refunded_fen",
    "earned_fen",
    "own_fen",
    "commission_fen",
    "reward_fen",
    "given_fen",
)
OF_PARTS = (*COUNTS, *MONEY)
"""Sums over parts of orders."""
OF_GUESTS = ("scans", "visitors", "signups", "claims")
"""What happened before any order."""


class OrderPart(models.Model):
    """What one order came to at one merchant, read from orders, vouchers and the ledger.

    ``code`` is the last one before it (OrderSource), none where nobody knows. ``day`` is when it was placed, at
    the code's store. ``earned_fen`` is what became payable, ``own_fen`` what the merchant took off itself
    of the uses that did.
    """

    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        related_name="parts_of_results",
        db_index=False,
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    code = models.ForeignKey(
        Code,
        verbose_name=pgettext_lazy("promotion", "code"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=Order.State.choices)
    is_new = models.BooleanField(_("first order here"))
    came_at = models.DateTimeField(_("came in"), null=True)
    came_again = models.BooleanField(_("came again within 90 days"), default=False)
    received_fen = models.BigIntegerField(pgettext_lazy("amount", "paid"), default=0)
    refunded_fen = models.BigIntegerField(_("refunded"), default=0)
    earned_fen = models.BigIntegerField(_("earned"), default=0)
    own_fen = models.BigIntegerField(_("own discount"), default=0)
    commission_fen = models.BigIntegerField(_("commission"), default=0)
    reward_fen = models.BigIntegerField(_("reward"), default=0)
    given_fen = models.BigIntegerField(_("discount"), default=0)

    class Meta:
        verbose_name = _("order and whence it came")
        verbose_name_plural = _("orders and whence they came")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["merchant", "-id"], name="order_part_merchant"),
            models.Index(fields=["merchant", "day"], name="order_part_day"),
            models.Index(fields=["code", "-id"], name="order_part_code"),
            models.Index(
                fields=["state"],
                name="order_part_open",
                condition=models.Q(state__in=["pending", "deposit"]),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["order", "merchant"], name="order_part_once"),
        )

    def __str__(self) -> str:
        return str(self.order)

    @property
    def net_fen(self) -> int:
        """What is left to the merchant of it, before the cost of its channel."""
        return self.earned_fen - self.commission_fen - self.reward_fen


class PartCampaign(models.Model):
    """A campaign that a part of an order counts for: by its discount, by its code, or both."""

    part = models.ForeignKey(
        OrderPart,
        verbose_name=_("order"),
        on_delete=models.CASCADE,
        related_name="campaigns",
        db_index=False,
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    given_fen = models.BigIntegerField(_("discount"), default=0)

    class Meta:
        verbose_name = _("campaign of an order")
        verbose_name_plural = _("campaigns of orders")
        ordering = ("-id",)
        indexes = (models.Index(fields=["campaign", "-part"], name="part_campaign"),)
        constraints = (
            models.UniqueConstraint(fields=["part", "campaign"], name="part_campaign_once"),
        )

    def __str__(self) -> str:
        return f"{self.part_id} {self.campaign_id}"


class ResultDay(models.Model):
    """The sums of one day, merchant and code (None: no code); with a ``campaign`` those that count for it.

    Rows without a campaign hold every order once. What reports read: never the orders themselves.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    code = models.ForeignKey(
        Code, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    day = models.DateField(_("day"))
    scans = models.BigIntegerField(db_default=0)
    visitors = models.BigIntegerField(db_default=0)
    signups = models.BigIntegerField(db_default=0)
    claims = models.BigIntegerField(db_default=0)
    orders = models.BigIntegerField(db_default=0)
    paid = models.BigIntegerField(db_default=0)
    came = models.BigIntegerField(db_default=0)
    sent_back = models.BigIntegerField(db_default=0)
    new = models.BigIntegerField(db_default=0)
    new_came = models.BigIntegerField(db_default=0)
    again = models.BigIntegerField(db_default=0)
    received_fen = models.BigIntegerField(db_default=0)
    refunded_fen = models.BigIntegerField(db_default=0)
    earned_fen = models.BigIntegerField(db_default=0)
    own_fen = models.BigIntegerField(db_default=0)
    commission_fen = models.BigIntegerField(db_default=0)
    reward_fen = models.BigIntegerField(db_default=0)
    given_fen = models.BigIntegerField(db_default=0)

    class Meta:
        verbose_name = _("result of a day")
        verbose_name_plural = _("results of days")
        ordering = ("-day", "-id")
        indexes = (
            models.Index(
                fields=["campaign", "day"],
                name="result_day_campaign",
                condition=models.Q(campaign__isnull=False),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["merchant", "campaign", "day", "code"],
                nulls_distinct=False,
                name="result_day_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.day}"


class Mark(models.Model):
    """How far the worker has read one table: nothing at or below ``done`` is still to come.

    ``seen`` was the table's last row at ``seen_at``: it is done once no transaction is open that began
    before that moment, for such a one may still bring rows with lower numbers.
    """

    table = models.CharField(max_length=32, primary_key=True)
    done = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mark of a worker")
        verbose_name_plural = _("marks of workers")

    def __str__(self) -> str:
        return f"{self.table} {self.done}"
