"""The page on which a person asks to sell here, and sees what became of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kernel.emails import MailFormField
from kernel.errors import Refusal
from kernel.http.forms import RefusableForm
from kernel.http.limits import hit
from stores.models import Merchant
from stores.services.merchants import apply_merchant
from stores.trades import offered_trades

State = Merchant.State
APPLICATIONS, APPLICATION_SECONDS = 10, 24 * 60 * 60


def _text(label: Any, *, length: int, required: bool = True, **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, required=required, widget=forms.TextInput(attrs=attrs)
    )


def _story(label: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=2000, required=False, widget=widget)


class ApplicationForm(RefusableForm):
    """Either name will do; the pages show the other language's where one is missing."""

    name_zh = _text(_("Name of your business (Chinese)"), length=120, required=False)
    name_en = _text(_("Name of your business (English)"), length=120, required=False)
    story_zh = _story(_("What you do (Chinese)"))
    story_en = _story(_("What you do (English)"))
    contact_name = _text(pgettext_lazy("contact", "Your name"), length=80, autocomplete="name")
    contact_phone = _text(_("Phone"), length=40, autocomplete="tel", inputmode="tel")
    contact_email = MailFormField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    trades = forms.MultipleChoiceField(
        label=_("Your trade"),
        help_text=_("Choose all that fit: you can sell in these categories once you are approved."),
        choices=offered_trades,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offered_trades():  # a shop without categories yet asks for none
            del self.fields["trades"]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        named = {"name_zh", "name_en"}
        if not any(facts.get(name) for name in named) and not named & set(self.errors):
            first = "name_zh" if (get_language() or "").startswith("zh") else "name_en"
            self.add_error(first, gettext("Enter the name in at least one language."))
        return facts


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merchant_apply(request: HttpRequest) -> HttpResponse:
    """Apply as a merchant, mend a refused application, or see how it stands."""
    last = Merchant.objects.filter(applicant_id=request.user.pk).order_by("-id").first()
    another = "another" in request.GET
    wanted = (
        last is None or last.state == State.REJECTED or (another and last.state != State.APPLIED)
    )
    form = ApplicationForm(request.POST or None, initial=_known(request, last))
    if request.method == "POST" and form.is_valid():
        try:
            hit(
                "apply",
                str(request.user.pk),
                limit=APPLICATIONS,
                period_seconds=APPLICATION_SECONDS,
            )
            apply_merchant(applicant=request.user, **form.cleaned_data)
            messages.success(
                request, gettext("We have received your application and will write to you soon.")
            )
            return redirect("merchant_apply")
        except Refusal as refusal:
            if not wanted:  # the form is not shown: say it above the state of the application
                messages.error(request, str(refusal))
                return redirect("merchant_apply")
            form.refuse(refusal)
    context = {
        "merchant": last,
        "form": form if wanted else None,
        "steps": _steps(last),
        "others": _others(request, last),
    }
    return render(request, "stores/apply.html", context)


def _others(request: HttpRequest, last: Merchant | None) -> list[Merchant]:
    """The person's other businesses that were approved, newest first."""
    if last is None:
        return []
    mine = Merchant.objects.filter(applicant_id=request.user.pk, state=State.APPROVED)
    return list(mine.exclude(pk=last.pk).order_by("-id")[:20])


def _known(request: HttpRequest, last: Merchant | None) -> dict[str, Any]:
    """What need not be typed: the refused application, else the person's own name and address."""
    if last is not None and last.state == State.REJECTED:
        return {name: getattr(last, name) for name in ApplicationForm.base_fields}
    user: Any = request.user
    return {
        "contact_name": user.get_full_name(),
        "contact_phone": user.phone or "",
        "contact_email": user.email or "",
    }


def _steps(merchant: Merchant | None) -> list[dict[str, str]]:
    """The way of an application, for components/steps.html."""
    if merchant is None:
        return []
    decided = merchant.state != State.APPLIED
    refused = merchant.state == State.REJECTED
    return [
        {"label": gettext("Application sent"), "state": "done"},
        {
            "label": gettext("We review it"),
            "note": "" if decided else gettext("Usually within two working days."),
            "state": "done" if decided else "now",
        },
        {
            "label": gettext("Changes needed") if refused else gettext("Start selling"),
            "note": merchant.decision_note,
            "state": "failed" if refused else "done" if decided else "todo",
        },
    ]
