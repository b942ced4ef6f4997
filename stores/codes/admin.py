"""Codes in the admin: made, renamed, closed, printed; what came of them is shown by insights."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from kernel.http.context import site
from stores.admin_actions import asked, attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import MERCHANT, STORE, choices
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.codes.errors import CodeClosed
from stores.codes.models import Code, CodeDay
from stores.codes.paper.sheet import Form, sheet_response
from stores.codes.services import (
    CodeAsked,
    address_of_code,
    change_code,
    check_change,
    check_code,
    close_code,
    make_code,
)
from stores.rights import Right

OPEN = pgettext_lazy("code", "open")
CLOSED = pgettext_lazy("code", "closed")
STATES = choices(
    "standing",
    _("state"),
    {
        "open": (OPEN, lambda rows: rows.filter(closed_at__isnull=True)),
        "closed": (CLOSED, lambda rows: rows.filter(closed_at__isnull=False)),
    },
)
MADE = moment("created_at", _("created"))
ENDED = moment("closed_at", pgettext_lazy("moment", "closed"))
FIXED = ("merchant", "kind", "store")
CHANGED = ("name", "target", "channel", "campaign")


class CodeForm(TenantForm):
    """What it is, whose and where is chosen once; its name, page and campaign may change."""

    editor: ClassVar[Any] = None
    who = forms.CharField(
        label=_("person"),
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("For codes of staff and of persons: their e-mail or phone number."),
    )

    channel = forms.ChoiceField(
        label=pgettext_lazy("marketing", "channel"),
        required=False,
        choices=[("", _("the usual one")), *Code.Channel.choices],
        widget=UnfoldAdminSelectWidget(),
        help_text=_("By which way guests meet it; what it costs is entered per channel."),
    )

    class Meta:
        model = Code
        fields = ("merchant", "kind", "name", "store", "target", "channel", "campaign")

    def asked(self) -> CodeAsked:
        """What the form asks for."""
        data = self.cleaned_data
        return CodeAsked(
            kind=data.get("kind") or "",
            name=data.get("name") or "",
            store=data.get("store"),
            person=data.get("who") or "",
            target=data.get("target") or "",
            campaign=data.get("campaign") or "",
            channel=data.get("channel") or "",
        )

    def judge(self) -> None:
        if self.errors:
            return
        if self.instance.pk:
            row = Code.objects.select_related("store").get(pk=self.instance.pk)
            self._change(check_change, row)
            return
        merchant = self.cleaned_data.get("merchant") or self.implied_merchant
        check_code(merchant=merchant, asked=self.asked(), by=self.editor)

    def _change(self, service: Any, row: Code) -> Code:
        changed: Code = service(
            code=row,
            by=self.editor,
            **{name: self.cleaned_data.get(name) or "" for name in CHANGED},
        )
        return changed

    def _show(self, refusal: Any) -> None:
        fields = refusal.extra.get("fields") or {}
        if "person" in fields:
            fields["who"] = fields.pop("person")
        super()._show(refusal)


@admin.register(Code)
class CodeAdmin(TenantAdmin):
    """A code is never deleted: what was printed with it is still out there."""

    see = Right.SEE_CODES
    edit = Right.EDIT_CODES
    store_path = "store"
    form = CodeForm
    operator_may = merchant_may = frozenset({"view", "add", "change"})
    scoped_choices = {"store": "merchant"}
    autocomplete_fields = ("store",)
    change_form_after_template = "admin/codes/figures.html"
    list_display = (
        "name",
        "kind",
        "channel",
        "merchant",
        "store",
        "show_state",
        "show_scans",
        MADE,
    )
    list_filter = (STATES, "kind", "channel", STORE, MERCHANT)
    list_select_related = ("merchant", "store", "person", "made_by")
    search_fields = ("name", "code", "campaign", "store__name_en", "store__name_zh")
    search_help_text = _("Name, code, campaign or store")
    empty_text = _("Make a code for a poster: its orders know where they come from.")
    actions = ("close",)
    actions_detail = ("print_here",)
    seen = ("show_address", plain("person", _("person")), "show_state", MADE, ENDED)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Code]:
        days = CodeDay.objects.filter(code=OuterRef("pk")).order_by().values("code")
        scans = days.annotate(scans=Sum("scans")).values("scans")
        return super().get_queryset(request).annotate(scans_count=Coalesce(Subquery(scans), 0))

    @admin.display(description=_("state"))
    def show_state(self, code: Code) -> str:
        return badge("success", OPEN) if code.is_open else badge("danger", CLOSED)

    @admin.display(description=_("scans"), ordering="scans_count")
    def show_scans(self, code: Any) -> int:
        return int(code.scans_count)

    @admin.display(description=_("address"))
    def show_address(self, code: Code) -> str:
        return format_html("<code>{}</code>", address_of_code(code))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ["merchant", "kind", "name", "store", "who", "target", "channel", "campaign"]
        if obj is not None:
            fields = [*(name for name in fields if name != "who"), *self.seen]
        if self._merchant_is_implied(request):
            fields.remove("merchant")
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What it is, whose and where stays; a closed one is only read."""
        if obj is None:
            return ()
        closed = () if obj.is_open else CHANGED
        return (*FIXED, *closed, *self.seen)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.editor = request.user
        return form

    def save_model(self, request: Any, obj: Code, form: Any, change: bool) -> None:
        if change:
            form._change(change_code, Code.objects.select_related("store").get(pk=obj.pk))
            return
        adopt(obj, make_code(merchant=obj.merchant, asked=form.asked(), by=request.user))

    @action(description=_("Print"), url_path="print")
    def print_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """What it can be printed as, with a look at each; ``form`` is the sheet itself."""
        code = self.get_object(request, str(object_id))
        if code is None:
            raise Http404
        asked_for = request.GET.get("form", "")
        if asked_for not in Form.values:
            return self._show_forms(request, code)
        return sheet_response(
            code,
            form=Form(asked_for),
            format="png" if request.GET.get("as") == "png" else "pdf",
            site=site(request)["site"]["name"],
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """A closed code is not printed: who scans it is told that it is over."""
        code = self.get_object(request, str(object_id))
        return super().get_actions_detail(request, object_id) if code and code.is_open else []

    def _show_forms(self, request: HttpRequest, code: Code) -> HttpResponse:
        if not code.is_open:
            raise CodeClosed
        context = {
            **self.admin_site.each_context(request),
            "title": _("Print “%(code)s”") % {"code": code},
            "opts": self.model._meta,
            "forms": list(Form),
            "back": reverse("admin:codes_code_change", args=[code.pk]),
        }
        return TemplateResponse(request, "admin/codes/print.html", context)

    @asked(
        _("Close"),
        _(
            "Who scans these codes from now on is told that they are over. They can't be opened again."
        ),
    )
    def close(self, request: HttpRequest, queryset: QuerySet[Code]) -> None:
        for row in queryset:
            act = partial(close_code, code=row, by=person(request))
            attempt(self, request, row, act, done=lambda gone: CLOSED)
