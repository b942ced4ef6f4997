"""The few things that a template asks for, as a form and as a campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from campaigns.benefits import MOST_PIECES
from campaigns.gallery.habits import DAYS, SPAN, Habits
from campaigns.gallery.templates import Template
from campaigns.models.campaign import MOST_PER_PERSON
from campaigns.services.campaigns import MOST_COUPONS, CampaignAsked
from catalog.models import Product
from kernel.http.forms import DayField, DecimalField, RefusableForm, WholeField, YuanField

_NAMES = {
    "permille": "percent",
    "tiers": "next_fen",
    "name_en": None,
    "name_zh": None,
}
"""Where a refusal of the service is shown, whose field has another name here."""


def _yuan(label: Any, **options: Any) -> Callable[[], forms.Field]:
    return lambda: YuanField(label=label, **options)


def _day(label: Any) -> Callable[[], forms.Field]:
    return lambda: DayField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


FIRST_HOURS = range(6, 24 - SPAN + 1)


def _said(hour: int) -> str:
    return f"{hour:02}:00–{hour + SPAN:02}:00"


def _span(value: str) -> tuple[int, int]:
    begins, ends = value.split("-")
    return int(begins), int(ends)


_FIELDS: Mapping[str, Callable[[], forms.Field]] = {
    "products": lambda: forms.ModelMultipleChoiceField(Product.objects.none(), label=_("Products")),
    "item": lambda: forms.ModelChoiceField(
        Product.objects.none(), label=_("What is handed over"), empty_label="—"
    ),
    "amount_fen": _yuan(_("Amount off (yuan)")),
    "percent": lambda: DecimalField(
        label=_("Share off (%)"), min_value=0, max_value=100, max_digits=4, decimal_places=1
    ),
    "at_most_fen": _yuan(_("At most (yuan)"), required=False),
    "minimum": _yuan(_("Minimum spend (yuan)"), required=False),
    "next_minimum": _yuan(_("Second step: minimum spend (yuan)")),
    "next_fen": _yuan(_("Second step: amount off (yuan)")),
    "gifts": lambda: forms.ModelMultipleChoiceField(Product.objects.none(), label=_("Gifts")),
    "every": lambda: WholeField(
        label=_("Pieces, of which the cheapest is free"), min_value=2, max_value=MOST_PIECES
    ),
    "budget_count": lambda: WholeField(
        label=_("Orders at most"), min_value=1, max_value=MOST_COUPONS
    ),
    "uses_per_person": lambda: WholeField(
        label=_("Orders per person"), min_value=1, max_value=MOST_PER_PERSON
    ),
    "weekdays": lambda: forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=[(day, WEEKDAYS[day - 1]) for day in DAYS],
        coerce=int,
        widget=forms.CheckboxSelectMultiple(),
    ),
    "hours": lambda: forms.TypedChoiceField(
        label=_("Hours"), choices=[(f"{h}-{h + SPAN}", _said(h)) for h in FIRST_HOURS], coerce=_span
    ),
    "begins_at": _day(_("From (first day)")),
    "ends_at": _day(_("Until (last day)")),
    "coupons": lambda: WholeField(label=_("Coupons"), min_value=1, max_value=MOST_COUPONS),
    "budget_fen": _yuan(_("Budget (yuan)"), required=False),
}

_GOODS = {"products", "gifts"}


class TemplateForm(RefusableForm):
    """The inputs of one template, filled in with what it proposes to this business."""

    def __init__(
        self, template: Template, merchant_id: int, habits: Habits, data: Any = None
    ) -> None:
        proposed = template.propose(habits)
        super().__init__(data, initial=proposed | _typed(proposed))
        self.template = template
        for name in template.inputs:
            self.fields[name] = _FIELDS[name]()
            if name != "weekdays":
                self.fields[name].widget.attrs |= {"class": "desk__note", "autocomplete": "off"}
        for name in {*_GOODS, "item"} & self.fields.keys():
            rows = Product.objects.filter(merchant=merchant_id, state=Product.State.ACTIVE)
            self.fields[name].queryset = rows.order_by("pk")  # type: ignore[attr-defined]

    def asked(self) -> CampaignAsked:
        """What the valid form asks for."""
        data = dict(self.cleaned_data)
        for name in _GOODS & data.keys():
            data[name] = [row.pk for row in data[name]]
        if "item" in data:
            data["item"] = data["item"].pk
        return self.template.ask(data)

    def refuse(self, refusal: Any) -> None:
        fields = refusal.extra.get("fields") or {}
        if "gifts" in self.fields and "products" in fields:
            fields["gifts"] = fields.pop("products")
        if "item" in self.fields and "products" in fields:
            fields["item"] = fields.pop("products")
        for theirs, ours in _NAMES.items():
            if theirs in fields and ours:
                fields[ours] = fields.pop(theirs)
        super().refuse(refusal)


def _typed(proposed: Mapping[str, Any]) -> dict[str, Any]:
    """What the form's fields call otherwise than the template."""
    if "hours" not in proposed:
        return {}
    begins = max(FIRST_HOURS[0], min(proposed["hours"][0], FIRST_HOURS[-1]))
    return {"hours": f"{begins}-{begins + SPAN}"}
