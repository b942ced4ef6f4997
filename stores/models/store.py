"""Stores: where vouchers are redeemed, how they are found, when they are open."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.bilingual import Bilingual
from kernel.bounds import (
    Bounded,
    read_zone,
    validate_latitude,
    validate_longitude,
    validate_time_zone,
)
from kernel.clock import now
from kernel.words import matches
from stores.expressions import (
    TWICE_THE_GLOBE_METRES,
    Chord,
    Distance,
    Earth,
    Holds,
    local_clock,
    local_day,
    store_position,
    weekday_of,
)
from stores.models.hours import StoreHoliday, StoreHours
from stores.models.merchant import Merchant
from stores.models.places import City
from stores.place_words import place_query


class StoreQuerySet(models.QuerySet["Store"]):
    def open_for_business(self) -> StoreQuerySet:
        """Stores that customers can see: active, of an approved merchant."""
        return self.filter(state=Store.State.ACTIVE, merchant__state=Merchant.State.APPROVED)

    def within(self, latitude: float, longitude: float, radius_metres: float) -> StoreQuerySet:
        """Stores at most ``radius_metres`` away, found through the GiST index."""
        box = models.Func(Earth(latitude, longitude), radius_metres, function="earth_box")
        return (
            self.filter(Holds(box, store_position()))
            .with_distance(latitude, longitude)
            .filter(models.Q(distance_metres__lte=radius_metres))
        )

    def with_distance(self, latitude: float, longitude: float) -> StoreQuerySet:
        """Annotate ``distance_metres`` from the point, over the globe."""
        return self.annotate(distance_metres=Distance(Earth(latitude, longitude), store_position()))

    def with_chord(self, latitude: float, longitude: float) -> StoreQuerySet:
        """Annotate ``chord``, which grows with the distance and is what the GiST index orders by."""
        return self.annotate(chord=Chord(store_position(), Earth(latitude, longitude)))

    def within_chord(self, latitude: float, longitude: float, chord: Any) -> StoreQuerySet:
        """Stores in a ball around the point; ``chord`` is a subquery, no row means everywhere."""
        radius = Coalesce(models.Subquery(chord), models.Value(TWICE_THE_GLOBE_METRES))
        ball = models.Func(
            Earth(latitude, longitude), radius, models.Value(3), function="cube_enlarge"
        )
        rows = self.filter(Holds(ball, store_position())).with_chord(latitude, longitude)
        return rows.filter(models.Q(chord__lte=radius))

    def nearest_first(self, latitude: float, longitude: float) -> StoreQuerySet:
        """Order by distance through the GiST index; annotates ``chord`` and ``distance_metres``."""
        return (
            self.with_chord(latitude, longitude)
            .with_distance(latitude, longitude)
            .order_by(models.F("chord"), "id")
        )

    def open_at(self, moment: dt.datetime) -> StoreQuerySet:
        """Stores whose hours say open at ``moment``, each by its own clock.

        The same rule as stores.hours.is_open: a holiday replaces its day's week row, a span
        that closes at or before it opens runs past midnight. Unknown hours are not open.
        """
        past_midnight = models.Q(closes__lte=models.F("opens"))
        begun = models.Q(opens__lte=models.OuterRef("_clock"))
        not_over = models.Q(closes__gt=models.OuterRef("_clock"))
        return self.alias(
            _day=local_day(moment),
            _yesterday=local_day(moment, days=-1),
            _clock=local_clock(moment),
        ).filter(
            _spans_of("_day", begun & (past_midnight | not_over))
            | _spans_of("_yesterday", past_midnight & not_over)
        )

    def with_hours(self) -> StoreQuerySet:
        """Annotate ``week_rows`` and ``holiday_rows`` for stores.hours: a list in one query."""
        week = StoreHours.objects.filter(store=models.OuterRef("pk"))
        days = StoreHoliday.objects.filter(store=models.OuterRef("pk"))
        row = {name: name for name in ("opens", "closes")}
        return self.annotate(
            week_rows=ArraySubquery(week.values(row=JSONObject(weekday="weekday", **row))),
            holiday_rows=ArraySubquery(
                days.values(
                    row=JSONObject(date="date", note_en="note_en", note_zh="note_zh", **row)
                )
            ),
        )

    def matching(self, text: str) -> StoreQuerySet:
        """Stores whose name, brand, place or address holds every word of ``text``."""
        return self.filter(matches(Store, "search_vector", place_query(text)))


def _spans_of(day: str, span: models.Q) -> models.Q:
    """Whether a span holds on the annotated ``day``: of its holiday rows if any, else of the week."""
    holiday = StoreHoliday.objects.filter(store=models.OuterRef("pk"), date=models.OuterRef(day))
    week = StoreHours.objects.alias(_weekday=weekday_of(models.OuterRef(day))).filter(
        span, store=models.OuterRef("pk"), weekday=models.F("_weekday")
    )
    return models.Q(models.Exists(holiday.filter(span, opens__isnull=False))) | (
        models.Q(models.Exists(week)) & ~models.Q(models.Exists(holiday))
    )


@pghistory.track(exclude=["rating_sum", "rating_count", "search_vector"])
class Store(Bounded, models.Model):
    """An offline shop. Its time zone judges its opening hours and its vouchers' days."""

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("store", "active")
        CLOSED = "closed", pgettext_lazy("store", "closed")

    merchant = models.ForeignKey(
        Merchant, verbose_name=_("merchant"), on_delete=models.PROTECT, related_name="stores"
    )
    city = models.ForeignKey(
        City, verbose_name=_("city"), on_delete=models.PROTECT, related_name="stores"
    )
    external_code = models.CharField(
        _("your own store number"), max_length=64, blank=True, help_text=_("Used by imports.")
    )
    name_en = models.CharField(_("name (English)"), max_length=160, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=160, blank=True)
    address_en = models.CharField(_("address (English)"), max_length=300, blank=True)
    address_zh = models.CharField(_("address (Chinese)"), max_length=300, blank=True)
    district_en = models.CharField(_("district (English)"), max_length=80, blank=True)
    district_zh = models.CharField(_("district (Chinese)"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_time_zone]
    )
    latitude = models.FloatField(_("latitude"), validators=[validate_latitude])
    longitude = models.FloatField(_("longitude"), validators=[validate_longitude])
    services = ArrayField(
        models.CharField(max_length=32), verbose_name=_("services"), default=list, blank=True
    )
    picture = models.ImageField(_("picture"), upload_to="stores/", blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    devices_only = models.BooleanField(
        _("redeem on enrolled devices only"),
        default=False,
        db_default=False,
        help_text=_(
            "Vouchers are looked up, redeemed and undone here on this store's own devices alone. Enrol "
            "them first."
        ),
    )
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    search_vector = SearchVectorField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=now)
    name = Bilingual("name")
    address = Bilingual("address")
    district = Bilingual("district")

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ("id",)
        indexes = (
            models.Index(fields=["city", "state", "id"], name="store_city"),
            models.Index(fields=["merchant", "state", "id"], name="store_merchant"),
            GistIndex(store_position(), name="store_position"),
            GistIndex("merchant", store_position(), name="store_merchant_position"),
            GinIndex(fields=["search_vector"], name="store_search"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name_en="", name_zh=""), name="store_has_a_name"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__gte=-90, latitude__lte=90)
                & models.Q(longitude__gte=-180, longitude__lte=180),
                name="store_position_range",
            ),
            models.UniqueConstraint(
                fields=["merchant", "external_code"],
                condition=~models.Q(external_code=""),
                name="store_external_code",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The store's time zone."""
        return read_zone(self.time_zone)

    @property
    def rating(self) -> Decimal | None:
        """Average stars with one decimal, or None without reviews."""
        if not self.rating_count:
            return None
        return (Decimal(self.rating_sum) / self.rating_count).quantize(Decimal("0.1"))

    def local_day(self, moment: dt.datetime) -> dt.date:
        """The store's calendar day at ``moment``."""
        return moment.astimezone(self.zone).date()
