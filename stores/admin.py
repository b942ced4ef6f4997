"""Cities and stores in the admin; merchants and staff have files of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from kernel.plaintext import fold_typography, isolate
from stores.admin_approvals import ApprovalAdmin
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import stars, state, yes_or_no
from stores.admin_devices import DeviceAdmin
from stores.admin_filters import CITY, MERCHANT
from stores.admin_forms import TenantForm
from stores.admin_inlines import TenantTabularInline, kept_rows, note_rows
from stores.admin_invitations import StaffInvitationAdmin
from stores.admin_merchants import MerchantAdmin
from stores.admin_platform import PlatformRoleAdmin, StoreGroupAdmin
from stores.admin_rights import ALL, VIEW, desk_rights, merchant_ids_with
from stores.admin_staff import StaffAdmin
from stores.kept_widget import KeptImageWidget
from stores.models import City, Store, StoreHoliday, StoreHours, Weekday
from stores.rights import Right
from stores.services.cities import create_city, delete_city, update_city, validate_city
from stores.services.stores import (
    BOTH_TIMES_OR_NONE,
    HolidayInput,
    create_store,
    half_given,
    is_last_open,
    judge_contact,
    set_hours,
    update_store,
    validate_store,
)
from stores.wording import SERVICES

__all__ = [
    "ApprovalAdmin",
    "CityAdmin",
    "DeviceAdmin",
    "MerchantAdmin",
    "PlatformRoleAdmin",
    "StaffAdmin",
    "StaffInvitationAdmin",
    "StoreAdmin",
    "StoreGroupAdmin",
]

PHONE = pgettext_lazy("store", "phone")
STATE = state({"active": "success", "closed": "info", "hidden": "info"})


class CityForm(TenantForm):
    def judge(self) -> None:
        validate_city(self.instance)


@admin.register(City)
class CityAdmin(TenantAdmin):
    """The operator's to keep, everybody's to look up: a store's form asks for its city."""

    see = Right.SEE_STORES
    edit = Right.EDIT_DIRECTORY
    form = CityForm
    merchant_path = None
    merchant_may = VIEW
    list_display = (
        "name_en",
        "name_zh",
        "time_zone",
        yes_or_no("featured", _("city list"), (_("shown"), _("not shown"))),
    )
    list_filter = ("featured",)
    search_fields = ("name_en", "name_zh", "slug")
    search_help_text = _("Name")
    fields = (
        "name_en",
        "name_zh",
        "region",
        "country",
        "latitude",
        "longitude",
        "time_zone",
        "featured",
        "slug",
    )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return Right.EDIT_DIRECTORY in desk_rights(request)

    def save_model(self, request: Any, obj: City, form: Any, change: bool) -> None:
        fields = {name: getattr(obj, name) for name in form.saved_fields()}
        if change:
            update_city(city=obj, **fields)
        else:
            adopt(obj, create_city(**fields))

    def delete_model(self, request: HttpRequest, obj: City) -> None:
        delete_city(city=obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[City]:
        mine = merchant_ids_with(request, self.see)
        return City.objects.all() if mine else super().get_queryset(request)


class HoursInline(TenantTabularInline):
    """A new store starts with a row per weekday; rows left without times are not kept."""

    model = StoreHours
    tab = True

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else len(Weekday)


class HolidayForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and half_given(data.get("opens"), data.get("closes")):
            raise ValidationError(BOTH_TIMES_OR_NONE)
        return data


class HolidayInline(TenantTabularInline):
    model = StoreHoliday
    form = HolidayForm
    tab = True


class StoreForm(TenantForm):
    """Services are ticked; a service that an import brought along and we have no word for stays."""

    services = forms.MultipleChoiceField(
        label=_("Services"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )

    class Meta:
        widgets: ClassVar = {"picture": KeptImageWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "services" in self.fields:
            unknown = [key for key in self.instance.services if key not in SERVICES]
            choices = [*SERVICES.items(), *((key, key) for key in unknown)]
            self.fields["services"].choices = choices  # type: ignore[attr-defined]
        if "phone" in self.fields:
            self.fields["phone"].label = capfirst(str(PHONE))
        if "time_zone" in self.fields:
            self.fields["time_zone"].required = False
            self.fields["time_zone"].help_text = _("Empty means that of the city.")
            if self.instance._state.adding:
                self.initial["time_zone"] = ""

    def judge(self) -> None:
        typed = {
            n: getattr(self.instance, n) for n in ("phone", "postcode") if n in self.changed_data
        }
        judge_contact(**typed)
        validate_store(self.instance)

    def clean_picture(self) -> Any:
        return self.clean_shrunk_picture("picture")

    def clean_phone(self) -> str:
        return fold_typography(self.cleaned_data["phone"])

    def clean_postcode(self) -> str:
        return fold_typography(self.cleaned_data["postcode"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("time_zone") and data.get("city"):
            data["time_zone"] = data["city"].time_zone
        return data


@admin.register(Store)
class StoreAdmin(TenantAdmin):
    see = Right.SEE_STORES
    edit = Right.EDIT_STORES
    store_path = ""
    form = StoreForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    list_display = ("name", "merchant", "city", "show_phone", STATE, "show_rating")
    list_filter = ("state", CITY, MERCHANT)
    list_select_related = ("merchant", "city")
    search_help_text = _("Name, address or your own number")
    empty_text = _("Add your first store: guests find it by its city, address and hours.")
    search_fields = ("name_en", "name_zh", "external_code", "address_en", "address_zh")
    autocomplete_fields = ("city",)
    inlines = (HoursInline, HolidayInline)
    fieldsets = (
        (None, {"fields": ["merchant", "name_en", "name_zh", "picture", "state", "external_code"]}),
        (
            _("Where"),
            {
                "fields": [
                    "city",
                    "address_en",
                    "address_zh",
                    "district_en",
                    "district_zh",
                    "postcode",
                    "latitude",
                    "longitude",
                    "time_zone",
                ],
                "description": _(
                    "Directions lead guests to this latitude and longitude: copy both from a map, at the door."
                ),
            },
        ),
        (_("Contact and services"), {"fields": ["phone", "services"]}),
        (_("Counter"), {"fields": ["devices_only"]}),
    )

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, store: Store) -> str:
        return store.name

    @admin.display(description=PHONE)
    def show_phone(self, store: Store) -> str:
        return store.phone or "—"

    @admin.display(description=_("rating"))
    def show_rating(self, store: Store) -> str:
        return stars(store)

    def get_formset_kwargs(self, request: Any, obj: Any, inline: Any, prefix: str) -> Any:
        options = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, HoursInline) and not obj.pk:
            options["initial"] = [{"weekday": day} for day in Weekday.values]
        return options

    def save_model(self, request: Any, obj: Store, form: Any, change: bool) -> None:
        """Write through the service: it judges, and keeps the words a store is found by."""
        if change:
            update_store(store=obj, **{name: getattr(obj, name) for name in form.saved_fields()})
            if "state" in form.changed_data and is_last_open(obj):
                text = _(
                    "This was the last open store of %(merchant)s: nobody can buy its products, "
                    "and vouchers that were sold can't be used, until one is open."
                )
                merchant = isolate(str(obj.merchant))
                self.message_user(request, text % {"merchant": merchant}, messages.WARNING)
            return
        names = form.saved_fields() | {"merchant"}
        made = create_store(**{name: getattr(obj, name) for name in names})
        adopt(obj, made)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        note_rows(formset)
        if not formset.has_changed():
            return
        rows, store = kept_rows(formset), form.instance
        if formset.model is StoreHours:
            set_hours(store=store, hours=[(row.weekday, row.opens, row.closes) for row in rows])
            return
        days = [
            HolidayInput(*(getattr(row, name) for name in HolidayInput._fields)) for row in rows
        ]
        set_hours(store=store, holidays=days)
