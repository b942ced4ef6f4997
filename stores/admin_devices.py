"""Devices in the admin: added with a one-time code, revoked."""

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
from unfold.decorators import action

from kernel import qr
from kernel.errors import Refusal
from stores.admin_actions import ask_about, asked, attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import MERCHANT, STORE, choices
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.models import Device
from stores.rights import Right
from stores.services.devices import (
    NewCode,
    add_device,
    check_device,
    enrolment_url,
    renew_device_code,
    revoke_device,
)

ADDED_BY = plain("added_by", _("added by"))
REVOKED_BY = plain("revoked_by", _("revoked by"))
ENROLLED = moment("enrolled_at", pgettext_lazy("moment", "enrolled"))
LAST_SEEN = moment("last_seen_at", _("last used"))
REVOKED = moment("revoked_at", pgettext_lazy("moment", "revoked"))
COLOURS = {"waiting": "warning", "working": "success", "revoked": "danger"}


def _working(rows: Any) -> Any:
    return rows.working()


STATES = choices(
    "standing",
    _("state"),
    {
        "waiting": (
            Device.State.WAITING.label,
            lambda rows: rows.filter(enrolled_at__isnull=True, revoked_at__isnull=True),
        ),
        "working": (Device.State.WORKING.label, _working),
        "revoked": (Device.State.REVOKED.label, lambda rows: rows.filter(revoked_at__isnull=False)),
    },
)


def _why_no_code(device: Device) -> str:
    if device.revoked_at:
        return str(_("It was revoked and gets no code any more: add it anew."))
    return ""


def _why_not_revoked(device: Device) -> str:
    return str(_("It was revoked already.")) if device.revoked_at else ""


class DeviceForm(TenantForm):
    adder: ClassVar[Any] = None

    class Meta:
        model = Device
        fields = ("store", "name")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"store", "name"} <= set(data):
            return data
        self.instance.merchant_id = data["store"].merchant_id
        try:
            data["name"] = check_device(store=data["store"], name=data["name"], by=self.adder)
        except Refusal as refusal:
            fields = refusal.extra.get("fields") or {None: [str(refusal)]}
            for name, texts in fields.items():
                self.add_error(name, texts)
        return data


@admin.register(Device)
class DeviceAdmin(TenantAdmin):
    """A device is added and revoked, never edited: what was redeemed on it keeps its name."""

    see = edit = Right.MANAGE_DEVICES
    store_path = "store"
    form = DeviceForm
    operator_may = merchant_may = frozenset({"view", "add"})
    scoped_choices = {"store": "merchant"}
    list_display = ("name", "store", "merchant", "show_state", ENROLLED, LAST_SEEN, ADDED_BY)
    list_filter = (STATES, STORE, MERCHANT)
    list_select_related = ("store", "merchant", "added_by")
    search_fields = ("name", "store__name_en", "store__name_zh")
    search_help_text = _("Name of the device or of its store")
    empty_text = _("Add a till or a phone: it gets a code, and its redemptions carry its name.")
    autocomplete_fields = ("store",)
    actions = ("new_code", "revoke")
    actions_detail = ("new_code_here", "revoke_here")
    fieldsets = (
        (
            None,
            {
                "fields": ["store", "name"],
                "description": _(
                    "After saving you see a code of eight digits. Type it on the device "
                    "within ten minutes."
                ),
            },
        ),
    )
    readonly_fields = ("show_state", ADDED_BY, ENROLLED, LAST_SEEN, REVOKED, REVOKED_BY)

    @admin.display(description=_("state"))
    def show_state(self, device: Device) -> str:
        return badge(COLOURS[device.state], device.state.label)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["store", "name", *self.readonly_fields]})]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.adder = request.user
        return form

    def save_model(self, request: Any, obj: Device, form: Any, change: bool) -> None:
        made = add_device(
            store=form.cleaned_data["store"], name=form.cleaned_data["name"], by=request.user
        )
        adopt(obj, made.device)
        request._new_code = made

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The code is shown on the answer to the form, and nowhere else ever."""
        return self._show_code(request, request._new_code)

    @asked(
        pgettext_lazy("device", "New code"),
        _(
            "You see a code of eight digits, good for ten minutes; an earlier code ends. What is "
            "enrolled now goes on until the new code is typed somewhere."
        ),
        why_not=_why_no_code,
    )
    def new_code(self, request: HttpRequest, queryset: QuerySet[Device]) -> HttpResponse | None:
        """For one device at a time: a code belongs beside the device that it is typed on."""
        rows = list(queryset[:2])
        if len(rows) != 1:
            text = _("Choose one device: each gets a code of its own.")
            self.message_user(request, text, messages.WARNING)
            return None
        made: list[NewCode] = []

        def renew() -> None:
            made.append(renew_device_code(device_id=rows[0].pk, by=person(request)))

        attempt(self, request, rows[0], renew, done=lambda _none: _("has a new code"))
        return self._show_code(request, made[0]) if made else None

    @asked(
        pgettext_lazy("device", "Revoke"),
        _(
            "Nothing can be redeemed on these devices any more, from this moment. What was "
            "redeemed on them stays."
        ),
        why_not=_why_not_revoked,
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        for row in queryset:
            act = partial(revoke_device, device_id=row.pk, by=person(request))
            attempt(self, request, row, act, done=lambda gone: pgettext_lazy("device", "revoked"))

    @action(description=pgettext_lazy("device", "New code"), url_path="new-code")
    def new_code_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.new_code.question, "new_code")

    @action(description=pgettext_lazy("device", "Revoke"), url_path="revoke")
    def revoke_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.revoke.question, "revoke")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """A revoked device is only read, and so is one of a store that is somebody else's to run."""
        device = self.get_object(request, str(object_id))
        mine = self.writable(request, Device.objects.filter(pk=device.pk))
        if device.revoked_at or not self._acts(request) or not mine.exists():
            return []
        return super().get_actions_detail(request, object_id)

    def _show_code(self, request: HttpRequest, made: NewCode) -> HttpResponse:
        url = enrolment_url(made.code)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Code for “%(device)s”") % {"device": made.device},
            "opts": self.model._meta,
            "device": made.device,
            "code": f"{made.code[:4]} {made.code[4:]}",
            "url": url,
            "page": url.partition("?")[0],
            "drawing": mark_safe(qr.svg(url)),  # noqa: S308 - our own drawing of digits
        }
        return TemplateResponse(request, "admin/stores/device_code.html", context)
