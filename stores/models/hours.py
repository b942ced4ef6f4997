"""When a store is open. Store is named in words: its module imports this one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bilingual import Bilingual
from kernel.bounds import Bounded, validate_day


class Weekday(models.IntegerChoices):
    """Monday is 0, as in datetime.date.weekday()."""

    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class StoreHours(Bounded, models.Model):
    """One opening span on a weekday; ``closes`` at or before ``opens`` is past midnight."""

    store = models.ForeignKey(
        "stores.Store", verbose_name=_("store"), on_delete=models.CASCADE, related_name="hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ("store", "weekday", "opens")
        constraints = (
            models.UniqueConstraint(fields=["store", "weekday", "opens"], name="store_hours_span"),
        )

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class StoreHoliday(Bounded, models.Model):
    """A day that differs from the week: closed, or other hours. Its rows replace that day's week rows.

    Several rows of one date are split shifts; a row without times says closed.
    """

    store = models.ForeignKey(
        "stores.Store", verbose_name=_("store"), on_delete=models.CASCADE, related_name="holidays"
    )
    date = models.DateField(_("date"), validators=[validate_day])
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)
    note_en = models.CharField(_("note (English)"), max_length=80, blank=True)
    note_zh = models.CharField(_("note (Chinese)"), max_length=80, blank=True)
    note = Bilingual("note")

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ("store", "date", "opens")
        constraints = (
            models.UniqueConstraint(
                fields=["store", "date", "opens"], nulls_distinct=False, name="store_holiday_span"
            ),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(opens__isnull=False, closes__isnull=False),
                name="store_holiday_both_or_none",
            ),
        )

    def __str__(self) -> str:
        return f"{self.date}"
