"""Typed rows of what guests do. Written by `kernel.facts.services.record` alone."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.db.months import month_of


class FactQuerySet(models.QuerySet["Fact"]):
    def between(self, start: dt.datetime, end: dt.datetime) -> FactQuerySet:
        """Facts of ``start`` ≤ moment < ``end``; names the months too, so that no other is looked at."""
        months = {"month__gte": month_of(start), "month__lte": month_of(end)}
        return self.filter(at__gte=start, at__lt=end, **months)


class Fact(models.Model):
    """One thing that somebody did. docs/privacy.md says of each kind why it is kept, and how long.

    ``key`` is unique within the month: the same fact twice is one row. ``visitor`` is the browser of
    somebody who agreed to be counted, else a hash that changes every day; ``visit`` and ``subject``
    (the person, by a key that is no name) are empty without that agreement. ``follows`` is the key of an
    earlier fact that knows them, and the code, for this one too. Ids of merchant, store,
    product and code are plain numbers: a fact outlives what it is about, and this room knows no other.
    """

    class Kind(models.TextChoices):
        SEARCH = "search", _("search")
        PRODUCT_VIEW = "product_view", _("product looked at")
        BASKET_ADD = "basket_add", _("put into the basket")
        CHECKOUT = "checkout", _("ordered")
        PAID = "paid", _("paid")
        REDEEMED = "redeemed", _("redeemed")
        REVIEWED = "reviewed", _("reviewed")
        CODE_TOUCH = "code_touch", _("code scanned")
        SIGNED_UP = "signed_up", _("account opened")
        CLAIMED = "claimed", _("coupon claimed")
        CONSENT = "consent", _("asked to be counted, or not")

    month = models.DateField(_("month"))
    at = models.DateTimeField(_("moment"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    key = models.CharField(_("key"), max_length=64)
    visit = models.CharField(_("visit"), max_length=32, blank=True, default="")
    visitor = models.CharField(_("visitor"), max_length=32, blank=True, default="")
    subject = models.CharField(_("person"), max_length=32, blank=True, default="")
    merchant_id = models.BigIntegerField(_("merchant"), null=True)
    store_id = models.BigIntegerField(_("store"), null=True)
    product_id = models.BigIntegerField(_("product"), null=True)
    code_id = models.BigIntegerField(pgettext_lazy("promotion", "code"), null=True)
    channel = models.CharField(_("channel"), max_length=8, blank=True, default="")
    campaign = models.CharField(_("campaign"), max_length=40, blank=True, default="")
    device = models.CharField(_("device"), max_length=8, blank=True, default="")
    words = models.CharField(_("words"), max_length=60, blank=True, default="")
    count = models.PositiveIntegerField(_("count"), null=True)
    follows = models.CharField(_("goes on with"), max_length=64, blank=True, default="")

    objects: ClassVar[models.Manager[Fact]] = FactQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["key", "month"], name="fact_once"),)
        indexes = (
            models.Index(fields=["kind", "at"], name="fact_kind"),
            models.Index(fields=["merchant_id", "kind", "at"], name="fact_merchant"),
            models.Index(fields=["subject"], name="fact_subject", condition=~models.Q(subject="")),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class DailySalt(models.Model):
    """What the hash of a visitor is made with on one day; forgotten the day after.

    Once it is gone nobody can tell, not even with the address and the browser in hand, whose row it was.
    """

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("salt of a day")
        verbose_name_plural = _("salts of days")

    def __str__(self) -> str:
        return str(self.day)
