"""Codes, and every touch of them."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.bounds import Bounded
from kernel.clock import now
from kernel.db.months import month_of
from stores.models import Merchant, Store


class CodeQuerySet(models.QuerySet["Code"]):
    def open(self) -> CodeQuerySet:
        """Codes that lead somewhere."""
        return self.filter(closed_at__isnull=True)


@pghistory.track()
class Code(Bounded, models.Model):
    """A short address (/q/XXXXXXX) that leads to a page and tells whence a guest came.

    Of a merchant, or of the platform. What it is, whose and where it hangs never changes: figures of
    years would tell of something else. Its name, its page, its channel and its campaign may; closed it stays closed.
    """

    class Kind(models.TextChoices):
        POSTER = "poster", pgettext_lazy("code", "poster")
        TAG = "tag", pgettext_lazy("code", "shelf tag")
        LINK = "link", pgettext_lazy("code", "link")
        STAFF = "staff", pgettext_lazy("code", "staff member")
        PARTNER = "partner", pgettext_lazy("code", "partner")
        PERSON = "person", pgettext_lazy("code", "person")
        CAMPAIGN = "campaign", pgettext_lazy("code", "campaign")

    class Channel(models.TextChoices):
        """By which way guests meet it: what a business spends money on, and compares."""

        SEARCH = "search", pgettext_lazy("channel", "search")
        ARTICLE = "article", pgettext_lazy("channel", "article")
        OWN_MEDIA = "own_media", pgettext_lazy("channel", "own media")
        WEIBO = "weibo", pgettext_lazy("channel", "Weibo")
        WECHAT = "wechat", pgettext_lazy("channel", "WeChat")
        SITE = "site", pgettext_lazy("channel", "site")
        BUILDING = "building", pgettext_lazy("channel", "building")
        STORE = "store", pgettext_lazy("channel", "store")
        SELLER = "seller", pgettext_lazy("channel", "seller")
        PARTNER = "partner", pgettext_lazy("channel", "partner")
        OTHER = "other", pgettext_lazy("channel", "other")

    code = models.CharField(
        pgettext_lazy("promotion", "code"), max_length=8, unique=True, editable=False
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        db_index=False,
        help_text=_("Empty for a code of the platform."),
    )
    kind = models.CharField(pgettext_lazy("code", "kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(
        _("name"), max_length=80, help_text=_("Such as “Window, left”. Guests do not see it.")
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        help_text=_("Where it hangs: orders after a scan there are credited to this store."),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
    )
    target = models.CharField(
        _("leads to"),
        max_length=200,
        blank=True,
        help_text=_(
            "The address of one of your pages: a product, a store, your business. Empty: the store's page, or "
            "your business's."
        ),
    )
    product_id = models.BigIntegerField(_("product"), null=True, editable=False)
    channel = models.CharField(
        pgettext_lazy("marketing", "channel"),
        max_length=9,
        choices=Channel.choices,
        default=Channel.OTHER,
        db_default=Channel.OTHER,
        help_text=_("By which way guests meet it; what it costs is entered per channel."),
    )
    campaign = models.SlugField(
        _("campaign"),
        max_length=40,
        blank=True,
        db_index=False,
        help_text=_("Such as “spring-2026”."),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(_("created"), default=now)
    closed_at = models.DateTimeField(pgettext_lazy("moment", "closed"), null=True, blank=True)

    objects: ClassVar[models.Manager[Code]] = CodeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("promotion", "code")
        verbose_name_plural = _("codes")
        ordering = ("-id",)
        indexes = (models.Index(fields=["merchant", "-id"], name="code_merchant"),)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(kind__in=["staff", "person"]) | models.Q(person__isnull=False),
                name="code_names_its_person",
            ),
            models.CheckConstraint(
                condition=models.Q(merchant__isnull=False) | models.Q(store__isnull=True),
                name="code_of_platform_has_no_store",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it still leads somewhere."""
        return self.closed_at is None

    @property
    def hangs_in_a_store(self) -> bool:
        """Whether who scans it stands in a store: printed there, or shown by its staff."""
        return self.store_id is not None and self.kind in PRINTED


PRINTED = frozenset({Code.Kind.POSTER, Code.Kind.TAG, Code.Kind.STAFF})


def usual_channel(kind: str, *, in_store: bool) -> str:
    """The channel of a code of which nobody has said one."""
    if kind == Code.Kind.STAFF:
        return Code.Channel.SELLER
    if kind == Code.Kind.PARTNER:
        return Code.Channel.PARTNER
    if kind in PRINTED and in_store:
        return Code.Channel.STORE
    return Code.Channel.OTHER


class TouchQuerySet(models.QuerySet["Touch"]):
    def since(self, start: dt.datetime) -> TouchQuerySet:
        """Touches from ``start`` on; names the months too, so that no other is looked at."""
        return self.filter(at__gte=start, month__gte=month_of(start))


class Touch(models.Model):
    """Somebody scanned a code or followed its link. Kept by the month (kernel.db.months), in batches.

    ``visitor`` and ``subject`` are those of facts, ``visit`` is of the scan alone (docs/privacy.md).
    ``day`` is that of the code's store, as it was then.
    """

    month = models.DateField(_("month"))
    at = models.DateTimeField(_("moment"))
    day = models.DateField(_("day"))
    code = models.ForeignKey(
        Code,
        verbose_name=pgettext_lazy("promotion", "code"),
        on_delete=models.PROTECT,
        related_name="touches",
        db_index=False,
    )
    visit = models.CharField(_("visit"), max_length=32, blank=True, default="")
    visitor = models.CharField(_("visitor"), max_length=32, blank=True, default="")
    subject = models.CharField(_("person"), max_length=32, blank=True, default="")
    device = models.CharField(_("device"), max_length=8, blank=True, default="")
    referrer = models.CharField(_("came from"), max_length=100, blank=True, default="")

    objects: ClassVar[models.Manager[Touch]] = TouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["code", "day"], name="touch_code"),
            models.Index(fields=["visit"], name="touch_visit", condition=~models.Q(visit="")),
            models.Index(fields=["visitor"], name="touch_visitor"),
            models.Index(fields=["subject"], name="touch_subject", condition=~models.Q(subject="")),
        )

    def __str__(self) -> str:
        return f"{self.code_id} {self.at:%Y-%m-%d %H:%M}"


class CodeDay(models.Model):
    """How often a code was touched on one day; stays when the touches of that month are gone."""

    code = models.ForeignKey(
        Code,
        verbose_name=pgettext_lazy("promotion", "code"),
        on_delete=models.PROTECT,
        related_name="days",
        db_index=False,
    )
    day = models.DateField(_("day"))
    scans = models.PositiveIntegerField(_("scans"))

    class Meta:
        verbose_name = _("day of a code")
        verbose_name_plural = _("days of codes")
        ordering = ("-day", "-id")
        constraints = (models.UniqueConstraint(fields=["code", "day"], name="code_day_once"),)

    def __str__(self) -> str:
        return f"{self.code_id} {self.day}"
