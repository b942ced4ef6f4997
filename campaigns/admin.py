"""Campaigns in the admin: drafted and looked at, then started, paused and ended; what became of each."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from campaigns.access import access_campaign
from campaigns.admin_coupons import CouponAdmin, CouponCodeAdmin, CouponGrantAdmin
from campaigns.admin_forms import TIERS, CampaignForm
from campaigns.admin_funders import FunderAdmin
from campaigns.admin_gallery import gallery_page, try_page
from campaigns.admin_plan import calendar_page, plan_page
from campaigns.admin_sales import SaleAdmin
from campaigns.code_list import codes_file
from campaigns.models import Batch, Campaign
from campaigns.models.campaign import MOST_PER_PERSON
from campaigns.selectors import figures_of, with_terms
from campaigns.services.campaigns import (
    change_campaign,
    create_campaign,
    end_campaign,
    pause_campaign,
    start_campaign,
    why_not_moved,
)
from campaigns.terms import terms_of
from campaigns.wording import headline, names_for, promise
from kernel.clock import now
from kernel.http.templatetags.fmt import fen
from kernel.numerals import read_number
from stores.admin_actions import ask_about, asked, attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, money
from stores.admin_filters import MERCHANT, DayFilter, choices
from stores.admin_rights import person
from stores.rights import Right

__all__ = [
    "CampaignAdmin",
    "CouponAdmin",
    "CouponCodeAdmin",
    "CouponGrantAdmin",
    "FunderAdmin",
    "SaleAdmin",
]

COLOURS = {"draft": "info", "running": "success", "paused": "warning", "ended": "danger"}
TIME = choices(
    "time",
    _("time"),
    {
        "now": (_("now"), lambda rows: rows.filter(begins_at__lte=now(), ends_at__gt=now())),
        "coming": (_("coming"), lambda rows: rows.filter(begins_at__gt=now())),
        "over": (_("over"), lambda rows: rows.filter(ends_at__lte=now())),
    },
)
LOOKS = ("plan_here", "try_here")
BEGINS, ENDS = moment("begins_at", _("begins")), moment("ends_at", _("ends"))


@admin.register(Campaign)
class CampaignAdmin(TenantAdmin):
    """A draft is changed and looked at; what has started is read, paused and ended."""

    see = Right.SEE_CAMPAIGNS
    edit = Right.EDIT_CAMPAIGNS
    form = CampaignForm
    change_form_after_template = "admin/campaigns/results.html"
    operator_may = merchant_may = frozenset({"view", "add", "change"})
    list_display = (
        *("show_name", "merchant", "show_headline", "show_state", BEGINS, ENDS),
        *("show_claimed", "spent_count", money("spent_fen", _("discount given"))),
    )
    list_filter = ("state", TIME, ("ends_at", DayFilter), MERCHANT)
    list_select_related = ("merchant",)
    search_fields = ("name_en", "name_zh")
    search_help_text = _("Name")
    empty_text = _(
        "A campaign gives guests coupons: choose what you want to reach, and begin from there. Nobody "
        "sees it before you start it."
    )
    actions = ("start", "pause", "end")
    actions_list = ("gallery", "calendar")
    actions_detail = (
        *("plan_here", "try_here", "start_here", "pause_here", "end_here", "codes_here"),
    )
    fieldsets = (
        (
            _("What guests read"),
            {
                "fields": ["merchant", "name_en", "name_zh"],
                "description": _(
                    "Save it as a draft first: then its page shows what a guest will read. Once it "
                    "has started, what it gives is fixed."
                ),
            },
        ),
        (
            _("What it takes off"),
            {
                "fields": [
                    *("way", "kind", "amount_fen", "percent", "at_most_fen"),
                    *("every", "price_fen", "gifts"),
                ]
            },
        ),
        (
            _("Under which conditions"),
            {
                "fields": [
                    *("minimum", "minimum_before", "pieces", "products", "categories", "stores"),
                    *("cities", "codes", "first_order", "first_ever"),
                    *("weekdays", ("from_hour", "to_hour"), "from_at", "to_at"),
                ]
            },
        ),
        (
            _("More over a higher minimum"),
            {
                "fields": [(f"tier_{n}_minimum", f"tier_{n}_off") for n in TIERS],
                "description": _(
                    "Of the tiers that an order reaches the highest applies, never two of them."
                ),
            },
        ),
        (_("When"), {"fields": ["begins_at", "ends_at"]}),
        (
            _("How many, and what it may cost"),
            {
                "fields": [
                    *("claiming", "coupons", "per_person"),
                    *("uses_per_person", "budget_fen", "budget_count"),
                ]
            },
        ),
        (_("Beside other campaigns"), {"fields": ["group", "priority"]}),
        (
            _("Who bears it"),
            {
                "fields": [
                    *("whose", "partner", "platform_share", "partner_share", "commission_base"),
                ],
                "description": _(
                    "The rest is borne by the business itself. A campaign starts when everybody has agreed."
                ),
            },
        ),
    )
    seen = (
        *("name_en", "name_zh", "show_state", "show_promise", BEGINS, ENDS),
        *("show_claiming", "show_claimed", "show_reserved", "show_used", "show_returned"),
        money("budget_fen", _("budget")),
        *("budget_count", "per_person", "uses_per_person", "group", "priority"),
    )

    @admin.display(description=_("name"), ordering="name_en")
    def show_name(self, campaign: Campaign) -> str:
        return campaign.name

    @admin.display(description=_("takes off"))
    def show_headline(self, campaign: Campaign) -> str:
        return headline(terms_of(campaign))

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, campaign: Campaign) -> str:
        return badge(COLOURS[campaign.state], campaign.get_state_display())

    @admin.display(description=_("a guest reads"))
    def show_promise(self, campaign: Campaign) -> str:
        terms = terms_of(campaign)
        return promise(campaign, terms, names_for([terms]))

    @admin.display(description=_("claimed"))
    def show_claimed(self, campaign: Campaign) -> str:
        if campaign.is_automatic:
            return str(campaign.get_way_display())
        return f"{campaign.batch.claimed} / {campaign.batch.count}"

    @admin.display(description=_("how guests get a coupon"))
    def show_claiming(self, campaign: Campaign) -> str:
        if campaign.is_automatic:
            return str(campaign.get_way_display())
        batch = campaign.batch
        if batch.claiming != Batch.Claiming.CODE:
            return batch.get_claiming_display()
        facts = {"way": batch.get_claiming_display(), "made": batch.made, "count": batch.count}
        return gettext("%(way)s: %(made)d of %(count)d are made") % facts

    @admin.display(description=_("in unpaid orders"))
    def show_reserved(self, campaign: Campaign) -> str:
        figures = figures_of(campaign)
        return _uses(figures.reserved, figures.reserved_fen)

    @admin.display(description=_("used"))
    def show_used(self, campaign: Campaign) -> str:
        figures = figures_of(campaign)
        return _uses(figures.used, figures.used_fen)

    @admin.display(description=_("came back"))
    def show_returned(self, campaign: Campaign) -> str:
        return str(figures_of(campaign).returned)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return with_terms(super().get_queryset(request)).select_related("batch")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has started can only be read here, and paused or ended by its buttons."""
        fixed = obj is not None and obj.state != Campaign.State.DRAFT
        return not fixed and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            whose = [] if self._merchant_is_implied(request) else ["merchant"]
            return ((None, {"fields": [*whose, *self.seen]}),)
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        return ((None, {"fields": ["show_promise"]}), *fieldsets)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        if self.has_change_permission(request, obj):
            return ("merchant", "show_promise")
        return ("merchant", *self.seen)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        if "per_person" in form.base_fields:
            text = gettext("Between 1 and %(most)d.") % {"most": MOST_PER_PERSON}
            form.base_fields["per_person"].help_text = text
        return form

    def save_model(self, request: Any, obj: Campaign, form: Any, change: bool) -> None:
        if change:
            change_campaign(campaign_id=obj.pk, asked=form.asked(), by=request.user)
        else:
            by, merchant = request.user, obj.merchant
            adopt(obj, create_campaign(merchant=merchant, asked=form.asked(), by=by))

    @asked(
        _("Start"),
        _(
            "Guests see it from its beginning on, and can claim. What it gives can't be changed then."
        ),
        why_not=partial(why_not_moved, state=Campaign.State.RUNNING),
    )
    def start(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, start_campaign)

    @asked(
        _("Pause"),
        _("Nobody can claim for the moment. Coupons that were claimed stay valid."),
        why_not=partial(why_not_moved, state=Campaign.State.PAUSED),
    )
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, pause_campaign)

    @asked(
        _("End"),
        _(
            "Nobody can claim any more, and it can't be started again. Coupons that were claimed stay "
            "valid until the end that guests were told."
        ),
        why_not=partial(why_not_moved, state=Campaign.State.ENDED),
    )
    def end(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        self._move(request, queryset, end_campaign)

    @action(description=_("Choose by goal"), url_path="gallery")
    def gallery(self, request: HttpRequest) -> HttpResponse:
        """Templates by goal, each filled in from what the business has sold."""
        return gallery_page(self, request)

    @action(description=_("Calendar"), url_path="calendar")
    def calendar(self, request: HttpRequest) -> HttpResponse:
        """All campaigns by week, with the quiet weeks of last year."""
        return calendar_page(self, request)

    @action(description=_("Plan and result"), url_path="plan")
    def plan_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return plan_page(self, request, self.get_object(request, str(object_id)))

    @action(description=_("Try as a customer"), url_path="try")
    def try_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return try_page(self, request, self.get_object(request, str(object_id)))

    @action(description=_("Start"), url_path="start")
    def start_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.start.question, "start")

    @action(description=_("Pause"), url_path="pause")
    def pause_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.pause.question, "pause")

    @action(description=_("End"), url_path="end")
    def end_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.end.question, "end")

    @action(description=_("Download the codes"), url_path="codes")
    def codes_here(self, request: HttpRequest, object_id: Any) -> HttpResponseBase:
        row = access_campaign(user=person(request), campaign_id=read_number(object_id) or 0)
        return codes_file(row)

    def get_actions_list(self, request: HttpRequest) -> Any:
        """The gallery is for who may make campaigns."""
        found = super().get_actions_list(request)
        if self.has_add_permission(request):
            return found
        return [row for row in found if not row.action_name.endswith("_gallery")]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Whoever sees it may try it; the rest is what its state allows, to who may do it."""
        row = self.get_object(request, str(object_id))
        if row is None:
            return []
        leads = {
            "start_here": Campaign.State.RUNNING,
            "pause_here": Campaign.State.PAUSED,
            "end_here": Campaign.State.ENDED,
        }
        acts = (
            self._acts(request)
            and self.writable(request, Campaign.objects.filter(pk=row.pk)).exists()
        )
        shown = []
        for item in super().get_actions_detail(request, object_id):
            name = item.method.original_function_name
            if name in LOOKS or (acts and _is_offered(row, leads.get(name, ""))):
                shown.append(item)
        return shown

    def _move(self, request: HttpRequest, rows: QuerySet[Campaign], move: Any) -> None:
        for row in rows:
            act = partial(move, campaign_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=lambda moved: moved.get_state_display())


def _is_offered(campaign: Campaign, leads_to: str) -> bool:
    """Whether a campaign comes to that state from where it stands; "": whether it has codes to download."""
    if not leads_to:
        return not campaign.is_automatic and campaign.batch.made > 0
    return not why_not_moved(campaign, leads_to)


def _uses(count: int, amount_fen: int) -> str:
    text = ngettext("%(count)d order, %(amount)s", "%(count)d orders, %(amount)s", count)
    return text % {"count": count, "amount": fen(amount_fen)}
