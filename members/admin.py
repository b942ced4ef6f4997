"""People in the admin: the operator's only; merchants find staff by what they sign in with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import ApiToken, Notification, User
from members.wording import word_notification
from stores.admin_base import EDIT, NOTHING, VIEW, TenantAdmin, moment
from stores.admin_filters import DayFilter

# Roles are memberships of merchants; Django's groups play no part.
admin.site.unregister(Group)


class UserForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("display_name", "email", "phone", "language", "is_active")

    def clean_email(self) -> str | None:
        return self.cleaned_data["email"] or None

    def clean_phone(self) -> str | None:
        return self.cleaned_data["phone"] or None


@admin.register(User)
class UserAdmin(TenantAdmin):
    form = UserForm
    merchant_path = None
    operator_may = EDIT
    merchant_may = NOTHING
    list_display = (
        "display_name",
        "email",
        "phone",
        "language",
        "is_staff",
        "is_active",
        moment("date_joined", _("joined")),
    )
    list_filter = ("is_staff", "is_superuser", "is_active", "language")
    search_fields = ("display_name", "email", "phone")
    fields = (
        "display_name",
        "email",
        "phone",
        "language",
        "is_active",
        "is_staff",
        "is_superuser",
        moment("date_joined", _("joined")),
        moment("last_login", _("last login")),
    )
    readonly_fields = ("is_staff", "is_superuser", fields[-2], fields[-1])


@admin.register(Notification)
class NotificationAdmin(TenantAdmin):
    merchant_path = None
    operator_may = VIEW
    list_display = (
        "user",
        "show_title",
        moment("created_at", _("created")),
        moment("read_at", _("read")),
        moment("emailed_at", _("e-mailed")),
    )
    list_filter = (("created_at", DayFilter),)
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__email", "user__phone")
    fields = (
        "user",
        "show_title",
        "show_body",
        moment("created_at", _("created")),
        moment("read_at", _("read")),
        moment("emailed_at", _("e-mailed")),
    )
    readonly_fields = fields

    @admin.display(description=_("message"))
    def show_title(self, notification: Notification) -> str:
        return word_notification(notification).title

    @admin.display(description=_("text"))
    def show_body(self, notification: Notification) -> str:
        return word_notification(notification).body


@admin.register(ApiToken)
class ApiTokenAdmin(TenantAdmin):
    """Deleting a token signs its device out; the token itself is stored nowhere."""

    merchant_path = None
    operator_may = frozenset({"view", "delete"})
    list_display = ("user", moment("created_at", _("created")), moment("expires_at", _("expires")))
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__email", "user__phone")
    exclude = ("digest",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
