"""Forms of the store pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.http.filters import FilterForm

TEXT_LENGTH = 100


class StoreFilterForm(FilterForm):
    """What limits the list of stores; everything may be left out."""

    q = forms.CharField(label=_("Name, brand or street"), max_length=TEXT_LENGTH, required=False)
    open_now = forms.BooleanField(label=_("Open now"), required=False)


class CityForm(forms.Form):
    """The city somebody chose to browse in."""

    city = forms.SlugField(max_length=80)
    next = forms.CharField(max_length=500, required=False)
