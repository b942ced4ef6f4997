"""Gifts in the admin: give one, see what became of each, take back what nobody has used."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import Product
from kernel.clock import now
from kernel.errors import Refusal
from kernel.http.forms import DayField, WholeField
from kernel.http.templatetags.fmt import date_local, datetime_local
from stores.admin_actions import ask_about, asked, attempt
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import MERCHANT
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.models import Store
from stores.rights import Right
from vouchers.kinds import unit_of
from vouchers.models import BY_HAND, Grant, Voucher
from vouchers.outcome import state_of
from vouchers.services.grants import (
    MAX_TITLE,
    MOST_USES,
    GrantAsked,
    GrantUse,
    Preview,
    check_grant,
    grant_voucher,
    preview_grant,
    revoke_grant,
    uses_of,
    why_kept,
    with_uses,
)
from vouchers.terms import terms_of

COLOURS = {
    "active": "success",
    "used": "info",
    "refunding": "warning",
    "refunded": "info",
    "expired": "danger",
    "held": "warning",
    "revoked": "danger",
    "returned": "info",
}
GUEST = plain("recipient", _("guest"))
ISSUER = plain("issuer", _("given by"))
GIVEN = moment("created_at", _("given"))
TAKEN_BACK = moment("revoked_at", _("taken back"))
TAKEN_BACK_BY = plain("revoked_by", _("taken back by"))
USUAL_DAYS = 90
BREAK = mark_safe("<br>")


def state_badge(voucher: Voucher) -> str:
    """A voucher's state (of `with_returned`) as it reads, in its colour."""
    state = state_of(voucher)
    return badge(COLOURS[state], state.label)


class GrantForm(TenantForm):
    """Who gets what, until when and why; the service judges it (vouchers/services/grants.py)."""

    issuer: ClassVar[Any] = None
    preview: Preview | None = None
    person = forms.CharField(
        label=_("guest's e-mail or phone"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "The one that the guest signs in with here; who has no account signs up first."
        ),
    )
    product = forms.ModelChoiceField(
        Product.objects.none(),
        label=_("product"),
        required=False,
        empty_label="—",
        widget=UnfoldAdminSelectWidget(),
        help_text=_("It is used as if the guest had bought it, at the stores it is sold for."),
    )
    title_en = forms.CharField(
        label=_("in your own words (English)"),
        max_length=MAX_TITLE,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_(
            "Instead of a product: what the store gives, such as “A dessert of your choice”."
        ),
    )
    title_zh = forms.CharField(
        label=_("in your own words (Chinese)"),
        max_length=MAX_TITLE,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    stores = forms.ModelMultipleChoiceField(
        Store.objects.none(),
        label=_("where it can be used"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
        help_text=_("For words of your own. Empty means every store of the merchant."),
    )
    uses = WholeField(
        label=_("uses"),
        min_value=1,
        max_value=MOST_USES,
        initial=1,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    valid_until = DayField(
        label=_("last day"),
        widget=UnfoldAdminDateWidget(),
        help_text=_("The whole day counts, in the time of the stores."),
    )

    class Meta:
        model = Grant
        fields = ("merchant", "reason", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = gettext("How many times the guest may use it, %(most)d at most.")
        self.fields["uses"].help_text = text % {"most": MOST_USES}
        self.fields["valid_until"].initial = now().date() + dt.timedelta(days=USUAL_DAYS)
        mine = self.merchants()
        products = Product.objects.filter(merchant__in=mine).exclude(state=Product.State.DRAFT)
        if "reason" in self.fields:
            self.fields["reason"].choices = [("", "—"), *BY_HAND]  # type: ignore[attr-defined]
        self.fields["product"].queryset = products  # type: ignore[attr-defined]
        self.fields["stores"].queryset = Store.objects.filter(  # type: ignore[attr-defined]
            merchant__in=mine
        )

    def merchants(self) -> Any:
        """Whose products and stores can be chosen: the one business, or all that may be."""
        if self.implied_merchant:
            return [self.implied_merchant]
        asked = self.fields.get("merchant")  # not asked for where a gift is only looked at
        return asked.queryset if asked else []  # type: ignore[attr-defined]

    def asked(self) -> GrantAsked:
        """What the form asks for."""
        data = self.cleaned_data
        return GrantAsked(
            person=data["person"],
            reason=data["reason"],
            valid_until=data["valid_until"],
            uses=data["uses"],
            product=data["product"],
            title_en=data["title_en"],
            title_zh=data["title_zh"],
            stores=list(data["stores"]),
            note=data["note"],
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or self.implied_merchant
        if merchant is None or self.errors:
            return data
        try:
            if self.looks:
                self.preview = preview_grant(
                    merchant=merchant, issuer=self.issuer, asked=self.asked()
                )
            else:
                check_grant(merchant=merchant, issuer=self.issuer, asked=self.asked())
        except Refusal as refusal:
            self._show(refusal)
        return data

    @property
    def is_new(self) -> bool:
        """Whether something is to be given; a gift that was given is only read."""
        return self.instance.pk is None

    @property
    def looks(self) -> bool:
        """Whether it was asked to be shown only."""
        return "_preview" in self.data

    def is_valid(self) -> bool:
        """What is looked at is not given: the form is shown again, with the preview."""
        return super().is_valid() and not self.looks


@admin.register(Grant)
class GrantAdmin(TenantAdmin):
    """Given once and never edited: a wrong gift is taken back, and another one given."""

    see = Right.SEE_VOUCHERS
    edit = Right.GIVE_VOUCHERS
    form = GrantForm
    operator_may = merchant_may = frozenset({"view", "add"})
    list_display = (
        *("show_title", GUEST, "merchant", "show_state", "show_uses"),
        *("reason", ISSUER, GIVEN),
    )
    list_filter = ("reason", MERCHANT)
    list_select_related = ("merchant", "recipient", "issuer", "revoked_by")
    search_fields = ("recipient__display_name", "note")
    search_help_text = _("Guest or note")
    empty_text = _("Give a guest a voucher: as an apology, a replacement or a thank-you.")
    actions = ("take_back",)
    actions_detail = ("take_back_here",)
    change_form_after_template = "admin/vouchers/grant_preview.html"
    fieldsets = (
        (
            _("For whom"),
            {
                "fields": ["merchant", "person"],
                "description": _(
                    "A gift costs the guest nothing and moves no money, today or when it is used. "
                    "The guest is told and finds it in the wallet."
                ),
            },
        ),
        (
            _("What"),
            {
                "fields": ["product", "title_en", "title_zh", "stores"],
                "description": _("Choose a product, or say in your own words what you give."),
            },
        ),
        (_("How many uses, until when"), {"fields": ["uses", "valid_until"]}),
        (_("Why"), {"fields": ["reason", "note"]}),
    )
    seen = (
        *("show_title", GUEST, "show_state", "show_uses", "show_redemptions", "show_last_day"),
        "show_stores",
        *("reason", "note"),
        *(ISSUER, GIVEN, TAKEN_BACK, TAKEN_BACK_BY),
    )

    @admin.display(description=_("gift"))
    def show_title(self, grant: Grant) -> str:
        return _voucher(grant).title

    @admin.display(description=_("state"))
    def show_state(self, grant: Grant) -> str:
        return state_badge(_voucher(grant))

    @admin.display(description=_("used"))
    def show_uses(self, grant: Grant) -> str:
        voucher = _voucher(grant)
        return f"{voucher.uses_used} / {voucher.uses_total}"

    @admin.display(description=_("redemptions"))
    def show_redemptions(self, grant: Grant) -> str:
        """When and where it was used; what was undone is said to be."""
        voucher = _voucher(grant)
        lines = [(_word_use(use, voucher.kind),) for use in uses_of(voucher)]
        return format_html_join(BREAK, "{}", lines) or gettext("Not used yet.")

    @admin.display(description=_("last day"))
    def show_last_day(self, grant: Grant) -> str:
        return date_local(_voucher(grant).last_day)

    @admin.display(description=_("where it can be used"))
    def show_stores(self, grant: Grant) -> str:
        named = terms_of(_voucher(grant)).store_ids
        if named is None:
            return gettext("every store of the merchant")
        return ", ".join(store.name for store in Store.objects.filter(pk__in=named).order_by("pk"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        """What people gave; what guests claimed stands with the coupons."""
        return with_uses(super().get_queryset(request).filter(issuer__isnull=False))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was given is read; the form is for giving."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": self.seen}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.seen

    @action(description=_("Take back"), url_path="take-back")
    def take_back_here(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        return ask_about(self, request, object_id, self.take_back.question, "take_back")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Nothing to press on a gift that is not taken back any more, or by somebody else."""
        grant = self.get_object(request, str(object_id))
        if grant is None or why_kept(grant) or not self._acts(request):
            return []
        if not self.writable(request, Grant.objects.filter(pk=grant.pk)):
            return []
        return super().get_actions_detail(request, object_id)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.issuer = request.user
        return form

    def save_model(self, request: Any, obj: Grant, form: Any, change: bool) -> None:
        made = grant_voucher(merchant=obj.merchant, issuer=request.user, asked=form.asked())
        assert made.grant is not None
        adopt(obj, made.grant)
        obj.recipient = made.grant.recipient  # its name is in what the page says

    @asked(
        _("Take back"),
        _(
            "Only gifts of which nothing was used are taken back. The guest can't use them any more, "
            "and is told."
        ),
        why_not=why_kept,
    )
    def take_back(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        for grant in queryset:
            act = partial(revoke_grant, grant_id=grant.pk, by=person(request))
            attempt(self, request, grant, act, done=lambda taken: _("taken back"))


def _word_use(use: GrantUse, kind: str) -> str:
    counted = unit_of(kind).counted % {"count": use.uses}
    facts = (datetime_local(use.occurred_at, use.zone), use.store, str(counted))
    return " · ".join([*facts, gettext("Undone")] if use.undone else facts)


def _voucher(grant: Grant) -> Voucher:
    return grant.vouchers.all()[0]
