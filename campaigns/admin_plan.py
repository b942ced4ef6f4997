"""The plan of a campaign in the admin: goal, risks, preparation, stop rule, and what came of it; the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.admin_gallery import answers_in, chosen_merchant
from campaigns.gallery.estimate import estimate_of, word_estimate
from campaigns.gallery.habits import WEEK, Week, weeks_ahead
from campaigns.models import Benefit, Campaign, Plan, PlanAnswer, PlanChannel
from campaigns.models.plan import MOST_LESSON
from campaigns.progress import progress_of
from campaigns.risks import promise_of, risks_of, steps_of
from campaigns.services.plans import (
    PlanAsked,
    answer_risks,
    asked_of,
    copy_campaign,
    note_lesson,
    tick_steps,
    write_plan,
)
from campaigns.services.readiness import RISK, STEP
from campaigns.terms import terms_of
from kernel.errors import Refusal
from kernel.http.forms import RefusableForm, TextField, WholeField, YuanField
from kernel.http.once import page_once
from stores.admin_rights import person, scope
from stores.codes.models import Code
from stores.models import Merchant
from stores.rights import Right, word_missing

BACK, AHEAD = 4, 26
"""Weeks of the calendar before this one, and from it on."""
MOST_IN_CALENDAR = 200


class PlanForm(RefusableForm):
    """Goal, stop rule and channels. The goal can only be read once the campaign has started."""

    unit = forms.ChoiceField(label=_("Goal, counted in"), required=False)
    goal = WholeField(label=_("Goal (of sales: in yuan)"), required=False, min_value=1)
    stop_fen = YuanField(label=_("Stop when it has cost (yuan)"), required=False)
    stop_uses = WholeField(label=_("Stop after so many uses"), required=False, min_value=1)
    stop_cost_fen = YuanField(
        label=_("Stop when an order costs more than (yuan, on average)"), required=False
    )
    codes = forms.ModelMultipleChoiceField(
        Code.objects.none(), label=_("Codes and links that lead to it"), required=False
    )

    def __init__(self, campaign: Campaign, plan: Plan | None, data: Any = None) -> None:
        channels = PlanChannel.objects.filter(campaign=campaign)
        codes = list(channels.values_list("code_id", flat=True))
        shown: dict[str, Any] = {"codes": codes}
        if plan is not None:
            shown |= {
                name: getattr(plan, name)
                for name in ("unit", "stop_fen", "stop_uses", "stop_cost_fen")
            }
            shown["goal"] = _in_unit(plan.unit, plan.goal)
        super().__init__(data, initial=shown)
        self.fields["unit"].choices = [("", _("no goal")), *Plan.Unit.choices]  # type: ignore[attr-defined]
        mine = Code.objects.filter(merchant=campaign.merchant_id).order_by("pk")
        self.fields["codes"].queryset = mine.filter(closed_at__isnull=True) | mine.filter(  # type: ignore[attr-defined]
            pk__in=codes
        )
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "desk__note", "autocomplete": "off"}
            if name in {"unit", "goal"} and campaign.state != Campaign.State.DRAFT:
                field.disabled = True

    def asked(self) -> PlanAsked:
        """What the valid form asks for."""
        data = self.cleaned_data
        goal = data["goal"]
        if goal is not None and data["unit"] == Plan.Unit.PAID:
            goal *= 100
        return PlanAsked(
            data["unit"],
            goal,
            data["stop_fen"],
            data["stop_uses"],
            data["stop_cost_fen"],
            [code.pk for code in data["codes"]],
        )


class LessonForm(RefusableForm):
    """What was learnt, when it is over."""

    lesson = TextField(
        label=_("What I'd do again, and what not"), required=False, max_length=MOST_LESSON
    )

    def __init__(self, plan: Plan | None, data: Any = None) -> None:
        super().__init__(data, initial={"lesson": plan.lesson if plan else ""})
        self.fields["lesson"].widget.attrs |= {"class": "desk__note", "rows": 4}


def plan_page(page: Any, request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    """Read it all; who may edit writes part by part. Not found for who does not see the campaign."""
    if campaign is None:
        raise Http404
    plan = Plan.objects.filter(campaign=campaign).first()
    may = page.writable(request, Campaign.objects.filter(pk=campaign.pk)).exists()
    sent = next((name for name in _WRITES if name in request.POST), "")
    if sent and not may:
        raise PermissionDenied(word_missing((Right.EDIT_CAMPAIGNS,)))
    form = PlanForm(campaign, plan, request.POST if sent == "_plan" else None)
    lesson = LessonForm(plan, request.POST if sent == "_lesson" else None)
    if sent and (answer := _written(page, request, campaign, sent, form, lesson)):
        return answer
    if not may:
        for field in (*form.fields.values(), *lesson.fields.values()):
            field.disabled = True
    context = {
        "title": gettext("Plan: %(name)s") % {"name": campaign.name},
        "campaign": campaign,
        "plan": plan,
        "form": form,
        "lesson": lesson,
        "may": may,
        "over": campaign.is_over(),
        "draft": campaign.state == Campaign.State.DRAFT,
        "progress": progress_of(campaign, plan),
        "estimate": _estimate(campaign),
        "channels": PlanChannel.objects.filter(campaign=campaign).select_related("code"),
        **_questions(campaign),
    }
    return _page(page, request, "admin/campaigns/plan.html", context)


RECKONED = (Benefit.Kind.AMOUNT, Benefit.Kind.SHARE)
_WRITES = ("_plan", "_risks", "_steps", "_lesson", "_copy")


def _questions(campaign: Campaign) -> dict[str, Any]:
    """Risks of a draft with their answers, those that were answered before a start, and the steps."""
    known = {row.question: row for row in PlanAnswer.objects.filter(campaign=campaign)}
    said = {name: row.text for name, row in known.items()}
    risks = risks_of(promise_of(campaign, terms_of(campaign)))
    steps = [
        (step, STEP + step.code in said if step.known is None else step.known)
        for step in steps_of(campaign)
    ]
    return {
        "risks": [(risk, said.get(RISK + risk.code, "")) for risk in risks],
        "open": sum(1 for risk in risks if RISK + risk.code not in said),
        "steps": steps,
    }


def _estimate(campaign: Campaign) -> list[str]:
    """What a draft will probably cost; of single pieces and gifts nobody reckons it."""
    asked = asked_of(campaign)
    if campaign.state != Campaign.State.DRAFT or asked.gives.kind not in RECKONED:
        return []
    return word_estimate(estimate_of(campaign.merchant_id, asked))


def _written(
    page: Any,
    request: HttpRequest,
    campaign: Campaign,
    sent: str,
    form: PlanForm,
    lesson: LessonForm,
) -> HttpResponse | None:
    """Run the one service that the button asks for; None where the page is to be shown again."""
    pk, by = campaign.pk, person(request)
    shown: RefusableForm = lesson if sent == "_lesson" else form
    if sent in {"_plan", "_lesson"} and not shown.is_valid():
        return None

    def write() -> int:
        if sent == "_plan":
            write_plan(campaign_id=pk, asked=form.asked(), by=by)
        elif sent == "_risks":
            answer_risks(campaign_id=pk, answers=answers_in(request.POST), by=by)
        elif sent == "_steps":
            tick_steps(campaign_id=pk, done=request.POST.getlist("step"), by=by)
        elif sent == "_lesson":
            note_lesson(campaign_id=pk, text=lesson.cleaned_data["lesson"], by=by)
        else:
            return copy_campaign(campaign_id=pk, by=by).pk
        return pk

    try:
        target = page_once(request, write).value
    except Refusal as refusal:
        if sent in {"_plan", "_lesson"}:
            shown.refuse(refusal)
        else:
            page.message_user(request, str(refusal), messages.ERROR)
        return None
    text = gettext("A draft that promises the same.") if sent == "_copy" else gettext("Saved.")
    page.message_user(request, text, messages.SUCCESS)
    return redirect("admin:campaigns_campaign_plan_here", target)


class CalendarWeek(NamedTuple):
    """A week with its campaigns; ``sunday`` is its last day, ``now`` whether it is this one."""

    week: Week
    sunday: dt.date
    now: bool
    campaigns: list[Campaign]


def calendar_page(page: Any, request: HttpRequest) -> HttpResponse:
    """All campaigns by week, with the quiet weeks of last year. 403 for who sees no campaigns."""
    if not page.has_view_permission(request):
        raise PermissionDenied(word_missing((Right.SEE_CAMPAIGNS,)))
    merchants = scope(request, Merchant.objects.order_by("pk"), "", Right.SEE_CAMPAIGNS)
    merchant, several = chosen_merchant(request, merchants)
    context = {
        "title": gettext("Calendar of campaigns"),
        "merchant": merchant,
        "merchants": merchants if several else [],
        "weeks": _weeks(merchant) if merchant else [],
        "colours": {"draft": "info", "running": "success", "paused": "warning", "ended": "danger"},
    }
    return _page(page, request, "admin/campaigns/calendar.html", context)


def _weeks(merchant: Merchant) -> list[CalendarWeek]:
    """Two statements."""
    weeks = weeks_ahead(merchant.pk, AHEAD, back=BACK)
    zone = timezone.get_current_timezone()
    first = dt.datetime.combine(weeks[0].monday, dt.time(), zone)
    last = dt.datetime.combine(weeks[-1].monday + WEEK, dt.time(), zone)
    rows = Campaign.objects.filter(merchant=merchant, begins_at__lt=last, ends_at__gt=first)
    found = list(rows.order_by("begins_at", "pk")[:MOST_IN_CALENDAR])
    today = timezone.localdate()
    return [
        CalendarWeek(
            week,
            week.monday + dt.timedelta(days=6),
            week.monday <= today < week.monday + WEEK,
            [row for row in found if _in_week(row, week.monday)],
        )
        for week in weeks
    ]


def _in_week(row: Campaign, monday: dt.date) -> bool:
    begins, ends = timezone.localdate(row.begins_at), timezone.localdate(row.ends_at)
    return begins < monday + WEEK and ends >= monday


def _in_unit(unit: str, goal: int | None) -> int | None:
    return goal // 100 if goal is not None and unit == Plan.Unit.PAID else goal


def _page(page: Any, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**page.admin_site.each_context(request), "opts": page.model._meta, **context}
    return TemplateResponse(request, template, whole)
