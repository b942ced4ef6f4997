"""Merchants in the admin: the operator decides, the merchant keeps its own page."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
)

from kernel.http.forms import DecimalField
from kernel.plaintext import isolate
from stores.admin_actions import asked, attempt, note_of
from stores.admin_approvals import word_replaced
from stores.admin_base import TenantAdmin
from stores.admin_columns import moment, percent, state
from stores.admin_filters import DayFilter
from stores.admin_forms import TenantForm
from stores.admin_reading import plain_name
from stores.admin_rights import EDIT, desk_rights, is_operator
from stores.approval_kinds import COMMISSION
from stores.approvals import lines_of
from stores.commission_rates import MAX_COMMISSION_RATE, read_percent
from stores.kept_widget import KeptImageWidget
from stores.models import Approval, Merchant
from stores.rights import Right
from stores.services.approvals import ask
from stores.services.merchants import (
    approve_merchant,
    check_merchant,
    reinstate_merchant,
    reject_merchant,
    suspend_merchant,
    update_merchant,
)
from stores.trades import offered_trades, opened_trades

STATE_COLOURS = {
    "applied": "warning",
    "approved": "success",
    "rejected": "danger",
    "suspended": "danger",
}
STATE = state(STATE_COLOURS)
DECIDED = moment("decided_at", _("decided"))
STEPS = {
    "approve": Right.DECIDE_MERCHANTS,
    "reject": Right.DECIDE_MERCHANTS,
    "suspend": Right.SUSPEND,
    "reinstate": Right.SUSPEND,
    "change_rate": Right.SET_COMMISSION,
}
REJECTS = _("The applicant is told by e-mail, with your note.")
SUSPENDS = _(
    "The shop, its stores and products disappear at once, and nothing can be redeemed until you reinstate it."
)


def _word_asked(approval: Approval | None) -> Any:
    if approval is None:
        return _("the commission was changed")
    what = " · ".join(f"{label}: {value}" for label, value in lines_of(approval)[1:])
    waits = gettext("waits for a second person")
    return f"{what}, {waits}. {word_replaced(approval)}".strip()


def _ask_rate(merchant: Merchant, typed: str, by: Any) -> Approval | None:
    payload = {"merchant": merchant.pk, "to": str(read_percent(typed))}
    return ask(kind=COMMISSION, payload=payload, by=by)


class RateField(DecimalField):
    """A rate that is typed and shown in percent, and cleans to a share of one."""

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        rate = super().clean(value)
        if rate and rate < MAX_COMMISSION_RATE:  # 0.06 was how 6 % had to be typed before
            raise forms.ValidationError(_("Enter the commission in percent, such as 6 for 6%."))
        return None if rate is None else rate / 100

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class MerchantForm(TenantForm):
    commission_rate = RateField(
        label=_("Commission (%)"),
        help_text=_("In percent of each redeemed amount, such as 6."),
        min_value=0,
        max_value=int(MAX_COMMISSION_RATE * 100),
        max_digits=4,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    trades = forms.MultipleChoiceField(
        label=_("Trades"),
        help_text=_("Open to the merchant as soon as you approve it."),
        required=False,
        choices=offered_trades,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    class Meta:
        widgets: ClassVar = {"mark": KeptImageWidget}

    def clean_mark(self) -> Any:
        return self.clean_shrunk_picture("mark")

    def judge(self) -> None:
        check_merchant(self.instance)


def _word_state(merchant: Merchant) -> str:
    return f"{merchant.get_state_display()}."


@admin.register(Merchant)
class MerchantAdmin(TenantAdmin):
    """The operator decides from the list, or from the page after a look at the application."""

    see = Right.SEE_STORES
    edit = Right.EDIT_MERCHANT
    form = MerchantForm
    merchant_path = ""
    operator_may = EDIT
    merchant_may = EDIT
    list_display = (
        "name",
        STATE,
        "contact_phone",
        "commission_percent",
        moment("created_at", _("applied")),
    )
    empty_text = _("Businesses apply in the shop, at “Sell with us”; you decide here.")
    list_filter = ("state", ("created_at", DayFilter))
    search_fields = ("name_en", "name_zh", "slug", "contact_email", "contact_phone")
    search_help_text = _("Name, e-mail or phone")
    actions = ("approve", "reject", "suspend", "reinstate", "change_rate")
    actions_submit_line = ("approve_now", "reject_now", "suspend_now", "reinstate_now")
    fieldsets = (
        (None, {"fields": ["name_en", "name_zh", "story_en", "story_zh", "mark"]}),
        (_("Contact"), {"fields": ["contact_name", "contact_phone", "contact_email", "applicant"]}),
        (
            _("Agreement"),
            {
                "fields": [
                    STATE,
                    "trades",
                    "show_open",
                    "commission_rate",
                    "decision_note",
                    DECIDED,
                    "slug",
                ]
            },
        ),
    )

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, merchant: Merchant) -> str:
        return merchant.name

    @admin.display(description=_("commission"), ordering="commission_rate")
    def commission_percent(self, merchant: Merchant) -> str:
        return percent(merchant.commission_rate)

    def name_row(self, row: Merchant) -> str:
        text = gettext("commission now %(rate)s") % {"rate": percent(row.commission_rate)}
        return f"{row} · {text}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        fixed = ("slug", "applicant", STATE, DECIDED, "show_open", "commission_percent")
        if Right.DECIDE_MERCHANTS not in desk_rights(request):
            return (*fixed, "commission_rate", "decision_note")
        if obj is not None and obj.state != Merchant.State.APPLIED:
            return (*fixed, "commission_rate")  # two people change it: see the list's action
        return fixed

    @admin.display(description=_("open categories"))
    def show_open(self, merchant: Merchant) -> str:
        """Where the merchant can put its products; the operator changes it at the categories."""
        if merchant.state == Merchant.State.APPLIED:
            return str(_("Those ticked under Trades, as soon as you approve."))
        return ", ".join(opened_trades(merchant)) or str(
            _("None yet: the merchant can add no product. Open some under Categories.")
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Trades are chosen until the decision; the applicant is the operator's to look up."""
        fieldsets = super().get_fieldsets(request, obj)
        hidden = set() if is_operator(request) else {"applicant"}
        waiting = obj is not None and obj.state == Merchant.State.APPLIED
        rate = "commission_rate"
        if rate in self.get_readonly_fields(request, obj):
            rate = "commission_percent"
        if not (waiting and Right.DECIDE_MERCHANTS in desk_rights(request)):
            hidden.add("trades")
        return [
            (
                name,
                {
                    **options,
                    "fields": [
                        rate if plain_name(f) == "commission_rate" else f
                        for f in options["fields"]
                        if plain_name(f) not in hidden
                    ],
                },
            )
            for name, options in fieldsets
        ]

    def get_actions(self, request: HttpRequest) -> Any:
        """Each step is a right of its own, and every one the platform's."""
        rights = desk_rights(request)
        found = super().get_actions(request)
        return {name: entry for name, entry in found.items() if STEPS[name] in rights}

    def _acts(self, request: HttpRequest) -> bool:
        return bool(set(STEPS.values()) & desk_rights(request))

    def writable(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> QuerySet[Merchant]:
        """The steps are offered to the platform's people alone, with every merchant."""
        return queryset if self._acts(request) else queryset.none()

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> Any:
        """Only who may decide is offered it, and only what the state allows."""
        merchant = self.get_object(request, str(object_id))
        steps = {
            "approve_now": Merchant.State.APPLIED,
            "reject_now": Merchant.State.APPLIED,
            "suspend_now": Merchant.State.APPROVED,
            "reinstate_now": Merchant.State.SUSPENDED,
        }
        return [
            item
            for item in super().get_actions_submit_line(request, object_id)
            if steps[item.method.original_function_name] == merchant.state
            and STEPS[item.method.original_function_name.removesuffix("_now")]
            in desk_rights(request)
        ]

    def save_model(self, request: Any, obj: Merchant, form: Any, change: bool) -> None:
        update_merchant(merchant=obj, **{n: getattr(obj, n) for n in form.saved_fields()})

    def _decide(self, request: HttpRequest, merchants: Iterable[Merchant], decide: Any) -> None:
        for merchant in merchants:
            note = merchant.decision_note
            act = partial(decide, merchant_id=merchant.pk, decided_by=request.user, note=note)
            if attempt(self, request, merchant, act, done=_word_state):
                self._warn_when_closed(request, merchant)

    def _warn_when_closed(self, request: HttpRequest, merchant: Merchant) -> None:
        merchant.refresh_from_db(fields=["state"])
        if merchant.state == Merchant.State.APPROVED and not opened_trades(merchant):
            text = gettext(
                "%(merchant)s can add no product yet: no category is open to it. "
                "Choose it at a category under Categories."
            )
            self.message_user(
                request, text % {"merchant": isolate(str(merchant))}, messages.WARNING
            )

    @admin.action(description=_("Approve"))
    def approve(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, approve_merchant)

    @asked(_("Reject"), REJECTS)
    def reject(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, reject_merchant)

    @asked(_("Suspend"), SUSPENDS)
    def suspend(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, suspend_merchant)

    @asked(
        _("Change the commission"),
        _(
            "For orders placed from then on, once a second person has agreed; placed ones keep theirs."
        ),
        note=_("The new rate in percent, such as 7"),
    )
    def change_rate(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        for row in queryset:
            act = partial(_ask_rate, row, note_of(request, row), request.user)
            attempt(self, request, row, act, done=_word_asked)

    @admin.action(description=_("Reinstate"))
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Merchant]) -> None:
        self._decide(request, queryset, reinstate_merchant)

    @action(description=_("Save and approve"))
    def approve_now(self, request: HttpRequest, obj: Merchant) -> None:
        self._decide(request, [obj], approve_merchant)

    @action(description=_("Save and reject"), attrs={"data-ask": REJECTS})
    def reject_now(self, request: HttpRequest, obj: Merchant) -> None:
        self._decide(request, [obj], reject_merchant)

    @action(description=_("Save and suspend"), attrs={"data-ask": SUSPENDS})
    def suspend_now(self, request: HttpRequest, obj: Merchant) -> None:
        self._decide(request, [obj], suspend_merchant)

    @action(description=_("Save and reinstate"))
    def reinstate_now(self, request: HttpRequest, obj: Merchant) -> None:
        self._decide(request, [obj], reinstate_merchant)
