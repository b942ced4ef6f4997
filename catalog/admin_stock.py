"""Stock at stores in the admin: levels, their movements, discrepancies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldBooleanSwitchWidget

from catalog.admin_stock_pages import (
    levels_file,
    movements_file,
    send_page,
    upload_page,
)
from catalog.models import StockDiscrepancy, StockLevel, StockMovement
from catalog.services.shelves import change_level, count_level, is_far_off
from catalog.set_aside import with_set_aside
from kernel.bounds import MAX_COUNT
from kernel.http.forms import WholeField
from kernel.http.reading import NOT_IN_TEXTS
from stores.admin_base import ReadOnlyAdmin, TenantAdmin
from stores.admin_columns import badge, moment, plain, yes_or_no
from stores.admin_filters import MERCHANT, DayFilter, choices
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.rights import Right

SUPPLY = choices(
    "supply",
    _("stock"),
    {
        "low": (
            _("few left"),
            lambda rows: rows.low(),  # type: ignore[attr-defined]
        ),
        "none": (_("none left"), lambda rows: rows.filter(on_hand__lte=0)),
        "below": (_("fewer than none"), lambda rows: rows.filter(on_hand__lt=0)),
    },
)
OPEN = choices(
    "open",
    _("state"),
    {
        "open": (_("open"), lambda rows: rows.filter(settled_at=None)),
        "settled": (_("settled"), lambda rows: rows.exclude(settled_at=None)),
    },
)
COUNTED = moment("counted_at", _("counted"))
CHANGED = moment("updated_at", _("changed"))
PRODUCT = plain("variant", _("product"))
STORE = plain("store", _("store"))
_JOINED = ("merchant", "store", "variant__product", "variant__stock")
_FOUND_BY = (
    *("variant__product__title_en", "variant__product__title_zh"),
    "variant__product__external_code",
)


class StockLevelForm(TenantForm):
    """A count, and what the web may sell; the services judge them (catalog/services/levels.py)."""

    counted = WholeField(
        label=_("Counted now"),
        min_value=0,
        max_value=MAX_COUNT,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_(
            "How many are free to sell; without what is set aside for guests. Empty: not counted."
        ),
    )

    sure = forms.BooleanField(
        label=_("The number is right, however far it is from the books"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
    )

    class Meta:
        model = StockLevel
        fields: ClassVar = ["safety", "sells_online"]

    def clean(self) -> Any:
        """A count that is far from the books is asked about once."""
        data = super().clean()
        counted, books = self.cleaned_data.get("counted"), self.instance.on_hand
        if counted is not None and is_far_off(books, counted) and not self.cleaned_data.get("sure"):
            told = {"books": books, "count": counted}
            question = _(
                "The books say %(books)d, you counted %(count)d. If that is right, say so."
            )
            self.add_error("counted", question % told)
        return data


class TakenAlong:
    """A list that is taken along as a file, as it is searched and filtered."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The file is of what the list shows: its link carries search and filters on."""
        answer = super().changelist_view(request, extra_context)  # type: ignore[misc]
        query = request.GET.urlencode()
        for item in getattr(answer, "context_data", {}).get("actions_list", ()) if query else ():
            if item["path"].endswith("/download/"):
                item["path"] += f"?{query}"
        return answer

    def file_of_rows(
        self, request: HttpRequest, make: Callable[[Any], HttpResponse]
    ) -> HttpResponse:
        """What ``make`` writes of the list's rows, filtered, searched and sorted.

        Not found for who does not see the list. Filters that cannot be read lead back to the list, as
        it does itself.
        """
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise Http404
        try:
            if any(NOT_IN_TEXTS.search(str(value)) for value in request.GET.values()):
                raise IncorrectLookupParameters
            rows = self.get_changelist_instance(request).queryset  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            opts = self.opts  # type: ignore[attr-defined]
            name = f"admin:{opts.app_label}_{opts.model_name}_changelist"
            return redirect(reverse(name, query={ERROR_FLAG: "1"}))
        return make(rows)


@admin.register(StockLevel)
class StockLevelAdmin(TakenAlong, TenantAdmin):
    """Products × stores. A number is changed by counting it, so that it is known why."""

    see = Right.SEE_STOCK
    edit = Right.EDIT_STOCK
    form = StockLevelForm
    store_path = "store"
    operator_may = merchant_may = frozenset({"view", "change"})
    list_display = (
        PRODUCT,
        STORE,
        "show_pieces",
        "show_set_aside",
        "safety",
        yes_or_no("sells_online", _("online"), (_("sold online"), _("at the counter only"))),
        COUNTED,
    )
    list_filter = (SUPPLY, ("store", admin.RelatedOnlyFieldListFilter), MERCHANT)
    list_select_related = _JOINED
    search_fields = _FOUND_BY
    search_help_text = _("Product or your own number")
    empty_text = _("Choose “Count by store” in the list of products, and each store has its stock.")
    fields = (
        *(PRODUCT, STORE, "show_pieces", "show_set_aside"),
        *("counted", "sure", "safety", "sells_online"),
        *(COUNTED, CHANGED),
    )
    actions_list = ("download", "upload_counts")
    actions_detail = ("send_on",)

    @action(description=_("Download"), url_path="download")
    def download(self, request: HttpRequest) -> HttpResponse:
        """What the list shows, as much as fits one file."""
        return self.file_of_rows(request, levels_file)

    @action(description=_("Upload counts"), url_path="upload")
    def upload_counts(self, request: HttpRequest) -> HttpResponse:
        return upload_page(self, request)

    @action(description=_("Send to another store"), url_path="send")
    def send_on(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return send_page(self, request, self.get_object(request, str(object_id)))

    def get_actions_list(self, request: HttpRequest) -> Any:
        """Counts are uploaded by who may correct them."""
        found = super().get_actions_list(request)
        if self._acts(request):
            return found
        return [row for row in found if not row.action_name.endswith("_upload_counts")]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Sent on by who may correct the level, where there is another store."""
        level = self.get_object(request, str(object_id))
        mine = self.writable(request, StockLevel.objects.filter(pk=level.pk)) if level else None
        if level is None or mine is None or not self._acts(request) or not mine.exists():
            return []
        return super().get_actions_detail(request, object_id)

    def get_queryset(self, request: HttpRequest) -> Any:
        """What went back to one number for all stores is not counted here any more."""
        return super().get_queryset(request).filter(variant__stock__by_store=True)

    @admin.display(description=_("free to sell"), ordering="on_hand")
    def show_pieces(self, level: StockLevel) -> str:
        if level.on_hand < 0:
            return badge("danger", str(level.on_hand))
        if level.is_low:
            return badge("warning", str(level.on_hand))
        return str(level.on_hand)

    @admin.display(description=_("set aside for guests"))
    def show_set_aside(self, level: Any) -> str:
        if not hasattr(level, "set_aside"):  # a page of its own
            with_set_aside([level])
        return str(level.set_aside) if level.set_aside else "—"

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        with_set_aside(rows)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (PRODUCT, STORE, "show_pieces", "show_set_aside", COUNTED, CHANGED)

    def save_model(self, request: Any, obj: StockLevel, form: Any, change: bool) -> None:
        data = form.cleaned_data
        change_level(level=obj, safety=data["safety"], sells_online=data["sells_online"])
        if data["counted"] is not None:
            count_level(level=obj, counted=data["counted"], by=person(request))


@admin.register(StockMovement)
class StockMovementAdmin(TakenAlong, ReadOnlyAdmin):
    """The history of every number: who, when, why, by how many."""

    see = Right.SEE_STOCK
    store_path = "store"
    list_display = (
        PRODUCT,
        "show_place",
        "reason",
        "show_change",
        moment("occurred_at", _("when")),
        plain("author", _("by")),
        "note",
    )
    list_filter = (
        "reason",
        ("occurred_at", DayFilter),
        ("store", admin.RelatedOnlyFieldListFilter),
        MERCHANT,
    )
    list_select_related = (*_JOINED, "author")
    search_fields = (*_FOUND_BY, "reference", "note")
    search_help_text = _("Product, order or note")
    empty_text = _("Everything that comes, goes or is counted is recorded here.")
    fields = (
        *(PRODUCT, "show_place", "reason", "show_change"),
        *("books", "reference", "via", "note"),
    )
    readonly_fields = fields
    actions_list = ("download",)

    @action(description=_("Download"), url_path="download")
    def download(self, request: HttpRequest) -> HttpResponse:
        """The newest of what the list shows, as many as fit one file."""
        return self.file_of_rows(request, movements_file)

    @admin.display(description=_("place"))
    def show_place(self, row: StockMovement) -> str:
        return str(row.store) if row.store else str(_("the web"))

    @admin.display(description=_("change"))
    def show_change(self, row: StockMovement) -> str:
        return f"= {row.counted}" if row.counted is not None else f"{row.delta:+d}"


@admin.register(StockDiscrepancy)
class StockDiscrepancyAdmin(ReadOnlyAdmin):
    """Stores that sold more than there was; a count there settles it."""

    see = Right.SEE_STOCK
    store_path = "store"
    list_display = (
        PRODUCT,
        STORE,
        "missing",
        moment("opened_at", _("found")),
        moment("settled_at", _("settled")),
        plain("settled_by", _("settled by")),
    )
    list_filter = (OPEN, MERCHANT)
    list_select_related = (*_JOINED, "settled_by")
    search_fields = _FOUND_BY
    search_help_text = _("Product or your own number")
    empty_text = _("No store has sold more than it had.")
    fields = list_display
    readonly_fields = fields
