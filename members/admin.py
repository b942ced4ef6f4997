"""People in the admin: the operator's only; merchants find staff by what they sign in with."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.emails import read_email
from kernel.plaintext import clean_name
from members.identifiers import read_phone
from members.models import ApiToken, User
from members.services.accounts import change_account, check_account, revoke_token
from stores.admin_base import TenantAdmin
from stores.admin_columns import moment, yes_or_no
from stores.admin_forms import TenantForm
from stores.admin_rights import EDIT, NOTHING, desk_rights, person
from stores.rights import Right, works_for_platform

# Roles are memberships of merchants; Django's groups play no part.
admin.site.unregister(Group)

JOINED = moment("date_joined", _("joined"))
LAST_LOGIN = moment("last_login", _("last login"))
CREATED = moment("created_at", _("created"))
OPENS_OFFICE = yes_or_no("is_staff", _("back office"), (_("may open it"), _("may not")))
OPERATOR = yes_or_no("is_superuser", _("operator"), (_("sees everything"), _("no operator")))
ACTIVE = yes_or_no(
    "is_active", pgettext_lazy("person", "account"), (_("in use"), _("switched off"))
)
PERSON_SEARCH = ("user__display_name", "user__email", "user__phone")


class UserForm(TenantForm):
    class Meta:
        model = User
        fields = ("display_name", "email", "phone", "language", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if phone := self.fields.get("phone"):  # any spelling is welcome; clean_phone reads it
            phone.validators = []
            phone.widget.attrs["maxlength"] = 40

    def clean_email(self) -> str | None:
        return read_email(self.cleaned_data["email"]) if self.cleaned_data["email"] else None

    def clean_phone(self) -> str | None:
        return read_phone(self.cleaned_data["phone"]) if self.cleaned_data["phone"] else None

    def clean_display_name(self) -> str:
        return clean_name(self.cleaned_data["display_name"])

    def judge(self) -> None:
        check_account(self.instance)


@admin.register(User)
class UserAdmin(TenantAdmin):
    see = Right.SEE_PEOPLE
    edit = Right.EDIT_PEOPLE
    form = UserForm
    merchant_path = None
    operator_may = EDIT
    merchant_may = NOTHING
    list_display = ("display_name", "email", "phone", "language", OPENS_OFFICE, ACTIVE, JOINED)
    list_filter = ("is_staff", "is_superuser", "is_active", "language")
    search_fields = ("display_name", "email", "phone")
    search_help_text = _("Name, e-mail or phone")
    fieldsets = (
        (None, {"fields": ["display_name", "email", "phone", "language", "is_active"]}),
        (
            _("Rights and visits"),
            {"fields": [OPENS_OFFICE, OPERATOR, JOINED, LAST_LOGIN]},
        ),
    )
    readonly_fields = (OPENS_OFFICE, OPERATOR, JOINED, LAST_LOGIN)

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        change_account(
            user=obj,
            by=person(request),
            **{name: getattr(obj, name) for name in form.saved_fields()},
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Accounts of the operator's people are changed by who gives their roles."""
        mine = Right.GIVE_ROLES in desk_rights(request)
        return super().has_change_permission(request, obj) and (
            mine or obj is None or not works_for_platform(obj)
        )


@admin.register(ApiToken)
class ApiTokenAdmin(TenantAdmin):
    """Deleting a token signs its device out; the token itself is stored nowhere."""

    see = Right.SEE_PEOPLE
    edit = Right.EDIT_PEOPLE
    merchant_path = None
    operator_may = frozenset({"view", "delete"})
    list_display = ("user", "name", "show_scopes", CREATED, moment("expires_at", _("expires")))
    list_select_related = ("user",)
    search_fields = PERSON_SEARCH
    search_help_text = _("Name, e-mail or phone")
    empty_text = _("Apps that sign in through the API appear here.")
    exclude = ("digest", "scopes")
    readonly_fields = ("show_scopes",)

    @admin.display(description=_("scopes"))
    def show_scopes(self, token: ApiToken) -> str:
        return ", ".join(token.scopes or ()) or str(_("all"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        revoke_token(token=obj)
