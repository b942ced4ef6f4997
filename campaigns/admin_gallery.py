"""The gallery in the admin: choose a goal, fill in a few things, see what a guest reads, start."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.gallery.estimate import estimate_of, word_estimate
from campaigns.gallery.forms import TemplateForm
from campaigns.gallery.habits import Habits, habits_of
from campaigns.gallery.templates import TEMPLATES, Goal, Template
from campaigns.models import Campaign
from campaigns.risks import Promise, Risk, risks_of
from campaigns.services.campaigns import (
    CampaignAsked,
    check_campaign,
    create_campaign,
    unsaved_campaign,
)
from campaigns.services.plans import launch_campaign
from campaigns.terms import Terms, terms_of
from campaigns.wording import names_for, promise
from kernel.errors import Refusal
from kernel.http.once import page_once
from kernel.http.templatetags.fmt import fen
from kernel.numerals import read_number
from stores.admin_rights import is_operator, person, scope
from stores.models import Merchant
from stores.rights import Right, word_missing

ANSWER = "answer_"
FRAGMENT = "X-Preview"
"""The header by which the page asks for the preview alone, while somebody types."""


class Card(NamedTuple):
    """A template as the gallery shows it: what it would give, and what that typically costs."""

    template: Template
    url: str
    cost: str


class Preview(NamedTuple):
    """What a guest would read, the estimate in sentences, and the campaign as it would be tried."""

    promise: str
    estimate: list[str]
    campaign: Campaign
    terms: Terms
    risks: list[tuple[Risk, str]]
    """Each with what was answered to it on this page."""


def gallery_page(page: Any, request: HttpRequest) -> HttpResponse:
    """All templates by goal, or with ``template`` one of them. 403 for who may make no campaigns."""
    if not page.has_add_permission(request):
        raise PermissionDenied(word_missing((Right.EDIT_CAMPAIGNS,)))
    merchants = scope(
        request, Merchant.objects.order_by("pk"), "", Right.EDIT_CAMPAIGNS, to_write=True
    )
    merchant, several = chosen_merchant(request, merchants)
    if code := request.GET.get("template", ""):
        if merchant is None or code not in TEMPLATES:
            raise Http404
        return _template_page(page, request, merchant, TEMPLATES[code])
    context = {
        "title": _("What do you want to reach?"),
        "goals": _goals(merchant),
        "merchant": merchant,
        "merchants": merchants if several else [],
    }
    return _page(page, request, "admin/campaigns/gallery.html", context)


def chosen_merchant(request: HttpRequest, merchants: Any) -> tuple[Merchant | None, bool]:
    """The business that is named, or the only one; and whether there are several to choose from.

    Raises Http404 for one that is not reached.
    """
    several = is_operator(request) or len(merchants[:2]) > 1
    if given := request.GET.get("merchant", ""):
        found: Merchant | None = merchants.filter(pk=read_number(given)).first()
        if found is None:
            raise Http404
        return found, several
    return (None if several else merchants.first()), several


def _goals(merchant: Merchant | None) -> list[tuple[Goal, list[Card]]]:
    habits = habits_of(merchant.pk) if merchant else None
    return [
        (goal, [_card(row, merchant, habits) for row in TEMPLATES.values() if row.goal == goal])
        for goal in Goal
    ]


def _card(template: Template, merchant: Merchant | None, habits: Habits | None) -> Card:
    if merchant is None or habits is None:
        return Card(template, "", "")
    url = f"?template={template.code}&merchant={merchant.pk}"
    found = estimate_of(merchant.pk, template.ask(template.propose(habits)))
    if not found.most_fen:
        return Card(template, url, "")  # nothing that it could give is known yet
    if not found.uses:
        most = {"most": fen(found.most_fen)}
        return Card(template, url, _("At most %(most)s as proposed") % most)
    text = _("About %(cost)s as proposed, at most %(most)s")
    return Card(template, url, text % {"cost": fen(found.cost_fen), "most": fen(found.most_fen)})


def _template_page(
    page: Any, request: HttpRequest, merchant: Merchant, template: Template
) -> HttpResponse:
    habits = habits_of(merchant.pk)
    data = request.POST if request.method == "POST" else None
    form = TemplateForm(template, merchant.pk, habits, data)
    asked = _asked(form, merchant, request) if data is not None else None
    writes = bool({"_start", "_draft"} & request.POST.keys())
    if asked and writes and (answer := _written(page, request, form, merchant, asked)):
        return answer
    if data is None:
        asked = template.ask(template.propose(habits))
    context = {
        "title": template.title,
        "template": template,
        "form": form,
        "merchant": merchant,
        "data": data,
        "preview": _preview(merchant, asked, request.POST) if asked else None,
        "gallery": f"{reverse('admin:campaigns_campaign_gallery')}?merchant={merchant.pk}",
    }
    only = request.headers.get(FRAGMENT)
    name = "admin/campaigns/_preview.html" if only else "admin/campaigns/template.html"
    return _page(page, request, name, context)


def _asked(form: TemplateForm, merchant: Merchant, request: HttpRequest) -> CampaignAsked | None:
    """What the form asks for, None where something is wrong with it: said beside its fields."""
    if not form.is_valid():
        return None
    asked = form.asked()
    try:
        check_campaign(merchant=merchant, asked=asked, by=person(request))
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    return asked


def _written(
    page: Any,
    request: HttpRequest,
    form: TemplateForm,
    merchant: Merchant,
    asked: CampaignAsked,
) -> HttpResponse | None:
    starts, by = "_start" in request.POST, person(request)

    def write() -> int:
        if not starts:
            return create_campaign(merchant=merchant, asked=asked, by=by).pk
        said = answers_in(request.POST)
        return launch_campaign(merchant=merchant, asked=asked, answers=said, by=by).pk

    try:
        made = page_once(request, write).value
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    text = (
        _("It runs.") if starts else _("It is kept as a draft: nobody sees it before you start it.")
    )
    page.message_user(request, text, messages.SUCCESS)
    return redirect("admin:campaigns_campaign_change", made)


def answers_in(data: Any) -> dict[str, str]:
    """What was answered to risks on a page, by their codes."""
    return {name.removeprefix(ANSWER): str(data[name]) for name in data if name.startswith(ANSWER)}


def _preview(merchant: Merchant, asked: CampaignAsked, data: Any) -> Preview:
    """As the guest will read it, by the campaign's own words."""
    terms = asked.terms
    row = unsaved_campaign(merchant=merchant, asked=asked)
    said = promise(row, terms, names_for([terms]))
    answers = answers_in(data)
    risks = risks_of(Promise(row, terms, None if row.is_automatic else asked.coupons))
    return Preview(
        said,
        word_estimate(estimate_of(merchant.pk, asked)),
        row,
        terms,
        [(risk, answers.get(risk.code, "")) for risk in risks],
    )


def try_page(page: Any, request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    """Any basket with the campaign, as any guest, at any moment. Not found for who does not see it."""
    if campaign is None:
        raise Http404
    terms = terms_of(campaign)
    data = request.GET
    context = {
        "title": _("Try as a customer"),
        "campaign": campaign,
        "terms": terms,
        "data": data,
        "promise": promise(campaign, terms, names_for([terms])),
    }
    only = request.headers.get(FRAGMENT)
    name = "admin/campaigns/_try_only.html" if only else "admin/campaigns/try.html"
    return _page(page, request, name, context)


def _page(page: Any, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**page.admin_site.each_context(request), "opts": page.model._meta, **context}
    return TemplateResponse(request, template, whole)
