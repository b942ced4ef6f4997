"""Coupons, codes and gifts of coupons in the admin: each by its number with where it is; taken back with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns.code_list import state_of_code
from campaigns.codes import read_coupon_code, write_coupon_code
from campaigns.models import Batch, Campaign, Coupon, CouponCode, CouponGrant
from campaigns.services.grants import CouponAsked, grant_coupon, revoke_code, revoke_coupon
from stores.admin_actions import asked, attempt, note_of
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import badge, moment, plain
from stores.admin_filters import DayFilter
from stores.admin_forms import TenantForm
from stores.admin_rights import person
from stores.rights import Right
from vouchers.services.redeem import mask_name

COLOURS = {
    "claimed": "success",
    "returned": "success",
    "free": "success",
    "reserved": "warning",
    "used": "info",
    "ended": "danger",
    "revoked": "danger",
}
CODE_STATES = {"free": _("free"), "claimed": _("claimed"), "revoked": _("taken back")}
CAMPAIGN = plain("campaign", _("campaign"))
CLAIMED, ENDS = moment("claimed_at", _("claimed")), moment("ends_at", _("ends"))
TAKEN_BACK_REASON = _("Why (the business and the platform read it)")


@admin.register(Coupon)
class CouponAdmin(TenantAdmin):
    """Whose each coupon is, and where it stands. A coupon is read, and taken back while it is in no order."""

    merchant_path = "campaign__merchant"
    see = Right.SEE_CAMPAIGNS
    edit = act = Right.EDIT_CAMPAIGNS
    operator_may = merchant_may = frozenset({"view"})
    list_display = ("number", CAMPAIGN, "show_guest", "show_state", "show_order", CLAIMED, ENDS)
    list_filter = ("state", ("ends_at", DayFilter))
    list_select_related = ("campaign", "owner", "revocation")
    search_fields = ("=number",)
    search_help_text = _("Number")
    empty_text = _("Guests have claimed no coupons yet.")
    actions = ("take_back",)
    fields = readonly_fields = (
        *("number", CAMPAIGN, "show_guest", "show_state", "show_order", CLAIMED, ENDS),
        "show_reason",
    )

    @admin.display(description=_("guest"))
    def show_guest(self, coupon: Coupon) -> str:
        return mask_name(coupon.owner.display_name)

    @admin.display(description=_("state"), ordering="state")
    def show_state(self, coupon: Coupon) -> str:
        return badge(COLOURS[coupon.state], coupon.get_state_display())

    @admin.display(description=_("in order"))
    def show_order(self, coupon: Coupon) -> str:
        return ", ".join(use.order_number for use in coupon.uses.all() if use.state in use.LIVE)

    @admin.display(description=_("why it was taken back"))
    def show_reason(self, coupon: Coupon) -> str:
        found = getattr(coupon, "revocation", None)
        return found.reason if found else ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        return super().get_queryset(request).prefetch_related("uses")

    @asked(
        _("Take back"),
        _("The guest can't use it any more, and is told. One that is in an order stays."),
        note=TAKEN_BACK_REASON,
    )
    def take_back(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> None:
        for row in queryset:
            reason = note_of(request, row)
            act = partial(revoke_coupon, coupon_id=row.pk, reason=reason, by=person(request))
            attempt(self, request, row, act, done=lambda taken: _("taken back"))


@admin.register(CouponCode)
class CouponCodeAdmin(TenantAdmin):
    """Each code with where it stands; taken back while nobody has typed it."""

    merchant_path = "campaign__merchant"
    see = edit = act = Right.EDIT_CAMPAIGNS
    operator_may = merchant_may = frozenset({"view"})
    list_display = ("show_code", CAMPAIGN, "show_state", "coupon", "show_reason")
    list_select_related = ("campaign", "coupon", "revocation")
    search_fields = ("=code", "=coupon__number")
    search_help_text = _("Code or number of the coupon")
    empty_text = _("A campaign whose coupons come with codes has them here once it has started.")
    actions = ("take_back",)
    fields = readonly_fields = ("show_code", CAMPAIGN, "show_state", "coupon", "show_reason")

    @admin.display(description=_("code"), ordering="code")
    def show_code(self, code: CouponCode) -> str:
        return write_coupon_code(code.code)

    @admin.display(description=_("state"))
    def show_state(self, code: CouponCode) -> str:
        state = state_of_code(code)
        return badge(COLOURS[state], CODE_STATES[state])

    @admin.display(description=_("why it was taken back"))
    def show_reason(self, code: CouponCode) -> str:
        found = getattr(code, "revocation", None)
        return found.reason if found else ""

    def first_words(self, request: HttpRequest, search_term: str) -> str:
        """A code is found as people type it: with dashes, in small letters."""
        return read_coupon_code(search_term) or super().first_words(request, search_term)

    @asked(
        _("Take back"),
        _("Nobody can use it any more. One that somebody has typed stays: take back its coupon."),
        note=TAKEN_BACK_REASON,
    )
    def take_back(self, request: HttpRequest, queryset: QuerySet[CouponCode]) -> None:
        for row in queryset:
            reason = note_of(request, row)
            act = partial(revoke_code, code_id=row.pk, reason=reason, by=person(request))
            attempt(self, request, row, act, done=lambda taken: _("taken back"))


class CouponGrantForm(TenantForm):
    """Who gets a coupon of which campaign, and why; the service judges it."""

    issuer: ClassVar[Any] = None
    person = forms.CharField(
        label=_("guest's e-mail or phone"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "The one that the guest signs in with here; who has no account signs up first."
        ),
    )

    class Meta:
        model = CouponGrant
        fields = ("campaign", "reason", "note")

    def asked(self) -> CouponAsked:
        data = self.cleaned_data
        return CouponAsked(reason=data["reason"], person=data["person"], note=data["note"])


@admin.register(CouponGrant)
class CouponGrantAdmin(TenantAdmin):
    """Given once and never edited: a wrong one is taken back among the coupons."""

    merchant_path = "campaign__merchant"
    see = Right.SEE_VOUCHERS
    edit = Right.GIVE_VOUCHERS
    form = CouponGrantForm
    operator_may = merchant_may = frozenset({"view", "add"})
    scoped_choices: ClassVar[dict[str, str]] = {"campaign": "merchant"}
    list_display = (CAMPAIGN, "show_guest", "reason", plain("issuer", _("given by")), "store")
    list_filter = ("reason",)
    list_select_related = ("campaign", "issuer", "store", "coupon__owner", "code__coupon__owner")
    search_fields = ("=coupon__number", "note")
    search_help_text = _("Number of the coupon or note")
    empty_text = _("Give a guest a coupon of a campaign whose coupons the business gives.")
    seen = (
        *(CAMPAIGN, "show_guest", "show_number", "reason", "note"),
        *(plain("issuer", _("given by")), "store", moment("created_at", _("given"))),
    )
    fieldsets = ((None, {"fields": ["campaign", "person", "reason", "note"]}),)

    @admin.display(description=_("guest"))
    def show_guest(self, grant: CouponGrant) -> str:
        found = _coupon(grant)
        return mask_name(found.owner.display_name) if found else "—"

    @admin.display(description=_("number"))
    def show_number(self, grant: CouponGrant) -> str:
        found = _coupon(grant)
        return found.number if found else "—"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return super().get_fieldsets(request, obj)
        return ((None, {"fields": self.seen}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.seen

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "campaign" in form.base_fields:
            field = form.base_fields["campaign"]
            field.queryset = field.queryset.filter(
                batch__claiming=Batch.Claiming.GRANTED, state=Campaign.State.RUNNING
            )
        return form

    def save_model(self, request: Any, obj: CouponGrant, form: Any, change: bool) -> None:
        made = grant_coupon(campaign_id=obj.campaign_id, asked=form.asked(), issuer=person(request))
        adopt(obj, made)


def _coupon(grant: CouponGrant) -> Coupon | None:
    """The coupon that was given, or that the shown code has become."""
    return grant.coupon or (grant.code.coupon if grant.code else None)
