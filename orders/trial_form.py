"""The basket, the guest and the moment of a trial, as a form of the back office."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Offer
from kernel.clock import first_at
from kernel.http.forms import ClockField, DayField, RefusableForm, WholeField
from kernel.http.templatetags.fmt import fen
from orders.models import Fulfilment
from orders.trial import Guest, TrialAsked, offers_to_try
from stores.codes.models import Code
from stores.models import Store

ROWS = (1, 2, 3)
MOST_PIECES = 999


class TrialForm(RefusableForm):
    """Three lines of a basket; one of them filled in is enough. Every other answer has a usual one."""

    prefix = "try"
    guest = forms.ChoiceField(label=_("As"), choices=Guest.choices, initial=Guest.NEW)
    number = forms.CharField(
        label=_("Number of the order or coupon"), required=False, max_length=40
    )
    day = DayField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    time = ClockField(
        label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("Store"), required=False, empty_label=_("any")
    )
    method = forms.ChoiceField(label=_("How it is received"), required=False)
    tender = forms.ChoiceField(label=_("How it is paid"), required=False)

    code = forms.ModelChoiceField(
        Code.objects.none(),
        label=_("Code or link that was followed"),
        required=False,
        empty_label="—",
    )

    def __init__(self, merchant_id: int, data: Any = None) -> None:
        super().__init__(data)
        offers = offers_to_try(merchant_id)
        choices = [("", "—"), *((offer.pk, _said(offer)) for offer in offers)]
        lines: dict[str, forms.Field] = {}
        for row in ROWS:
            lines[f"offer_{row}"] = forms.TypedChoiceField(
                label=_("Product"), choices=choices, coerce=int, empty_value=None, required=False
            )
            lines[f"quantity_{row}"] = WholeField(
                label=_("Pieces"), min_value=1, max_value=MOST_PIECES, required=False, initial=1
            )
        if offers:
            lines["offer_1"].initial = offers[0].pk
        rest = dict(self.fields)
        self.fields.clear()
        self.fields.update(lines | rest)
        self.fields["store"].queryset = (  # type: ignore[attr-defined]
            Store.objects.open_for_business().filter(merchant=merchant_id).order_by("pk")
        )
        codes = Code.objects.filter(merchant=merchant_id, closed_at__isnull=True).order_by("pk")
        self.fields["code"].queryset = codes  # type: ignore[attr-defined]
        anyhow = ("", _("any"))
        self.fields["method"].choices = [anyhow, *Fulfilment.Method.choices]  # type: ignore[attr-defined]
        tenders = [(code, code) for code in settings.PAYMENT_GATEWAYS]
        self.fields["tender"].choices = [anyhow, *tenders]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "desk__note", "autocomplete": "off"}

    def asked(self) -> TrialAsked:
        """What the valid form asks."""
        data = self.cleaned_data
        lines = [
            (data[f"offer_{row}"], data[f"quantity_{row}"] or 1)
            for row in ROWS
            if data[f"offer_{row}"]
        ]
        return TrialAsked(
            lines=lines,
            guest=data["guest"],
            number=data["number"],
            moment=_moment(data["day"], data["time"]),
            store=data["store"].pk if data["store"] else None,
            method=data["method"],
            tender=data["tender"],
            code=data["code"].pk if data["code"] else None,
        )


def _said(offer: Offer) -> str:
    return f"{offer.variant} · {fen(offer.price_fen)}"


def _moment(day: dt.date | None, time: dt.time | None) -> dt.datetime | None:
    """Noon of a day without a time, today's time without a day; None: now."""
    if day is None and time is None:
        return None
    wall = dt.datetime.combine(day or timezone.localdate(), time or dt.time(12))
    return first_at(wall, timezone.get_current_timezone())
