"""Staff in the admin: who works for a merchant, and where."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal
from stores.admin_base import TenantAdmin
from stores.admin_columns import moment, plain, yes_or_no
from stores.admin_filters import MERCHANT
from stores.admin_forms import TenantForm
from stores.admin_rights import EDIT
from stores.models import Merchant, StaffInvitation, StaffMembership
from stores.rights import Right
from stores.services.staff import (
    assignable_roles,
    change_staff,
    check_places,
    is_limited,
    refuse_foreign_role,
    refuse_last_owner,
    remove_staff,
)

PERSON = plain("user", _("person"))


@admin.display(description=_("only at these stores"), boolean=True)
def show_limited(row: Any) -> bool:
    """Whether somebody works at the named places only: a clerk always does, whatever is stored."""
    return is_limited(role=row.role, limited=row.limited)


def read_limits(fieldsets: Any) -> list[Any]:
    """The fieldsets of a page that is only read, with `show_limited` for the stored switch."""
    return [
        (title, {**options, "fields": [_read_limit(name) for name in options["fields"]]})
        for title, options in fieldsets
    ]


def _read_limit(name: Any) -> Any:
    return show_limited if name == "limited" else name


class StaffForm(TenantForm):
    """Roles and stores of somebody who has accepted an invitation."""

    editor: ClassVar[Any] = None
    """Who fills the form in: a person gives only roles that are theirs to give."""

    class Meta:
        model = StaffMembership
        fields = ("merchant", "role", "limited", "stores", "groups", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        merchant = getattr(self.instance, "merchant", None)
        if "role" in self.fields and merchant is not None:
            may = assignable_roles(by=self.editor, merchant=merchant)
            roles = [choice for choice in StaffMembership.Role.choices if choice[0] in may]
            self.fields["role"].choices = roles  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or getattr(self.instance, "merchant", None)
        person = getattr(self.instance, "user", None)
        if merchant is None or person is None:
            return data
        for field, check in self._checks(merchant, person, data):
            try:
                check()
            except Refusal as refusal:
                for name, texts in (refusal.by_field or {field: [str(refusal)]}).items():
                    self.add_error(name, texts)
        return data

    def _checks(self, merchant: Merchant, person: Any, data: dict[str, Any]) -> Iterator[Any]:
        """What the services will ask, asked now so that the answer stands at its field."""
        role, active = data.get("role") or "", data.get("active")
        stores = data.get("stores") or []
        if active:
            yield (
                "stores",
                partial(
                    check_places,
                    merchant=merchant,
                    role=role,
                    stores=stores,
                    groups=data.get("groups") or [],
                    limited=bool(data.get("limited")),
                ),
            )
        if (
            not {"role", "active", "stores", "groups", "limited"} & set(self.changed_data)
            and self.instance.pk
        ):
            return
        wanted = role if active else StaffMembership.Role.CLERK
        yield (
            "role",
            partial(
                refuse_foreign_role, merchant=merchant, user=person, role=wanted, by=self.editor
            ),
        )
        if role != StaffMembership.Role.OWNER or not active:
            yield "role", partial(refuse_last_owner, merchant, person)


@admin.register(StaffMembership)
class StaffAdmin(TenantAdmin):
    """Somebody who leaves is switched off, not deleted: their redemptions keep their name.

    Nobody is added here, nor switched on again: an invitation asks them (StaffInvitationAdmin).
    """

    see = Right.SEE_STAFF
    edit = Right.MANAGE_STAFF
    form = StaffForm
    operator_may = EDIT
    merchant_may = EDIT
    scoped_choices = {"stores": "merchant", "groups": "merchant"}
    list_display = (
        "user",
        "merchant",
        "role",
        yes_or_no("active", _("state"), (_("working"), _("left"))),
        moment("created_at", _("since")),
    )
    empty_text = _("Who accepts an invitation appears here.")
    list_filter = ("role", "active", MERCHANT)
    search_help_text = _("Name")
    list_select_related = ("user", "merchant")
    search_fields = ("user__display_name",)
    operator_search_fields = ("user__email", "user__phone")
    autocomplete_fields = ("stores", "groups")
    readonly_fields = (PERSON,)
    fieldsets = (
        (None, {"fields": ["merchant", PERSON, "role", "limited", "stores", "groups", "active"]}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """With the way to invite somebody, for who may."""
        invites = self.admin_site.get_model_admin(StaffInvitation).has_add_permission(request)
        url = reverse("admin:stores_staffinvitation_add") if invites else ""
        return super().changelist_view(request, {**(extra_context or {}), "invite_url": url})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A manager reads an owner's row and leaves it as it is; who has left is only read."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return obj.active and obj.role in assignable_roles(by=request.user, merchant=obj.merchant)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if self.has_change_permission(request, obj) else read_limits(fieldsets)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        return form

    def save_model(self, request: Any, obj: StaffMembership, form: Any, change: bool) -> None:
        """Change or end the membership."""
        if not obj.active:
            remove_staff(merchant=obj.merchant, user=obj.user, by=request.user)
            return
        change_staff(
            membership_id=obj.pk,
            role=obj.role,
            stores=form.cleaned_data["stores"],
            groups=form.cleaned_data["groups"],
            limited=form.cleaned_data["limited"],
            by=request.user,
        )
