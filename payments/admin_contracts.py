"""Contracts in the admin: read by their merchant, asked for by the operator, never edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from kernel.http.forms import DecimalField
from kernel.http.templatetags.fmt import percent
from payments.approvals import BASES, CONTRACT
from payments.models import Contract
from payments.services.contracts import Terms, check_terms
from stores.admin_base import TenantAdmin, adopt
from stores.admin_columns import moment, money, plain
from stores.admin_filters import MERCHANT, DayFilter
from stores.admin_forms import TenantForm
from stores.admin_rights import VIEW
from stores.commission_rates import MAX_COMMISSION_RATE, PLACES
from stores.rights import Right
from stores.services.approvals import approvals_on, ask


class ContractForm(TenantForm):
    percent = DecimalField(
        label=_("Commission (%)"),
        help_text=_("In percent of each redeemed amount, such as 6."),
        min_value=0,
        max_value=int(MAX_COMMISSION_RATE * 100),
        max_digits=4,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )

    class Meta:
        model = Contract
        fields = ("merchant", "category", "campaign", *BASES, "starts_at", "ends_at", "fixed_fen")

    def judge(self) -> None:
        if "percent" in self.cleaned_data and self.instance.starts_at:
            self.instance.rate = (self.cleaned_data["percent"] / 100).quantize(PLACES)
            check_terms(terms_of(self.instance))


def terms_of(contract: Contract) -> Terms:
    """What a contract that is being typed is to say."""
    said = {name: getattr(contract, name) for name in Terms._fields}
    return Terms(**said)._replace(fixed_fen=contract.fixed_fen or 0)


@admin.register(Contract)
class ContractAdmin(TenantAdmin):
    """What is asked for here waits for a second person, as each change of a commission does."""

    see = Right.SEE_MONEY
    edit = Right.SET_COMMISSION
    form = ContractForm
    operator_may = frozenset({"view", "add"})
    merchant_may = VIEW
    list_display = (
        "show_what",
        "merchant",
        "show_rate",
        money("fixed_fen", _("commission per use")),
        moment("starts_at", _("begins")),
        moment("ends_at", _("ends")),
    )
    list_filter = (MERCHANT, ("starts_at", DayFilter))
    list_select_related = ("merchant", "category", "asked_by", "approved_by")
    search_fields = ("merchant__name_en", "merchant__name_zh", "campaign")
    search_help_text = _("Merchant or campaign")
    autocomplete_fields = ("merchant", "category")
    empty_text = _("Without a contract a merchant pays its usual commission.")

    def add_view(self, request: Any, form_url: str = "", extra_context: Any = None) -> Any:
        """Said before anything is typed: saving asks, and does not do."""
        said = {"title": _("Add a contract")}
        if approvals_on():
            said["intro"] = _(
                "“Save” asks a second person for this contract. It begins to count once they have agreed."
            )
        return super().add_view(request, form_url, {**(extra_context or {}), **said})

    @admin.display(description=_("for"))
    def show_what(self, contract: Contract) -> Any:
        return contract.campaign or contract.category or _("all that it sells")

    @admin.display(description=_("commission rate"), ordering="rate")
    def show_rate(self, contract: Contract) -> str:
        return percent(contract.rate, 2)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            head = ("merchant", "category", "campaign", "percent", "fixed_fen")
            return (*head, *BASES, "starts_at", "ends_at")
        people = (plain("asked_by", _("asked for by")), plain("approved_by", _("agreed to by")))
        return (*self.list_display, *BASES, *people)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj is not None else ()

    def save_model(self, request: Any, obj: Contract, form: Any, change: bool) -> None:
        said = terms_of(obj)._asdict()
        category_id = said.pop("category_id")
        payload = said | {
            "merchant": obj.merchant_id,
            "category": category_id,
            "rate": str(obj.rate),
            "starts_at": obj.starts_at.isoformat(),
            "ends_at": obj.ends_at.isoformat() if obj.ends_at else None,
        }
        request._asked = ask(kind=CONTRACT, payload=payload, by=request.user)
        if request._asked is None:
            adopt(obj, Contract.objects.filter(merchant=obj.merchant_id).latest("pk"))

    def log_addition(self, request: Any, obj: Any, message: Any) -> Any:
        """What was only asked for is written down when it is done."""
        return None if request._asked else super().log_addition(request, obj, message)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        if request._asked is None:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("The contract waits for a second person."))
        return redirect("admin:stores_approval_changelist")
