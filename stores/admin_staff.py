"""Staff in the admin: who works for a merchant, and where."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from o2o.errors import Refusal
from stores.admin_base import ALL, TenantAdmin
from stores.admin_columns import moment, yes_or_no
from stores.admin_filters import MERCHANT
from stores.admin_forms import TenantForm
from stores.models import StaffMembership
from stores.services.staff import add_staff, refuse_last_owner, remove_staff


class StaffForm(TenantForm):
    """Names a person by what they sign in with: nobody may browse the platform's users."""

    identifier = forms.CharField(
        label=_("E-mail or phone number"),
        help_text=_("The person registers first, then you add them here."),
        widget=UnfoldAdminTextInputWidget(),
    )

    class Meta:
        model = StaffMembership
        fields = ("merchant", "role", "stores", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "identifier" in self.fields:
            self.fields["identifier"].initial = self.instance.user.identifier
            self.fields["identifier"].disabled = True

    def clean_identifier(self) -> str:
        identifier: str = self.cleaned_data["identifier"]
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
        person = getattr(self.instance, "user", None)
        if merchant is None or person is None:
            return data
        if any(store.merchant_id != merchant.pk for store in data.get("stores") or []):
            self.add_error("stores", _("Choose stores of this merchant only."))
        if data.get("role") != StaffMembership.Role.OWNER or not data.get("active"):
            try:
                refuse_last_owner(merchant, person)
            except Refusal as refusal:
                self.add_error("role", str(refusal))
        return data


@admin.register(StaffMembership)
class StaffAdmin(TenantAdmin):
    """Somebody who leaves is switched off, not deleted: their redemptions keep their name."""

    form = StaffForm
    operator_may = ALL - {"delete"}
    merchant_may = ALL - {"delete"}
    scoped_choices = {"stores": "merchant"}
    list_display = (
        "user",
        "merchant",
        "role",
        yes_or_no("active", _("state"), (_("working"), _("left"))),
        moment("created_at", _("since")),
    )
    empty_text = _("Add who redeems at your counters: they register in the shop first.")
    list_filter = ("role", "active", MERCHANT)
    search_help_text = _("Name")
    list_select_related = ("user", "merchant")
    search_fields = ("user__display_name",)
    operator_search_fields = ("user__email", "user__phone")
    autocomplete_fields = ("stores",)
    fieldsets = ((None, {"fields": ["merchant", "identifier", "role", "stores", "active"]}),)

    def save_model(self, request: Any, obj: StaffMembership, form: Any, change: bool) -> None:
        """Add, change or end the membership; someone who comes back gets the old row."""
        if change and not obj.active:
            remove_staff(merchant=obj.merchant, user=obj.user)
            return
        membership = add_staff(
            merchant=obj.merchant, user=obj.user, role=obj.role, stores=form.cleaned_data["stores"]
        )
        obj.pk, obj._state.adding = membership.pk, False
