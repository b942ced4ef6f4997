"""Merchants, stores and staff in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from o2o.errors import Refusal
from stores.admin_base import (
    ALL,
    EDIT,
    TenantAdmin,
    TenantTabularInline,
    is_operator,
    moment,
)
from stores.models import City, Merchant, StaffMembership, Store, StoreHoliday, StoreHours
from stores.services.merchants import (
    approve_merchant,
    reinstate_merchant,
    reject_merchant,
    suspend_merchant,
)
from stores.services.staff import remove_staff, sync_admin_access
from stores.services.stores import index_stores

STATE_COLOURS = {
    "applied": "warning",
    "approved": "success",
    "rejected": "danger",
    "suspended": "danger",
}


@admin.register(City)
class CityAdmin(TenantAdmin):
    merchant_path = None
    list_display = ("name_en", "name_zh", "country", "time_zone", "featured")
    list_filter = ("featured",)
    search_fields = ("name_en", "name_zh", "slug")


@admin.register(Merchant)
class MerchantAdmin(TenantAdmin):
    merchant_path = ""
    operator_may = frozenset({"view", "add", "change"})
    merchant_may = EDIT
    list_display = ("name", "show_state", "commission_percent", moment("created_at", _("applied")))
    list_filter = ("state",)
    search_fields = ("name_en", "name_zh", "slug", "contact_email", "contact_phone")
    autocomplete_fields = ("applicant",)
    actions = ("approve", "reject", "suspend", "reinstate")
    fieldsets = (
        (None, {"fields": ["slug", "name_en", "name_zh", "story_en", "story_zh", "mark"]}),
        (_("Contact"), {"fields": ["contact_name", "contact_phone", "contact_email", "applicant"]}),
        (_("Agreement"), {"fields": ["state", "commission_rate", "decision_note", "decided_at"]}),
    )

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def show_state(self, merchant: Merchant) -> tuple[str, str]:
        return merchant.state, merchant.get_state_display()

    @admin.display(description=_("commission"), ordering="commission_rate")
    def commission_percent(self, merchant: Merchant) -> str:
        return f"{merchant.commission_rate * 100:.2f} %"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if is_operator(request):
            return ("state", "decided_at") if obj else ("state", "decided_at", "applicant")
        return ("slug", "applicant", "state", "commission_rate", "decision_note", "decided_at")

    def get_actions(self, request: HttpRequest) -> Any:
        return super().get_actions(request) if is_operator(request) else {}

    def _decide(self, request: HttpRequest, merchants: QuerySet[Merchant], decide: Any) -> None:
        done = 0
        for merchant in merchants:
            try:
                decide(merchant_id=merchant.pk, decided_by=request.user)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"{merchant}: {refusal}", messages.ERROR)
        if done:
            self.message_user(request, _("%(count)d merchants updated.") % {"count": done})

    @admin.action(description=_("Approve"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, approve_merchant)

    @admin.action(description=_("Reject"))
    def reject(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, reject_merchant)

    @admin.action(description=_("Suspend: hide the shop, stop redemptions"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, suspend_merchant)

    @admin.action(description=_("Reinstate"))
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, reinstate_merchant)


class HoursInline(TenantTabularInline):
    model = StoreHours
    tab = True


class HolidayInline(TenantTabularInline):
    model = StoreHoliday
    tab = True


@admin.register(Store)
class StoreAdmin(TenantAdmin):
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    list_display = ("name", "merchant", "city", "phone", "state", "show_rating")
    list_filter = ("state", ("merchant", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("merchant", "city")
    search_fields = ("name_en", "name_zh", "external_code", "address_en", "address_zh")
    autocomplete_fields = ("city",)
    inlines = (HoursInline, HolidayInline)
    fieldsets = (
        (None, {"fields": ["merchant", "name_en", "name_zh", "external_code", "state", "picture"]}),
        (
            _("Where"),
            {
                "fields": [
                    "city",
                    "district_en",
                    "district_zh",
                    "address_en",
                    "address_zh",
                    "postcode",
                    "latitude",
                    "longitude",
                    "time_zone",
                ]
            },
        ),
        (_("Contact and services"), {"fields": ["phone", "services"]}),
    )

    def save_model(self, request: Any, obj: Store, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        index_stores([obj.pk])

    @admin.display(description=_("rating"))
    def show_rating(self, store: Store) -> str:
        return f"{store.rating} ★ ({store.rating_count})" if store.rating else "—"


class StaffForm(forms.ModelForm):
    """Names a person by what they sign in with: nobody may browse the platform's users."""

    identifier = forms.CharField(
        label=_("e-mail or phone"),
        help_text=_("The person registers first, then you add them here."),
        widget=UnfoldAdminTextInputWidget(),
    )

    class Meta:
        model = StaffMembership
        fields = ("merchant", "role", "stores", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["identifier"].initial = self.instance.user.identifier
            self.fields["identifier"].disabled = True

    def clean_identifier(self) -> str:
        identifier = self.cleaned_data["identifier"]
        if self.instance.pk:
            return identifier
        users = get_user_model()
        try:
            self.instance.user = users._default_manager.get_by_natural_key(identifier)
        except users.DoesNotExist:
            raise ValidationError(
                _("Nobody is registered with this. Ask the person to register in the shop first.")
            ) from None
        return identifier

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or getattr(self.instance, "merchant", None)
        strangers = [
            s for s in data.get("stores") or [] if merchant and s.merchant_id != merchant.pk
        ]
        if strangers:
            self.add_error("stores", _("Choose stores of this merchant only."))
        return data


@admin.register(StaffMembership)
class StaffAdmin(TenantAdmin):
    form = StaffForm
    merchant_may = ALL
    scoped_choices = {"stores": "merchant"}
    list_display = ("user", "merchant", "role", "active", moment("created_at", _("since")))
    list_filter = ("role", "active")
    list_select_related = ("user", "merchant")
    search_fields = ("user__display_name", "user__email", "user__phone")
    filter_horizontal = ("stores",)
    fieldsets = ((None, {"fields": ["merchant", "identifier", "role", "stores", "active"]}),)

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        instance = super().save_form(request, form, change)
        if not change:
            taken = StaffMembership.objects.filter(user=instance.user, merchant=instance.merchant)
            if existing := taken.first():
                instance.pk = existing.pk
                instance._state.adding = False
        return instance

    def save_model(self, request: Any, obj: StaffMembership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        sync_admin_access(user_id=obj.user_id)

    def delete_model(self, request: HttpRequest, obj: StaffMembership) -> None:
        remove_staff(merchant=obj.merchant, user=obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[StaffMembership]) -> None:
        for membership in queryset.select_related("merchant", "user"):
            remove_staff(merchant=membership.merchant, user=membership.user)
