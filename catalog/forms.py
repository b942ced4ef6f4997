"""The filters of the product list, as people fill them in: amounts in yuan."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.http.filters import FilterForm, quotable
from kernel.http.forms import YuanField
from kernel.money import MAX_AMOUNT_FEN
from stores.models import City
from stores.selectors import find_district

TEXT_LENGTH = 100
RADII = (
    ("", _("Any distance")),
    ("1000", _("1 km")),
    ("3000", _("3 km")),
    ("5000", _("5 km")),
    ("10000", _("10 km")),
    ("30000", _("30 km")),
)
SORTS = (
    ("relevance", _("Best match")),
    ("distance", _("Nearest")),
    ("price", _("Cheapest")),
    ("-price", _("Most expensive")),
    ("sales", _("Most sold")),
    ("rating", _("Best rated")),
    ("newest", _("Newest")),
)


def _price(label: str | Promise) -> YuanField:
    return YuanField(label=label, required=False, max_value=MAX_AMOUNT_FEN // 100, max_digits=None)


class ProductFilterForm(FilterForm):
    """What limits the list of deals; everything may be left out.

    ``near`` says whether the visitor's position is known, ``city`` is the one city of the list: a
    distance needs the first, a district the second.
    """

    unreadable: ClassVar[dict[str, str | Promise]] = {
        "min_price": _("“%(value)s” is not a price; it was left out."),
        "max_price": _("“%(value)s” is not a price; it was left out."),
        "radius": _("“%(value)s” is not a distance to choose; it was left out."),
        "sort": _("There is no order “%(value)s”; the usual one was taken."),
    }

    min_price = _price(_("From ¥"))
    max_price = _price(_("To ¥"))
    radius = forms.ChoiceField(label=_("Within"), choices=RADII, required=False)
    open_now = forms.BooleanField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(max_length=TEXT_LENGTH, required=False, widget=forms.HiddenInput)
    district = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    limited = forms.BooleanField(required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(choices=SORTS, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, near: bool, city: City | None) -> None:
        super().__init__(data)
        self._near, self._city = near, city

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        low, high = values.get("min_price"), values.get("max_price")
        if low is not None and high is not None and low > high:
            self.contradict(
                "max_price", gettext("The upper price is below the lower one; both were left out.")
            )
            values.pop("min_price")
        if values.get("district"):
            self._judge_district(values)
        if values.get("radius") and not self._near:
            self.contradict("radius", gettext("A distance needs your position; it was left out."))
        if values.get("sort") == "distance" and not self._near:
            self.contradict(
                "sort", gettext("“Nearest” needs your position; the usual order was taken.")
            )
        return values

    def _judge_district(self, values: dict[str, Any]) -> None:
        """A district is one of the listed city's, by either of its names."""
        if self._city is None:
            self.contradict("district", gettext("A district needs a city; it was left out."))
            return
        name = values["district"]
        values["district"] = find_district(self._city, name)
        if not values["district"]:
            sentence = gettext("We know no district “%(value)s” in %(city)s; it was left out.")
            words = {"city": self._city.name, "value": quotable(name)}
            self.contradict("district", sentence % words)

    def shown_again(self, kept: QueryDict) -> ProductFilterForm:
        """The form as the list draws it: the filters that hold, and prices as typed for correction.

        ``kept`` is the list's address in canonical form. Nothing else of what was typed goes on:
        it would come back with every further filter.
        """
        data = kept.copy()
        if {"min_price", "max_price"} & self.errors.keys():
            for name in ("min_price", "max_price"):
                data[name] = self.data.get(name, "")
        return ProductFilterForm(data, near=self._near, city=self._city)
