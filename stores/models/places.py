"""Cities: where people browse."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import (
    Bounded,
    validate_country,
    validate_latitude,
    validate_longitude,
    validate_time_zone,
)


class City(Bounded, models.Model):
    """A place that people choose to browse in. ``slug`` is unique world-wide."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=120)
    name_zh = models.CharField(_("name (Chinese)"), max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, validators=[validate_country])
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    latitude = models.FloatField(_("latitude"), validators=[validate_latitude])
    longitude = models.FloatField(_("longitude"), validators=[validate_longitude])
    featured = models.BooleanField(_("offered in the city list"), default=False)
    name = Bilingual("name")

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ("-featured", "name_en")
        constraints = (
            models.UniqueConstraint(fields=["country", "region", "name_en"], name="city_place"),
        )

    def __str__(self) -> str:
        return self.name
