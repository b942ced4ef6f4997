"""What campaigns and channels brought and cost, in the admin: reports above their orders, and plans."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action

from campaigns.models import Campaign
from catalog.admin_stock import TakenAlong
from insights.models import ChannelPlan, OrderPart
from insights.report import NONE
from insights.services.plans import PlanAsked, add_plan, change_plan, check_plan, remove_plan
from kernel.bounds import read_day
from kernel.http.csv_answer import csv_stream
from kernel.money import fen_to_yuan
from kernel.numerals import read_number
from stores.admin_base import ReadOnlyAdmin, TenantAdmin, adopt
from stores.admin_columns import badge, moment, money, plain
from stores.admin_filters import MERCHANT, choices
from stores.admin_forms import TenantForm, yuan_field
from stores.admin_rights import ALL, VIEW, reach
from stores.codes.models import Code
from stores.models import Store
from stores.rights import Right

CODE = plain("code", pgettext_lazy("promotion", "code"))
CHANNEL = pgettext_lazy("marketing", "channel")
BATCH = 2000


def _of_channel(rows: QuerySet[Any], *, channel: str) -> QuerySet[Any]:
    return rows.filter(code__channel=channel)


CHANNELS = choices(
    "channel",
    CHANNEL,
    {
        **{
            str(value): (label, partial(_of_channel, channel=value))
            for value, label in Code.Channel.choices
        },
        NONE: (_("without a code"), lambda rows: rows.filter(code=None)),
    },
)
STEPS = choices(
    "step",
    _("how far"),
    {
        "paid": (_("paid"), lambda rows: rows.filter(state="paid")),
        "came": (_("came in"), lambda rows: rows.filter(came_at__isnull=False)),
        "sent_back": (_("refunded"), lambda rows: rows.filter(refunded_fen__gt=0)),
        "new": (_("first order here"), lambda rows: rows.filter(is_new=True)),
        "new_came": (
            _("first order here, came in"),
            lambda rows: rows.filter(is_new=True, came_at__isnull=False),
        ),
        "again": (_("came again within 90 days"), lambda rows: rows.filter(came_again=True)),
    },
)


class DayRange(RangeDateFilter):  # type: ignore[misc]
    """From one day to another; a day that is none filters nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for end, compare in (("from", "gte"), ("to", "lte")):
            day = read_day(self.used_parameters.get(f"{self.parameter_name}_{end}"))
            if day is not None:
                queryset = queryset.filter(**{f"{self.parameter_name}__{compare}": day})
        return queryset


class _OfRows(admin.SimpleListFilter):
    """Rows of the person's own that there are few of: their campaigns, their stores."""

    right: ClassVar[Right] = Right.SEE_RESULTS
    most: ClassVar[int] = 200
    rows: ClassVar[Any]
    path: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        merchants = reach(request, self.right).merchants
        rows = type(self).rows()
        if merchants is not None:
            rows = rows.filter(merchant__in=merchants)
        return [(str(row.pk), row.name) for row in rows.order_by("-pk")[: self.most]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        key = read_number(self.value() or "")
        return queryset.filter(**{self.path: key}) if key is not None else queryset


class OfCampaign(_OfRows):
    title, parameter_name, path = _("campaign"), "of_campaign", "campaigns__campaign"
    rows = Campaign.objects.all


class OfCode(_OfRows):
    title, parameter_name, path = pgettext_lazy("promotion", "code"), "of_code", "code"
    most = 500
    rows = Code.objects.all


class OfStore(_OfRows):
    title, parameter_name, path = _("store of the code"), "of_store", "code__store"
    rows = Store.objects.all


@admin.register(OrderPart)
class OrderPartAdmin(TakenAlong, ReadOnlyAdmin):
    """Every order with whence it came and what came of it, under the report of what is listed."""

    see = Right.SEE_RESULTS
    merchant_may = operator_may = VIEW
    list_before_template = "admin/insights/results.html"
    list_display = (
        *("show_order", "merchant", "day", "show_channel", CODE, "show_state"),
        *(money("received_fen", pgettext_lazy("amount", "paid")),),
        *(money("refunded_fen", _("refunded")), money("net_fen", _("left to the business"))),
    )
    list_filter = (
        *(("day", DayRange), OfCampaign, CHANNELS, OfCode, OfStore),
        *(STEPS, MERCHANT),
    )
    list_select_related = ("order", "merchant", "code")
    search_fields = ("=order__number",)
    search_help_text = _("Whole number of an order")
    empty_text = _("Each order appears here within a minute, with the code it came by.")
    fields = (
        *("show_order", "merchant", "day", "show_channel", CODE, "show_state", "is_new"),
        *(moment("came_at", _("came in")), "came_again"),
        *(money("received_fen", pgettext_lazy("amount", "paid")),),
        *(money("refunded_fen", _("refunded")), money("earned_fen", _("earned"))),
        *(money("own_fen", _("own discount")), money("given_fen", _("discount"))),
        *(money("commission_fen", _("commission")), money("reward_fen", _("reward"))),
        money("net_fen", _("left to the business")),
    )
    readonly_fields = fields
    actions_list = ("download",)

    @admin.display(description=_("order"), ordering="order__number")
    def show_order(self, part: OrderPart) -> str:
        return part.order.number

    @admin.display(description=CHANNEL)
    def show_channel(self, part: OrderPart) -> str:
        return part.code.get_channel_display() if part.code else str(_("without a code"))

    @admin.display(description=_("state"))
    def show_state(self, part: OrderPart) -> str:
        if part.came_at:
            return badge("success", _("came in"))
        if part.refunded_fen:
            return badge("warning", _("refunded"))
        return badge("info", part.get_state_display())

    @action(description=_("Download"), url_path="download")
    def download(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows, row by row: as many as there are."""
        return self.file_of_rows(request, _file)


def _file(rows: QuerySet[OrderPart]) -> Any:
    header = (
        *(_now("order"), _now("day"), _now("channel"), _now("code"), _now("state")),
        *(_now("first order here"), _now("came in"), _now("paid"), _now("refunded")),
        *(_now("earned"), _now("own discount"), _now("commission"), _now("reward")),
    )
    return csv_stream("orders-by-source.csv", header, _lines(rows))


def _lines(rows: QuerySet[OrderPart]) -> Iterator[tuple[Any, ...]]:
    """In batches by key: a file of a million rows is never in memory."""
    rows = rows.select_related("order", "code").order_by("-pk")
    last = None
    while True:
        some = list((rows if last is None else rows.filter(pk__lt=last))[:BATCH])
        for part in some:
            yield (
                *(part.order.number, part.day),
                *((part.code.get_channel_display(), part.code.name) if part.code else ("", "")),
                *(part.get_state_display(), int(part.is_new), int(part.came_at is not None)),
                *(fen_to_yuan(part.received_fen), fen_to_yuan(part.refunded_fen)),
                *(fen_to_yuan(part.earned_fen), fen_to_yuan(part.own_fen)),
                *(fen_to_yuan(part.commission_fen), fen_to_yuan(part.reward_fen)),
            )
        if len(some) < BATCH:
            return
        last = some[-1].pk


class PlanForm(TenantForm):
    """What a channel costs in a period and is to bring; the service judges it."""

    editor: ClassVar[Any] = None
    cost_fen = yuan_field(
        label=pgettext_lazy("marketing", "cost (yuan)"),
        required=False,
        help_text=_("What is paid for it: placements, articles, hours of work."),
    )
    print_fen = yuan_field(label=_("cost of printing (yuan)"), required=False)

    class Meta:
        model = ChannelPlan
        fields = (
            *("merchant", "campaign", "channel", "code", "begins_on", "ends_on"),
            *("cost_fen", "print_fen", "reach_told", "target_came", "note"),
        )

    def clean_cost_fen(self) -> int:
        return self.cleaned_data["cost_fen"] or 0

    def clean_print_fen(self) -> int:
        return self.cleaned_data["print_fen"] or 0

    def asked(self) -> PlanAsked:
        """What the form asks for."""
        data = self.cleaned_data
        return PlanAsked(**{name: data.get(name) for name in PlanAsked._fields})  # type: ignore[arg-type]

    def judge(self) -> None:
        merchant = self.cleaned_data.get("merchant") or self.implied_merchant
        if self.instance.pk:
            merchant = self.instance.merchant
        if merchant is not None and not self.errors:
            check_plan(merchant=merchant, asked=self.asked(), by=self.editor)


@admin.register(ChannelPlan)
class ChannelPlanAdmin(TenantAdmin):
    """Costs and targets, entered by managers and finance."""

    see = Right.SEE_RESULTS
    edit = Right.EDIT_COSTS
    form = PlanForm
    operator_may = merchant_may = ALL
    scoped_choices = {"campaign": "merchant", "code": "merchant"}
    list_display = (
        *("channel", "merchant", "campaign", CODE, "begins_on", "ends_on"),
        *(money("cost_fen", pgettext_lazy("marketing", "cost")),),
        *(money("print_fen", _("cost of printing")), "target_came"),
    )
    list_filter = ("channel", ("begins_on", DayRange), MERCHANT)
    list_select_related = ("merchant", "campaign", "code")
    search_fields = ("note",)
    search_help_text = _("Note")
    empty_text = _(
        "Enter what a channel costs in a period: then reports say what each order that came in has "
        "cost, and from how many on it pays."
    )

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        return form

    def save_model(self, request: Any, obj: ChannelPlan, form: Any, change: bool) -> None:
        if change:
            row = ChannelPlan.objects.select_related("merchant").get(pk=obj.pk)
            change_plan(plan=row, asked=form.asked(), by=request.user)
            return
        adopt(obj, add_plan(merchant=obj.merchant, asked=form.asked(), by=request.user))

    def delete_model(self, request: HttpRequest, obj: ChannelPlan) -> None:
        remove_plan(plan=obj, by=request.user)
