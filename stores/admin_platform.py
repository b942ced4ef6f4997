"""Roles on the platform, and groups of stores, in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import moment, plain
from stores.admin_filters import MERCHANT
from stores.admin_forms import TenantForm
from stores.admin_rights import NOTHING
from stores.approval_kinds import OWNER, ROLE
from stores.approvals import agreeing_roles
from stores.models import PlatformRole, StoreGroup
from stores.rights import Right
from stores.services.approvals import ask
from stores.services.groups import check_group, delete_group, save_group
from stores.services.platform import (
    give_platform_role,
    has_other_owner,
    take_platform_role,
)

GIVEN_BY = plain("given_by", _("given by"))


@admin.register(PlatformRole)
class PlatformRoleAdmin(TenantAdmin):
    """Given and taken, never edited."""

    see = edit = Right.GIVE_ROLES
    merchant_path = None
    operator_may = frozenset({"view", "add", "delete"})
    merchant_may = NOTHING
    list_display = ("user", "role", GIVEN_BY, moment("created_at", _("since")))
    list_filter = ("role",)
    list_select_related = ("user", "given_by")
    search_fields = ("user__display_name", "user__email", "user__phone")
    search_help_text = _("Name, e-mail or phone")
    autocomplete_fields = ("user",)
    fields = ("user", "role")
    empty_text = _("Give support, finance and risk their part of the back office.")

    def get_actions(self, request: HttpRequest) -> Any:
        """Nothing is taken from several people with one click."""
        return {}

    def save_model(self, request: Any, obj: PlatformRole, form: Any, change: bool) -> None:
        request._asked = None
        if obj.role in agreeing_roles():
            owner = obj.role == PlatformRole.Role.OWNER
            asked = {"user": obj.user_id} if owner else {"user": obj.user_id, "role": obj.role}
            request._asked = ask(kind=OWNER if owner else ROLE, payload=asked, by=request.user)
            if request._asked is not None:
                return
            made = PlatformRole.objects.get(user=obj.user, role=obj.role)
        else:
            made = give_platform_role(user=obj.user, role=obj.role, by=request.user)
        adopt(obj, made)

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """What was only asked for is written down when it is done."""
        return None if request._asked else super().log_addition(request, obj, message)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if request._asked is None:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("The role waits for a second person: another owner agrees."))
        if not has_other_owner(request.user):
            text = _(
                "You are the only owner, so nobody can agree yet. Make a second one on the machine "
                "(manage.py createsuperuser), or say there that you work alone (APPROVALS=off)."
            )
            self.message_user(request, text, messages.WARNING)
        return redirect("admin:stores_approval_changelist")

    def delete_model(self, request: Any, obj: PlatformRole) -> None:
        take_platform_role(user=obj.user, role=obj.role, by=request.user)


class GroupForm(TenantForm):
    editor: ClassVar[Any] = None

    class Meta:
        model = StoreGroup
        fields = ("merchant", "name", "stores")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or getattr(self.instance, "merchant", None)
        if merchant is None or not {"name", "stores"} <= set(data):
            return data
        try:
            data["name"] = check_group(
                merchant=merchant,
                name=data["name"],
                stores=data["stores"],
                by=self.editor,
                group=self.instance if self.instance.pk else None,
            )
        except Refusal as refusal:
            fields = refusal.extra.get("fields") or {"stores": [str(refusal)]}
            for name, texts in fields.items():
                self.add_error(name, texts)
        return data


@admin.register(StoreGroup)
class StoreGroupAdmin(TenantAdmin):
    """A city, a region, a brand: roles can be given for all of its stores at once."""

    form = GroupForm
    see = Right.SEE_STORES
    edit = Right.EDIT_STORES
    operator_may = merchant_may = frozenset({"view", "add", "change", "delete"})
    scoped_choices = {"stores": "merchant"}
    list_display = ("name", "merchant", "show_stores")
    list_filter = (MERCHANT,)
    list_select_related = ("merchant",)
    search_fields = ("name",)
    search_help_text = _("Name")
    autocomplete_fields = ("stores",)
    fields = ("merchant", "name", "stores")
    empty_text = _("Put the stores of a city or a brand together, and give roles for all of them.")

    @admin.display(description=_("stores"))
    def show_stores(self, group: StoreGroup) -> int:
        return len(group.stores.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoreGroup]:
        return super().get_queryset(request).prefetch_related("stores")

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        return form

    def save_model(self, request: Any, obj: StoreGroup, form: Any, change: bool) -> None:
        saved = save_group(
            merchant=obj.merchant,
            name=form.cleaned_data["name"],
            stores=form.cleaned_data["stores"],
            by=request.user,
            group=obj if change else None,
        )
        adopt(obj, saved)

    def delete_model(self, request: Any, obj: StoreGroup) -> None:
        delete_group(group=obj, by=request.user)
