"""Invitations in the admin: who was asked to work for a merchant, and what they said."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminEmailInputWidget

from kernel import qr
from kernel.errors import Refusal
from stores.admin_actions import attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import MERCHANT
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.admin_staff import read_limits
from stores.models import StaffInvitation, StaffMembership
from stores.rights import Right
from stores.services.invitations import (
    check_invitation,
    invite_by_link,
    invite_staff,
    mail_troubles,
    renew_link,
    revoke_invitation,
    send_invitation_again,
)
from stores.services.staff import assignable_roles, is_limited

ACCEPTED_BY = plain("accepted_by", _("accepted by"))
INVITED_BY = plain("invited_by", _("invited by"))
OPEN_UNTIL = moment("expires_at", _("open until"))
COLOURS = {"pending": "warning", "accepted": "success", "declined": "danger", "revoked": "info"}

MAIL_TROUBLES = {
    "refused": (
        "danger",
        _("the e-mail did not arrive: check the address, withdraw or send again"),
    ),
    "on_its_way": ("warning", _("the e-mail is on its way")),
    "late": ("warning", _("the e-mail has not gone out yet; it is tried again")),
}


class InvitationForm(TenantForm):
    """Takes any address and never tells whether it belongs to somebody."""

    inviter: ClassVar[Any] = None

    class Meta:
        model = StaffInvitation
        fields = ("merchant", "email", "name", "role", "limited", "stores", "groups")
        widgets: ClassVar[dict[str, Any]] = {
            "email": UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.implied_merchant and "role" in self.fields:
            may = assignable_roles(by=self.inviter, merchant=self.implied_merchant)
            roles = [choice for choice in StaffMembership.Role.choices if choice[0] in may]
            self.fields["role"].choices = roles  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        """A second invitation takes the place of the first one: no clash to report."""
        return {*super()._get_validation_exclusions(), "merchant"}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or self.implied_merchant
        if merchant is None or not {"email", "name", "role"} <= set(data):
            return data
        try:
            data["email"] = check_invitation(
                merchant=merchant,
                email=data["email"],
                role=data["role"],
                stores=data.get("stores") or [],
                groups=data.get("groups") or [],
                limited=bool(data.get("limited")),
                by=self.inviter,
            )
        except Refusal as refusal:
            self._show(refusal)
        return data


@admin.register(StaffInvitation)
class StaffInvitationAdmin(TenantAdmin):
    """Written once and answered once: a wrong one is withdrawn, and a new one sent."""

    see = Right.SEE_STAFF
    edit = Right.MANAGE_STAFF
    form = InvitationForm
    operator_may = merchant_may = frozenset({"view", "add"})
    scoped_choices = {"stores": "merchant", "groups": "merchant"}
    list_display = (
        "show_addressee",
        "merchant",
        "role",
        "show_state",
        ACCEPTED_BY,
        INVITED_BY,
        OPEN_UNTIL,
    )
    readonly_fields = ("show_state", ACCEPTED_BY, INVITED_BY, OPEN_UNTIL)
    list_filter = ("state", "role", MERCHANT)
    list_select_related = ("merchant", "accepted_by", "invited_by")
    search_fields = ("email", "name")
    search_help_text = _("E-mail or name")
    empty_text = _("Invite who works with you: they get an e-mail and decide themselves.")
    autocomplete_fields = ("stores", "groups")
    actions = ("send_again", "new_link", "withdraw")
    fieldsets = (
        (
            None,
            {
                "fields": ["merchant", "email", "name", "role", "limited", "stores", "groups"],
                "description": _(
                    "The person gets an e-mail with a link that is open for seven days, and may "
                    "accept with any account. Without an address you see a link and a QR code "
                    "here, once: they work for two days."
                ),
            },
        ),
    )

    @admin.display(description=pgettext_lazy("invitation", "for whom"), ordering="email")
    def show_addressee(self, invitation: StaffInvitation) -> str:
        return " · ".join(filter(None, (invitation.name, invitation.email))) or invitation.addressee

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, invitation: StaffInvitation) -> str:
        if invitation.state == StaffInvitation.State.PENDING and not invitation.is_open:
            return badge("danger", _("not answered in time"))
        if trouble := MAIL_TROUBLES.get(getattr(invitation, "mail_trouble", "")):
            return badge(*trouble)
        return badge(COLOURS[invitation.state], invitation.get_state_display())

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        troubles = mail_troubles(rows)
        for row in rows:
            row.mail_trouble = troubles.get(row.pk, "")

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        self.prepare(request, [found])
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What came of it stands below what was asked."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        answer = (_("Answer"), {"fields": list(self.readonly_fields)})
        return [*read_limits(fieldsets), answer]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.inviter = request.user
        return form

    def save_model(self, request: Any, obj: StaffInvitation, form: Any, change: bool) -> None:
        facts = {
            "merchant": obj.merchant,
            "role": obj.role,
            "stores": form.cleaned_data["stores"],
            "groups": form.cleaned_data["groups"],
            "limited": form.cleaned_data["limited"],
            "name": form.cleaned_data["name"],
            "by": request.user,
        }
        if email := form.cleaned_data["email"]:
            made = invite_staff(email=email, **facts)
        else:
            made, request._link = invite_by_link(**facts)
        adopt(obj, made)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """A link is shown on the answer to the form, and nowhere else ever."""
        link = getattr(request, "_link", "")
        if not link:
            return super().response_add(request, obj, post_url_continue)
        return self._show_link(request, StaffInvitation.objects.get(pk=obj.pk), link)

    def _show_link(
        self, request: HttpRequest, invitation: StaffInvitation, link: str
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Invitation for %(person)s") % {"person": invitation.addressee},
            "opts": self.model._meta,
            "invitation": invitation,
            "places": [*invitation.stores.all(), *invitation.groups.all()],
            "limited": is_limited(role=invitation.role, limited=invitation.limited),
            "url": link,
            "drawing": mark_safe(qr.svg(link)),  # noqa: S308 - our own drawing
        }
        return TemplateResponse(request, "admin/stores/invitation_link.html", context)

    @admin.action(description=_("New link"))
    def new_link(
        self, request: HttpRequest, queryset: QuerySet[StaffInvitation]
    ) -> HttpResponse | None:
        """For one at a time, without an address: a link is shown to whoever hands it over."""
        rows = list(queryset[:2])
        if len(rows) != 1:
            self.message_user(request, _("Choose one invitation: each gets a link of its own."))
            return None
        made: list[tuple[StaffInvitation, str]] = []

        def renew() -> None:
            made.append(renew_link(invitation_id=rows[0].pk, by=person(request)))

        attempt(self, request, rows[0], renew, done=lambda _none: _("has a new link"))
        return self._show_link(request, *made[0]) if made else None

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[StaffInvitation]) -> None:
        for row in queryset:
            if not row.email:
                text = _("An invitation without an address is not mailed: make a new link.")
                self.message_user(request, f"{row}: {text}", messages.ERROR)
                continue
            act = partial(send_invitation_again, invitation_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=lambda sent: _("sent again"))

    @admin.action(description=_("Withdraw"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[StaffInvitation]) -> None:
        for row in queryset:
            act = partial(revoke_invitation, invitation_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=lambda gone: _("withdrawn"))
