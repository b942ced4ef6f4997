"""The few things that a template asks for, as a form and as a campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.gallery.habits import Habits
from campaigns.gallery.templates import Template
from campaigns.services.campaigns import MOST_COUPONS, CampaignAsked
from catalog.models import Product
from kernel.http.forms import DayField, DecimalField, RefusableForm, WholeField, YuanField

_NAMES = {"permille": "percent", "name_en": None, "name_zh": None}
"""Where a refusal of the service is shown, whose field has another name here."""


def _yuan(label: Any, **options: Any) -> Callable[[], forms.Field]:
    return lambda: YuanField(label=label, **options)


def _day(label: Any) -> Callable[[], forms.Field]:
    return lambda: DayField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


_FIELDS: Mapping[str, Callable[[], forms.Field]] = {
    "products": lambda: forms.ModelMultipleChoiceField(Product.objects.none(), label=_("Products")),
    "amount_fen": _yuan(_("Amount off (yuan)")),
    "percent": lambda: DecimalField(
        label=_("Share off (%)"), min_value=0, max_value=100, max_digits=4, decimal_places=1
    ),
    "at_most_fen": _yuan(_("At most (yuan)"), required=False),
    "minimum": _yuan(_("Minimum spend (yuan)"), required=False),
    "begins_at": _day(_("First day")),
    "ends_at": _day(_("Last day")),
    "coupons": lambda: WholeField(label=_("Coupons"), min_value=1, max_value=MOST_COUPONS),
    "budget_fen": _yuan(_("Budget (yuan)"), required=False),
}


class TemplateForm(RefusableForm):
    """The inputs of one template, filled in with what it proposes to this business."""

    def __init__(
        self, template: Template, merchant_id: int, habits: Habits, data: Any = None
    ) -> None:
        super().__init__(data, initial=template.propose(habits))
        self.template = template
        for name in template.inputs:
            self.fields[name] = _FIELDS[name]()
            self.fields[name].widget.attrs |= {"class": "desk__note", "autocomplete": "off"}
        if "products" in self.fields:
            rows = Product.objects.filter(merchant=merchant_id, state=Product.State.ACTIVE)
            self.fields["products"].queryset = rows.order_by("pk")  # type: ignore[attr-defined]

    def asked(self) -> CampaignAsked:
        """What the valid form asks for."""
        data = dict(self.cleaned_data)
        if "products" in data:
            data["products"] = [row.pk for row in data["products"]]
        return self.template.ask(data)

    def refuse(self, refusal: Any) -> None:
        fields = refusal.extra.get("fields") or {}
        for theirs, ours in _NAMES.items():
            if theirs in fields and ours:
                fields[ours] = fields.pop(theirs)
        super().refuse(refusal)
