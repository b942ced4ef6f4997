"""What something is good for: the occasions that products and sales name, in the order of pages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Occasion(models.TextChoices):
    """An occasion of any day, or a festival (kernel/festivals.py has its days)."""

    FAMILY = "family", _("Family")
    DATE = "date", _("For two")
    WORK_LUNCH = "work-lunch", _("Work lunch")
    NEW_YEAR = "new-year", _("New Year’s Day")
    SPRING_FESTIVAL = "spring-festival", _("Spring Festival")
    LANTERN = "lantern-festival", _("Lantern Festival")
    VALENTINE = "valentines-day", _("Valentine’s Day")
    WOMEN = "womens-day", _("Women’s Day")
    QINGMING = "qingming", _("Qingming Festival")
    LABOUR = "labour-day", _("Labour Day")
    MOTHER = "mothers-day", _("Mother’s Day")
    CHILDREN = "childrens-day", _("Children’s Day")
    DRAGON_BOAT = "dragon-boat", _("Dragon Boat Festival")
    FATHER = "fathers-day", _("Father’s Day")
    QIXI = "qixi", _("Qixi Festival")
    MID_AUTUMN = "mid-autumn", _("Mid-Autumn Festival")
    NATIONAL_DAY = "national-day", _("National Day")
    DOUBLE_NINTH = "double-ninth", _("Double Ninth Festival")
    CHRISTMAS = "christmas", _("Christmas")
