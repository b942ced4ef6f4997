"""What pages send. Shape only; the rules are in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.errors import InvalidInput
from kernel.http.forms import LineField, WholeField
from orders.pricing.digest import MAX_LENGTH
from payments.gateways.base import all_gateways


class AddForm(forms.Form):
    """Into the basket from a product page; ``buy`` = "now" goes straight to the checkout."""

    offer = WholeField(min_value=1, max_value=2**62)
    quantity = WholeField(min_value=1, max_value=10**6, required=False)
    store = WholeField(min_value=1, max_value=2**62, required=False)
    buy = forms.CharField(required=False, max_length=8)
    next = forms.CharField(required=False, max_length=300)


class QuantityForm(forms.Form):
    """A line of the basket; 0 takes it out."""

    quantity = WholeField(min_value=0, max_value=10**6)


class GatewayForm(forms.Form):
    """How to pay: what settings switch on, the first one chosen."""

    gateway = forms.ChoiceField(label=_("How do you want to pay?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(gateway.code, gateway.name) for gateway in all_gateways()]
        chosen = self.fields["gateway"]
        chosen.choices = choices  # type: ignore[attr-defined]
        chosen.initial = choices[0][0] if choices else None


class CheckoutForm(GatewayForm):
    """The order button: what the buyer saw, and the one offer of "buy now".

    Who has nothing to pay names no gateway; the service refuses the others without one.
    """

    seen = forms.CharField(max_length=MAX_LENGTH, widget=forms.HiddenInput)
    offer = WholeField(min_value=1, max_value=2**62, required=False, widget=forms.HiddenInput)
    stores = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    coupons = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gateway"].required = not self.is_bound


class CashierForm(forms.Form):
    """A button of the sandbox cashier."""

    outcome = forms.ChoiceField(choices=[("paid", ""), ("failed", ""), ("closed", "")])
    payer = LineField(max_length=64, required=False)


def require_valid(form: forms.Form) -> dict[str, Any]:
    """Return the cleaned values; raises InvalidInput with the form's own messages."""
    if not form.is_valid():
        raise InvalidInput(fields={name: list(errors) for name, errors in form.errors.items()})
    return form.cleaned_data
