"""Limited-time sales in the admin: drafted with their prices, then started, paused and ended."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from campaigns.models import Sale, SaleItem
from campaigns.services.sales import (
    ItemAsked,
    SaleAsked,
    change_sale,
    create_sale,
    end_sale,
    pause_sale,
    start_sale,
    why_sale_not_moved,
)
from stores.admin_actions import ask_about, asked, attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment
from stores.admin_filters import MERCHANT, DayFilter
from stores.admin_forms import TenantForm
from stores.admin_inlines import TenantTabularInline, kept_rows, note_rows
from stores.admin_rights import person
from stores.rights import Right

COLOURS = {"draft": "info", "running": "success", "paused": "warning", "ended": "danger"}
PLAIN = ("name_en", "name_zh", "occasion", "begins_at", "ends_at", "has_line")
BEGINS, ENDS = moment("begins_at", _("begins")), moment("ends_at", _("ends"))


class SaleForm(TenantForm):
    """When, and what for; the prices stand in the rows below it, and the service judges all of it."""

    class Meta:
        model = Sale
        fields = ("merchant", *PLAIN)


class SaleItemInline(TenantTabularInline):
    """The prices of a draft; those of a sale that has started are read."""

    model = SaleItem
    fields = ("variant", "price_fen", "quota", "per_person_limit", "show_sold")
    readonly_fields = ("show_sold",)
    autocomplete_fields = ("variant",)
    scoped_choices = {"variant": "product__merchant"}
    min_num = 1
    merchant_path = "sale__merchant"
    verbose_name_plural = _("prices")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SaleItem]:
        return super().get_queryset(request).select_related("variant__product", "offer")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A row's fields have no labels: each is named as its column."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget = getattr(field.widget, "widget", field.widget)  # an autocomplete is wrapped
            widget.attrs["aria-label"] = field.label
        return field

    @admin.display(description=_("sold"))
    def show_sold(self, item: SaleItem) -> str:
        return "—" if item.offer is None else str(item.offer.quota_sold)

    def _is_draft(self, sale: Any) -> bool:
        return sale is None or sale.state == Sale.State.DRAFT

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_draft(obj) and super().has_delete_permission(request, obj)


@admin.register(Sale)
class SaleAdmin(TenantAdmin):
    """A draft is changed; what has started is read, paused and ended."""

    see = Right.SEE_CAMPAIGNS
    edit = Right.EDIT_CAMPAIGNS
    form = SaleForm
    inlines = (SaleItemInline,)
    operator_may = merchant_may = frozenset({"view", "add", "change"})
    list_display = ("show_name", "merchant", "occasion", "show_state", BEGINS, ENDS, "has_line")
    list_filter = ("state", "occasion", ("ends_at", DayFilter), MERCHANT)
    list_select_related = ("merchant",)
    search_fields = ("name_en", "name_zh")
    search_help_text = _("Name")
    empty_text = _(
        "A sale lowers several prices together for a while: choose products, their prices and how many. "
        "Nobody sees it before you start it, and all prices come back by themselves."
    )
    actions = ("start", "pause", "end")
    actions_detail = ("start_here", "pause_here", "end_here")
    fieldsets = (
        (_("What guests read"), {"fields": ["merchant", "name_en", "name_zh", "occasion"]}),
        (_("When"), {"fields": ["begins_at", "ends_at", "has_line"]}),
    )

    @admin.display(description=_("name"), ordering="name_en")
    def show_name(self, sale: Sale) -> str:
        return sale.name

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, sale: Sale) -> str:
        return badge(COLOURS[sale.state], sale.get_state_display())

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has started can only be read here, and paused or ended by its buttons."""
        fixed = obj is not None and obj.state != Sale.State.DRAFT
        return not fixed and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("merchant", "show_state") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None else ((None, {"fields": ["show_state"]}), *fieldsets)

    def save_model(self, request: Any, obj: Sale, form: Any, change: bool) -> None:
        """Nothing yet: a sale is written with its prices, in `save_formset`."""

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        note_rows(formset)
        items = [
            ItemAsked(row.variant_id, row.price_fen, row.quota, row.per_person_limit)
            for row in kept_rows(formset)
        ]
        sale = form.instance
        wanted = SaleAsked(items=items, **{name: getattr(sale, name) for name in PLAIN})
        if change:
            change_sale(sale_id=sale.pk, asked=wanted, by=request.user)
        else:
            adopt(sale, create_sale(merchant=sale.merchant, asked=wanted, by=request.user))

    @asked(
        _("Start"),
        _("The prices hold from its beginning to its end. They can't be changed then."),
        why_not=partial(why_sale_not_moved, state=Sale.State.RUNNING),
    )
    def start(self, request: HttpRequest, queryset: QuerySet[Sale]) -> None:
        self._move(request, queryset, start_sale)

    @asked(
        _("Pause"),
        _("The normal prices apply until you start it again; what is left of each price stays."),
        why_not=partial(why_sale_not_moved, state=Sale.State.PAUSED),
    )
    def pause(self, request: HttpRequest, queryset: QuerySet[Sale]) -> None:
        self._move(request, queryset, pause_sale)

    @asked(
        _("End"),
        _("The normal prices apply from now on, and it can't be started again."),
        why_not=partial(why_sale_not_moved, state=Sale.State.ENDED),
    )
    def end(self, request: HttpRequest, queryset: QuerySet[Sale]) -> None:
        self._move(request, queryset, end_sale)

    @action(description=_("Start"), url_path="start")
    def start_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.start.question, "start")

    @action(description=_("Pause"), url_path="pause")
    def pause_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.pause.question, "pause")

    @action(description=_("End"), url_path="end")
    def end_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.end.question, "end")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Only what its state allows, to who may do it."""
        row = self.get_object(request, str(object_id))
        if row is None or not self._acts(request):
            return []
        if not self.writable(request, Sale.objects.filter(pk=row.pk)):
            return []
        leads = {
            "start_here": Sale.State.RUNNING,
            "pause_here": Sale.State.PAUSED,
            "end_here": Sale.State.ENDED,
        }
        return [
            item
            for item in super().get_actions_detail(request, object_id)
            if not why_sale_not_moved(row, leads[item.method.original_function_name])
        ]

    def _move(self, request: HttpRequest, rows: QuerySet[Sale], move: Any) -> None:
        for row in rows:
            act = partial(move, sale_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=lambda moved: moved.get_state_display())
