"""The filters of the product list, as people fill them in: amounts in yuan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2o.money import MAX_AMOUNT_FEN
from o2o.web.forms import DecimalField

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


class YuanField(DecimalField):
    """An amount in yuan that cleans to fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=MAX_AMOUNT_FEN // 100,
            decimal_places=2,
            required=False,
            **options,
        )

    def clean(self, value: Any) -> int | None:
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class ProductFilterForm(forms.Form):
    """What limits the list of deals; everything may be left out."""

    min_price = YuanField(label=_("From ¥"))
    max_price = YuanField(label=_("To ¥"))
    radius = forms.ChoiceField(label=_("Within"), choices=RADII, required=False)
    open_now = forms.BooleanField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(max_length=TEXT_LENGTH, required=False, widget=forms.HiddenInput)
    district = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    limited = forms.BooleanField(required=False, widget=forms.HiddenInput)
    sort = forms.ChoiceField(choices=SORTS, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        low, high = values.get("min_price"), values.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", _("The upper price is below the lower one."))
            values.pop("min_price")
        return values
